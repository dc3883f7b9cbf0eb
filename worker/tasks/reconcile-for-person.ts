import { setTimeout as sleep } from 'node:timers/promises'
import { type TradingAccount, VenueError } from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import type { Finding } from '#trading/domain/reconcile/types.ts'
import { type ActDone, type ReconcileAnswer, reconcileQuestion } from '#trading/jobs/reconcile-answer.ts'
import { answerRequest, readQuestion } from '#trading/store/worker-requests.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { hintSoon } from '../hints.ts'
import { readKey } from './reconcile-account.ts'
import type { Judged, ReconciledKey } from './reconcile-judge.ts'
import { differenceOf, planAccount } from './reconcile-plan.ts'
import { type Act, noteRound, runRound } from './reconcile-round.ts'
import { unprotectedAmong, waitForStops } from './reconcile-protection.ts'

/** What was asked to be looked up, and the stops that follow, get this long. Milliseconds. */
const PATIENCE_MS = 30_000
/** The exchange is asked again when the books have moved, or after this: a comparison costs it more than a look. Milliseconds. */
const TURN_MS = 3_000
const POLL_MS = 200

/**
 * Compares the books of an account for a person: PLAN says what differs and writes nothing but the answer; APPLY settles it by the acts of the
 * routine comparison, and says what is left. May run twice, and beside the routine: each act is one transaction that looks at the books again.
 */
export const reconcileForPerson: TaskHandler<'reconcile_for_person'> = async ({ requestId }, deps) => {
  const question = await readQuestion(deps.pool, 'RECONCILE', requestId)
  if (question === null) return 'Skipped (answered or withdrawn)'
  const { apiKeyId, mode } = reconcileQuestion.parse(question)
  const key = await readKey(deps, apiKeyId)
  if (key === null) {
    await answerRequest(deps.pool, requestId, { error: `There is no API key ${apiKeyId}.` })
    return 'Skipped (no key)'
  }
  try {
    const account = await deps.accounts.forKey(key.id)
    const asked = async () => (await readQuestion(deps.pool, 'RECONCILE', requestId)) !== null
    const answer =
      mode === 'PLAN'
        ? { acts: [], comparison: await planAccount(deps, key, account) }
        : await applyAccount(deps, key, account, asked)
    await answerRequest(deps.pool, requestId, { answer })
    const { length } = answer.comparison.differences
    return `${mode}: ${length} ${length === 1 ? 'difference' : 'differences'}`
  } catch (error) {
    const told = error instanceof VenueError ? error.message : 'The worker failed; its log says why.'
    await answerRequest(deps.pool, requestId, { error: `${key.exchange} (key "${key.label}"): ${told}` })
    if (!(error instanceof VenueError)) throw error
    return `Failed (${error.kind})`
  }
}

type Seen = { judged: Judged; finding: Finding; act: Act }

async function applyAccount(
  deps: WorkerDeps,
  key: ReconciledKey,
  account: TradingAccount,
  asked: () => Promise<boolean>,
): Promise<ReconcileAnswer> {
  const end = performance.now() + PATIENCE_MS
  const seen: Seen[] = []
  const lookedUp = new Set<string>()
  let confirmed: ReadonlySet<string> = new Set()
  while (performance.now() < end && (await asked())) {
    let waiting = false
    const round = await runRound(
      deps,
      key,
      account,
      confirmed,
      { by: 'PERSON', writes: true },
      {
        // settle_order is on it; asked for again, each look that finds nothing would count.
        wants: (finding) => {
          const again = finding.kind === 'SETTLE' && lookedUp.has(seenAs(finding.order))
          waiting ||= again
          return !again
        },
        saw: (judged, finding, act) => {
          if (finding.kind === 'SETTLE') lookedUp.add(seenAs(finding.order))
          seen.push({ judged, finding, act })
        },
      },
    )
    await noteRound(deps, key, round)
    if (round.pending.size > 0) await sleep(deps.env.timing.settleSkewMs)
    else if (waiting || round.soonMs !== null) await waitForLooks(deps, lookedUp, end)
    else if (!round.booked) break
    confirmed = round.pending
  }
  const acts = await Promise.all(lastOfEach(seen).map(toldAct))
  await waitForStops(deps, botsWithout(seen), end)
  hintSoon(deps, key.userId)
  const comparison = await planAccount(deps, key, account)
  const unprotected = await unprotectedAmong(deps, key, botsWithout(seen))
  return { acts, comparison: { ...comparison, differences: [...comparison.differences, ...unprotected] } }
}

/** Until settle_order has booked what it was asked to look up, for a turn at most. */
async function waitForLooks(deps: WorkerDeps, lookedUp: ReadonlySet<string>, end: number): Promise<void> {
  const until = Math.min(performance.now() + TURN_MS, end)
  do {
    await sleep(POLL_MS)
    const { rows } = await deps.pool.query<{ waits: boolean }>(
      `SELECT EXISTS (SELECT FROM orders WHERE id::text || ' ' || status || ' ' || trim_scale(filled) = ANY($1::text[])
         AND next_settle_at IS NOT NULL) AS waits`,
      [[...lookedUp]],
    )
    if (rows[0]?.waits !== true) return
  } while (performance.now() < until)
}

/** What moved in one round was mostly done in the next; what was known all the time is nothing done. */
function lastOfEach(seen: readonly Seen[]): Seen[] {
  const last = new Map<string, Seen>()
  for (const one of seen) if (one.act !== 'NOTHING') last.set(subjectOf(one.finding), one)
  return [...last.values()]
}

function subjectOf(finding: Finding): string {
  if ('order' in finding) return `${finding.kind} ${finding.order.id}`
  if ('found' in finding) return `${finding.kind} ${finding.symbol} ${finding.found.exchangeOrderId}`
  return 'subject' in finding ? finding.subject : `${finding.kind} ${finding.symbol} ${finding.botId}`
}

function seenAs(order: Extract<Finding, { kind: 'SETTLE' }>['order']): string {
  return `${order.id} ${order.status} ${plain(order.filled)}`
}

/** The bots whose stop was not what the books said: they are to have one again. */
function botsWithout(seen: readonly { finding: Finding }[]): string[] {
  const ids = seen.flatMap(({ finding }) =>
    (finding.kind === 'SETTLE' || finding.kind === 'CANCEL') && finding.order.purpose === 'PROTECTIVE_STOP'
      ? [finding.order.botId]
      : [],
  )
  return [...new Set(ids)]
}

async function toldAct({ judged, finding, act }: Seen): Promise<ActDone> {
  const { kind, symbol, bots, what } = await differenceOf(judged, finding)
  return { kind, symbol, bots, outcome: act, what }
}
