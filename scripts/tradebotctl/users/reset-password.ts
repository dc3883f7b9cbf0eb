import { hashPassword } from '#trading/config/passwords.ts'
import { findAccount, passwordIssues, replacePassword } from '#trading/store/accounts.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withDatabase } from '../database/open-database.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, UsageError } from '../frame/errors.ts'
import { readSecret } from '../frame/secrets.ts'
import type { ResetPasswordResult } from './result-shape.ts'

export type ResetInput = {
  email: string
  passwordFile?: string | undefined
  revokeTokens?: boolean | undefined
}

/** `tradebotctl users reset-password`, through the database: it works while the server is down, and while it runs. */
export async function runResetPassword(
  input: ResetInput,
  context: Context,
): Promise<{ exitCode: 0; result: ResetPasswordResult; text: string }> {
  const email = input.email.trim().toLowerCase()
  const result = await withDatabase(context, async ({ pool }) => {
    const account = await findAccount(pool, email)
    if (account === null)
      throw new CouldNotError('USER_UNKNOWN', `Nobody has signed up as ${email}.`, {
        hint: 'See who has: tradebotctl users list',
      })
    const passwordHash = await hashPassword(await newPassword(input, context))
    return inTransaction(pool, async (tx) => {
      const sessionsEnded = await replacePassword(tx, account.id, passwordHash)
      const revoked = input.revokeTokens
        ? await tx.query('DELETE FROM api_tokens WHERE user_id = $1', [account.id])
        : { rowCount: 0 }
      const { rows } = await tx.query<{ left: number }>(
        'SELECT count(*)::int AS left FROM api_tokens WHERE user_id = $1',
        [account.id],
      )
      return {
        userId: account.id,
        email,
        sessionsEnded,
        apiTokensRevoked: revoked.rowCount ?? 0,
        apiTokensLeft: rows[0]?.left ?? 0,
      }
    })
  })
  return { exitCode: 0, result, text: textOf(result) }
}

async function newPassword({ passwordFile }: ResetInput, context: Context): Promise<string> {
  const password = await readSecret(context, passwordFile, '--password-file', 'The new password')
  const [issue] = passwordIssues(password)
  if (issue !== undefined) throw new UsageError(`The new ${issue.message}`)
  if (passwordFile === undefined && (await readSecret(context, undefined, '', 'The same again')) !== password)
    throw new UsageError('The two passwords are not the same.')
  return password
}

function textOf({ email, sessionsEnded, apiTokensRevoked, apiTokensLeft }: ResetPasswordResult): string {
  const revoked = apiTokensRevoked === 0 ? [] : [`${apiTokensRevoked} API tokens were revoked.`]
  const left =
    apiTokensLeft === 0 ? [] : [`${apiTokensLeft} API tokens still hold; --revoke-tokens ends them too.`]
  return [`The password of ${email} is changed; ${sessionsEnded} sign-ins ended.`, ...revoked, ...left].join(
    '\n',
  )
}
