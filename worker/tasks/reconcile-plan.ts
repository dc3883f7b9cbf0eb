import { setTimeout as sleep } from 'node:timers/promises'
import type { TradingAccount } from '#trading/domain/exchange.ts'
import { plain, ZERO } from '#trading/domain/money.ts'
import { toleranceOf } from '#trading/domain/reconcile/balance.ts'
import type { Finding } from '#trading/domain/reconcile/types.ts'
import type { Comparison, Difference } from '#trading/jobs/reconcile-answer.ts'
import { botsThatKnow, knownForeign } from '#trading/store/reconcile-acts.ts'
import { type Mark, markBooks } from '#trading/store/reconcile-books.ts'
import type { WorkerDeps } from '../deps.ts'
import { missingFundings } from './reconcile-funding.ts'
import { judgeAccount, type Judged, type Part, type ReconciledKey } from './reconcile-judge.ts'
import { failsForRefusal } from './reconcile-refused.ts'
import { named } from './reconcile-named.ts'
import { inWords, nothing } from './reconcile-words.ts'

/** What nothing explains is looked at twice, and what is on its way gets some moments to arrive. */
const MOST_LOOKS = 4
/** An order that is being sent gets this long to be answered, before it is told as one in doubt. Milliseconds. */
const SENDING_MS = 3_000
const POLL_MS = 100

/** What differs now, with nothing written. @throws VenueError when the exchange could not be asked */
export async function planAccount(
  deps: WorkerDeps,
  key: ReconciledKey,
  account: TradingAccount,
): Promise<Comparison> {
  let before: ReadonlySet<string> = new Set()
  for (let look = 1; ; look += 1) {
    const { comparison, unconfirmed, sending } = await lookOnce(deps, key, account, before)
    const seen = [...unconfirmed].every((subject) => before.has(subject))
    if (look === MOST_LOOKS || (seen && comparison.undecided.length === 0)) return comparison
    before = unconfirmed
    await sleep(deps.env.timing.settleSkewMs)
    await waitForAnswers(deps, sending)
  }
}

/** Until the orders' senders have written what they were answered. */
async function waitForAnswers(deps: WorkerDeps, orderIds: readonly string[]): Promise<void> {
  const end = performance.now() + SENDING_MS
  while (orderIds.length > 0 && performance.now() < end) {
    const { rows } = await deps.pool.query<{ sending: boolean }>(
      `SELECT EXISTS (SELECT FROM orders WHERE id = ANY($1::bigint[]) AND status = 'SUBMITTING') AS sending`,
      [orderIds],
    )
    if (rows[0]?.sending !== true) return
    await sleep(POLL_MS)
  }
}

const sentAs = (orderId: string) => `SENDING ${orderId}`

type LookOnce = {
  comparison: Comparison
  unconfirmed: Set<string>
  /** Orders that were not being sent at the look before: told of at the next one, if they still are. */
  sending: string[]
}

async function lookOnce(
  deps: WorkerDeps,
  key: ReconciledKey,
  account: TradingAccount,
  before: ReadonlySet<string>,
): Promise<LookOnce> {
  const mark = await markBooks(deps.pool, key.id)
  const comparison: Comparison = { differences: [], undecided: [] }
  const unconfirmed = new Set<string>()
  const sending: string[] = []
  for await (const each of judgeAccount(deps, key, account, { by: 'PERSON', writes: false }, mark)) {
    if (each.kind === 'FUNDINGS')
      comparison.differences.push(...(await fundingsOf(each.part, each.symbol, mark)))
    if (each.kind === 'REFUSED')
      comparison.differences.push(...(await failsForRefusal(deps, key, each.refused)))
    if (each.kind !== 'JUDGED') continue
    for (const finding of each.judged.findings) {
      if (finding.kind === 'SETTLE' && finding.order.status === 'SUBMITTING') {
        const { id } = finding.order
        unconfirmed.add(sentAs(id))
        if (!before.has(sentAs(id))) {
          sending.push(id)
          continue
        }
      }
      comparison.differences.push(await differenceOf(each.judged, finding))
      if (finding.kind === 'PAUSE' && finding.amount !== null)
        unconfirmed.add(`${finding.subject} ${plain(finding.amount)}`)
    }
    const doubtful = inDoubt(each.judged)
    if (each.judged.balance === 'UNSURE' && (each.judged.short || doubtful.length > 0))
      comparison.undecided.push(undecidedOf(each.judged, doubtful))
  }
  return { comparison, unconfirmed, sending }
}

function undecidedOf(
  { one, shortage, findings }: Judged,
  doubtful: readonly string[],
): Comparison['undecided'][number] {
  const why =
    doubtful.length > 0
      ? `${doubtful.length === 1 ? 'Order' : 'Orders'} ${doubtful.join(', ')} ${doubtful.length === 1 ? 'is' : 'are'} in doubt, and TradeBot looks for what became of it. If it stays so, look at ${one.key.exchange} and settle it among the bot's orders (resolveOrder).`
      : findings.length > 0
        ? 'What that means is known once the orders above are settled: compare again then.'
        : 'Orders are on their way, so the balance proves nothing yet: compare again in a moment.'
  return { asset: one.books.asset, short: plain(shortage.gt(ZERO) ? shortage : ZERO), why }
}

/** Orders that nobody knows the outcome of, and that no finding speaks of. */
function inDoubt({ one, findings }: Judged): string[] {
  const told = new Set(findings.flatMap((finding) => ('order' in finding ? [finding.order.id] : [])))
  const doubtful = one.books.orders.filter(
    ({ id, status, moved }) => status === 'UNKNOWN' && !moved && !told.has(id),
  )
  return doubtful.map(({ id }) => id)
}

/** A finding as a person is told of it. */
export async function differenceOf(judged: Judged, finding: Finding): Promise<Difference> {
  const { deps } = judged.one
  const known = await isKnown(judged, finding)
  const worded = inWords(judged, finding)
  return {
    ...(await named(deps.pool, worded)),
    state: known ? 'KNOWN' : 'NEW',
    ...(known &&
      finding.kind === 'FOREIGN' && { settledBy: 'NOBODY' as const, how: 'It was told, and is left alone.' }),
    ...(known &&
      finding.kind === 'PAUSE' && {
        how: 'The bots were told, or paused for it, and it waits for a person: do what the sentence above says, or stop a bot with KEEP, then resume.',
      }),
  }
}

async function isKnown(judged: Judged, finding: Finding): Promise<boolean> {
  const { deps, key, books } = judged.one
  if (finding.kind === 'FOREIGN')
    return (await knownForeign(deps.pool, key.id, finding.symbol)).has(finding.found.exchangeOrderId)
  if (finding.kind !== 'PAUSE') return false
  const know = await botsThatKnow(deps.pool, finding.botIds, finding, toleranceOf(books))
  return finding.botIds.every((id) => know.has(id))
}

async function fundingsOf(part: Part, symbol: string, mark: Mark): Promise<Difference[]> {
  const missing = await missingFundings(part, symbol, mark)
  return Promise.all(
    missing.map(({ botId, payment }) =>
      named(part.deps.pool, {
        ...nothing(symbol, [botId], payment.currency),
        kind: 'MISSING_FUNDING',
        ...{ books: '0', exchange: plain(payment.amount), difference: plain(payment.amount) },
        what: `${part.key.exchange} ${payment.amount.isNegative() ? 'charged' : 'paid'} ${plain(payment.amount.abs())} ${payment.currency} for holding the position at ${payment.at.toISOString()} (${payment.id}), which the books miss.`,
        how: '--apply books it.',
      }),
    ),
  )
}
