import { withDatabase } from '../database/open-database.ts'
import type { Context } from '../frame/context.ts'
import type { UsersListResult } from './result-shape.ts'

/** `tradebotctl users list`, from the database. */
export async function runUsersList(
  _input: object,
  context: Context,
): Promise<{ exitCode: 0; result: UsersListResult; text: string }> {
  const users = await withDatabase(context, async ({ pool }) => {
    const { rows } = await pool.query<Row>(
      `SELECT u.id::text, u.email, u.username, u.created_at, u.halted_at,
         (SELECT count(*)::int FROM bot_configs b WHERE b.user_id = u.id AND b.deleted_at IS NULL) AS bots,
         (SELECT count(*)::int FROM sessions s WHERE s.user_id = u.id AND s.expires_at > tradebot_now()) AS sessions,
         (SELECT count(*)::int FROM api_tokens t WHERE t.user_id = u.id) AS tokens
       FROM users u ORDER BY u.id`,
    )
    return rows.map((row) => ({
      id: row.id,
      email: row.email,
      username: row.username,
      createdAt: row.created_at.toISOString(),
      haltedAt: row.halted_at?.toISOString() ?? null,
      bots: row.bots,
      sessions: row.sessions,
      apiTokens: row.tokens,
    }))
  })
  return { exitCode: 0, result: { users }, text: textOf(users) }
}

type Row = {
  id: string
  email: string
  username: string
  created_at: Date
  halted_at: Date | null
  bots: number
  sessions: number
  tokens: number
}

function textOf(users: UsersListResult['users']): string {
  if (users.length === 0) return 'Nobody has signed up yet: the first account is made in the browser.'
  const head = ['ID', 'EMAIL', 'NAME', 'SINCE', 'BOTS', 'SIGN-INS', 'TOKENS', 'TRADING']
  const lines = users.map((user) => [
    user.id,
    user.email,
    user.username,
    user.createdAt.slice(0, 10),
    String(user.bots),
    String(user.sessions),
    String(user.apiTokens),
    user.haltedAt === null ? 'allowed' : `halted since ${user.haltedAt}`,
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  )
  const align = (line: string[]) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [head, ...lines].map(align).join('\n')
}
