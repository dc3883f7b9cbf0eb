import type { Comparison, Difference } from '#trading/jobs/reconcile-answer.ts'
import type { ReconciledAccount } from '../commands/reconcile.ts'
import type { Paint } from '../frame/paint.ts'

/** Foreign orders that were told are left alone: nobody has to do anything. */
export function counts({ state, kind }: Difference): boolean {
  return !(kind === 'FOREIGN_ORDER' && state === 'KNOWN')
}

export function agrees(comparison: Comparison | null): boolean {
  return comparison !== null && !comparison.differences.some(counts) && comparison.undecided.length === 0
}

/** Every account and what differs there. */
export function planText(accounts: readonly ReconciledAccount[], paint: Paint): string {
  return accounts.map((one) => accountText(one, one.plan, paint)).join('\n\n')
}

/** What was done, and what is left. */
export function appliedText(accounts: readonly ReconciledAccount[], paint: Paint): string {
  return accounts
    .map((one) => {
      const done = one.acts.map(
        ({ kind, outcome, what }) =>
          `  ${outcome === 'DONE' ? paint.good('done') : outcome}  ${kind}  ${what}`,
      )
      const acts = done.length === 0 ? ['  nothing was done'] : done
      const left = accountText(one, one.left, paint, 'left: ')
      return [`${paint.strong(titleOf(one))}`, ...acts, ...left.split('\n').slice(1)].join('\n')
    })
    .join('\n\n')
}

/** The last line: what it comes to. */
export function lastLine(accounts: readonly ReconciledAccount[], after: boolean, paint: Paint): string {
  const failed = accounts.filter(({ error }) => error !== null)
  if (failed.length > 0)
    return paint.bad(`${failed.length} of ${accounts.length} accounts could not be compared.`)
  const differences = accounts
    .flatMap((one) => (after ? one.left : one.plan)?.differences ?? [])
    .filter(counts)
  if (accounts.every((one) => agrees(after ? one.left : one.plan)))
    return paint.good('Books and exchanges agree.')
  if (differences.length === 0) return paint.warn('It is not certain yet that books and exchanges agree.')
  const many = differences.length === 1 ? '1 difference' : `${differences.length} differences`
  const machine = differences.filter(({ settledBy }) => settledBy === 'APPLY').length
  if (after) return paint.warn(`${many} left; what is to be done stands with each.`)
  const rest = differences.length - machine
  const settles = machine > 0 ? `tradebotctl reconcile --apply settles ${machine}` : ''
  const asks = rest > 0 ? `${rest} ${rest === 1 ? 'waits' : 'wait'} for a person` : ''
  return paint.warn(`${many}: ${[settles, asks].filter(Boolean).join('; ')}.`)
}

function accountText(
  one: ReconciledAccount,
  comparison: Comparison | null,
  paint: Paint,
  prefix = '',
): string {
  const lines = [paint.strong(titleOf(one))]
  if (one.error !== null) lines.push(`  ${paint.bad(one.error)}`)
  if (comparison === null) return lines.join('\n')
  for (const difference of comparison.differences) lines.push(...differenceLines(difference, prefix, paint))
  for (const { asset, short, why } of comparison.undecided)
    lines.push(
      `  ${prefix}${paint.warn('UNDECIDED')}  ${short === '0' ? asset : `the account looks short of ${short} ${asset}`}. ${why}`,
    )
  if (lines.length === 1) lines.push(`  ${prefix}${paint.good('agrees')}`)
  return lines.join('\n')
}

function titleOf({ key, exchange, user }: ReconciledAccount): string {
  return `${exchange}, key ${key.id} "${key.label}" of ${user}`
}

function differenceLines(one: Difference, prefix: string, paint: Paint): string[] {
  const bots = one.bots.map(({ id, name }) => `bot ${id} "${name}"`).join(', ')
  const state = one.state === 'KNOWN' ? paint.faint(' (known)') : ''
  const lines = [
    `  ${prefix}${paint.warn(one.kind)}${state}  ${one.symbol}${bots === '' ? '' : `  ${bots}`}`,
    `      ${one.what}`,
  ]
  const figures = [
    one.books === null ? '' : `books ${one.books}`,
    one.exchange === null ? '' : `exchange ${one.exchange}`,
    one.difference === null ? '' : `difference ${one.difference}`,
  ].filter(Boolean)
  if (figures.length > 0) lines.push(`      ${figures.join(', ')} ${one.asset}`)
  const evidence = [
    one.orderId === null ? '' : `order ${one.orderId}`,
    one.exchangeOrderId === null ? '' : `at the exchange ${one.exchangeOrderId}`,
    one.clientOrderId === null ? '' : `client id ${one.clientOrderId}`,
  ].filter(Boolean)
  if (evidence.length > 0) lines.push(paint.faint(`      ${evidence.join(', ')}`))
  for (const fill of one.fills.slice(0, MOST_FILLS))
    lines.push(
      paint.faint(`      trade ${fill.tradeId}: ${fill.side} ${fill.amount} at ${fill.price}, ${fill.at}`),
    )
  if (one.fills.length > MOST_FILLS)
    lines.push(paint.faint(`      and ${one.fills.length - MOST_FILLS} more trades (--json has them all)`))
  lines.push(`      ${one.how}`)
  return lines
}

const MOST_FILLS = 5
