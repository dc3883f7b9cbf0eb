import type { ReconciledAccount, ReconcileInput, ReconcileResult } from '../commands/reconcile.ts'
import { type OpenedDatabase, withDatabase } from '../database/open-database.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError } from '../frame/errors.ts'
import { confirm } from '../frame/secrets.ts'
import { askAccounts } from './ask-accounts.ts'
import { chooseKeys, type ChosenKey } from './choose-keys.ts'
import { agrees, appliedText, counts, lastLine, planText } from './reconcile-text.ts'

type Done = { exitCode: 0 | 1; result: ReconcileResult; text: string }

/** Books against exchanges, asked of the workers: what differs, and with --apply what was done about it and what is left. */
export async function runReconcile(input: ReconcileInput, context: Context): Promise<Done> {
  return withDatabase(context, async (database) => {
    const keys = await chooseKeys(database.pool, input)
    const mode = input.apply ? 'APPLY' : 'PLAN'
    if (keys.length === 0)
      return {
        exitCode: 0,
        result: { mode, agree: true, accounts: [] },
        text: 'There is nothing to compare: no API key that is meant has a LIVE bot or an order.',
      }
    const planned = await plan(database, context, keys, input.timeout * 1000)
    if (!input.apply) return planOf(planned, context)
    return apply(database, context, planned, input)
  })
}

async function plan(
  database: OpenedDatabase,
  context: Context,
  keys: readonly ChosenKey[],
  timeoutMs: number,
): Promise<ReconciledAccount[]> {
  const ids = keys.map(({ id }) => id)
  const answers = await askAccounts(database, context, ids, 'PLAN', timeoutMs)
  return keys.map(({ id, label, exchange, user }) => {
    const answered = answers.get(id)
    const common = { key: { id, label }, exchange, user, acts: [], left: null }
    return answered !== undefined && 'answer' in answered
      ? { ...common, plan: answered.answer.comparison, error: null }
      : { ...common, plan: null, error: answered?.error ?? 'The worker did not answer.' }
  })
}

function planOf(accounts: ReconciledAccount[], context: Context): Done {
  checkAsked(accounts)
  const agree = accounts.every((one) => agrees(one.plan))
  const text = `${planText(accounts, context.paint)}\n\n${lastLine(accounts, false, context.paint)}`
  return { exitCode: agree ? 0 : 1, result: { mode: 'PLAN', agree, accounts }, text }
}

async function apply(
  database: OpenedDatabase,
  context: Context,
  planned: ReconciledAccount[],
  { yes, timeout }: ReconcileInput,
): Promise<Done> {
  checkAsked(planned)
  const todo = planned.filter((one) => !agrees(one.plan))
  if (todo.length === 0) {
    const { exitCode, result, text } = planOf(planned, context)
    const accounts = result.accounts.map((one) => ({ ...one, left: one.plan }))
    return { exitCode, result: { ...result, mode: 'APPLY', accounts }, text }
  }
  if (!context.json) await context.write(`${planText(planned, context.paint)}\n\n`)
  const many = todo.flatMap((one) => one.plan?.differences.filter(counts) ?? []).length
  if (
    !(await confirm(context, yes, `Settle ${many === 1 ? 'this difference' : `these ${many} differences`}?`))
  )
    return {
      exitCode: 1,
      result: { mode: 'PLAN', agree: false, accounts: planned },
      text: 'Nothing was changed.',
    }
  const ids = todo.map(({ key }) => key.id)
  const answers = await askAccounts(database, context, ids, 'APPLY', timeout * 1000)
  const accounts = planned.map((one): ReconciledAccount => {
    const answered = answers.get(one.key.id)
    if (answered === undefined) return { ...one, left: one.plan }
    if ('error' in answered) return { ...one, error: answered.error }
    return { ...one, acts: answered.answer.acts, left: answered.answer.comparison }
  })
  const agree = accounts.every((one) => agrees(one.left))
  const text = `${appliedText(accounts, context.paint)}\n\n${lastLine(accounts, true, context.paint)}`
  return { exitCode: agree ? 0 : 1, result: { mode: 'APPLY', agree, accounts }, text }
}

/** An account that nobody could ask is no agreement; where none could be asked, nothing was compared at all. */
function checkAsked(accounts: readonly ReconciledAccount[]): void {
  const failed = accounts.filter(({ error }) => error !== null)
  if (failed.length < accounts.length) return
  throw new CouldNotError('EXCHANGE_NOT_ASKED', failed.map(({ error }) => error).join('\n'), {
    hint: 'tradebotctl doctor says how the exchanges are. Nothing was changed.',
  })
}
