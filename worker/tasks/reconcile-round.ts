import { assertNever } from '#trading/domain/assert-never.ts'
import type { TradingAccount } from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import type { Finding } from '#trading/domain/reconcile/types.ts'
import { forgetShortage, saveCursors } from '#trading/store/reconcile-acts.ts'
import { type Mark, markBooks } from '#trading/store/reconcile-books.ts'
import { noteReconciled, reconcileWithin } from '#trading/store/reconcile-schedule.ts'
import { noteRestoredCompared, restoredGate } from '#trading/store/restored.ts'
import { noteLiquidationPrice } from '#trading/store/venue-liquidation.ts'
import type { WorkerDeps } from '../deps.ts'
import { cancelStray, pauseBots, settle, tellForeign } from './reconcile-acts.ts'
import { takeOver } from './reconcile-books.ts'
import { bookManualClose } from './reconcile-closes.ts'
import { correctOrder, correctPosition, restoreFills } from './reconcile-corrections.ts'
import { failRefused } from './reconcile-refused.ts'
import { bookFundings } from './reconcile-funding.ts'
import { judgeAccount, type Judged, type Look, type ReconciledKey } from './reconcile-judge.ts'

/** What became of acting on a finding. MOVED: the books changed meanwhile, so that it was left for the next round. */
export type Act = 'DONE' | 'NOTHING' | 'MOVED' | 'LATER'

export type Round = {
  mark: Mark
  /** Something was booked: what the balance says is to be asked anew. */
  booked: boolean
  /** Shortages that nothing explains, to be seen twice before anybody is paused for them. */
  pending: Set<string>
  /** Something on its way, a move of the books or a market that is refused could still explain or hide a difference. */
  unsure: boolean
  /** When the next round should come; null: at its usual time. Milliseconds. */
  soonMs: number | null
  outcomes: string[]
}

/** Who is told of each act, as it is done. */
export type Witness = {
  /** False: it is left out this time. */
  wants: (finding: Finding) => boolean
  saw: (judged: Judged, finding: Finding, act: Act) => void
}

/**
 * One comparison of the books of an account with what its exchange says now, acting on what differs. @throws VenueError when the exchange could
 * not be asked
 */
export async function runRound(
  deps: WorkerDeps,
  key: ReconciledKey,
  account: TradingAccount,
  confirmed: ReadonlySet<string>,
  look: Look = { by: 'ROUTINE', writes: true },
  witness: Witness = UNWITNESSED,
): Promise<Round> {
  const mark = await markBooks(deps.pool, key.id)
  const round: Round = { mark, booked: false, pending: new Set(), unsure: false, soonMs: null, outcomes: [] }
  for await (const each of judgeAccount(deps, key, account, look, mark)) {
    switch (each.kind) {
      case 'JUDGED':
        await conclude(each.judged, confirmed, round, witness)
        break
      case 'FUNDINGS':
        await bookFundings(each.part, each.symbol, mark)
        break
      case 'REFUSED':
        round.unsure = true
        if (await failRefused(deps, key, each.refused)) round.outcomes.push(each.refused.error.kind)
        break
      default:
        assertNever(each)
    }
  }
  return round
}

/** When the account was compared, and when it is compared again. */
export async function noteRound(
  { pool, env }: WorkerDeps,
  key: ReconciledKey,
  { mark, unsure, booked, pending, soonMs }: Round,
): Promise<void> {
  const proven = !unsure && !booked && pending.size === 0
  await noteReconciled(pool, key.id, mark.now, env.timing.reconcileMs)
  await noteRestoredCompared(pool, key.id, mark.now, proven)
  const again = (await restoredGate(pool, key.id)) === 'UNPROVEN' ? UNPROVEN_AGAIN_MS : null
  const soonest = [soonMs, again].filter((ms) => ms !== null)
  if (soonest.length > 0) await reconcileWithin(pool, key.id, Math.min(...soonest))
}

const UNWITNESSED: Witness = { wants: () => true, saw: () => undefined }

async function conclude(
  judged: Judged,
  confirmed: ReadonlySet<string>,
  round: Round,
  witness: Witness,
): Promise<void> {
  const { one, asked, findings, balance, subject, venue } = judged
  const { deps, key, mark } = one
  if (balance === 'UNSURE') round.unsure = true
  if (balance === 'AGREES') {
    if (venue != null && asked[0] !== undefined)
      await noteLiquidationPrice(deps.pool, key.id, asked[0].symbol, venue)
    const symbols = asked.map((market) => market.symbol)
    await saveCursors(deps.pool, key.id, symbols, mark.now)
    await forgetShortage(deps.pool, key.id, subject, null)
  } else if (balance === 'SHORT') {
    await forgetShortage(deps.pool, key.id, subject, judged.shortage)
  } else if (judged.short) hurry(round, UNSURE_AGAIN_MS)
  for (const { symbol } of one.look.by === 'PERSON' ? asked : []) {
    const subject = `BOOKS ${symbol}`
    if (!findings.some((finding) => finding.kind === 'PAUSE' && finding.subject === subject))
      await forgetShortage(deps.pool, key.id, subject, null)
  }
  for (const finding of findings)
    if (finding.kind !== 'FOREIGN' && witness.wants(finding))
      await act(judged, finding, confirmed, round, witness)
  for (const { symbol } of asked) {
    const foreign = findings.filter(
      (each): each is Foreign => each.kind === 'FOREIGN' && each.symbol === symbol,
    )
    const found = foreign.map((each) => each.found)
    const done = await tellForeign(one, symbol, found)
    if (done === 'DONE') round.outcomes.push('FOREIGN')
    for (const finding of foreign) witness.saw(judged, finding, done)
  }
}

const UNSURE_AGAIN_MS = 5_000
const SETTLE_AGAIN_MS = 15_000
const MOVED_AGAIN_MS = 2_000
const LATER_AGAIN_MS = 1_000
const UNPROVEN_AGAIN_MS = 15_000

type Foreign = Extract<Finding, { kind: 'FOREIGN' }>
type Told = Exclude<Finding, Foreign>

async function act(
  judged: Judged,
  finding: Told,
  confirmed: ReadonlySet<string>,
  round: Round,
  witness: Witness,
): Promise<void> {
  if (finding.kind === 'PAUSE' && finding.amount !== null) {
    const seen = `${finding.subject} ${plain(finding.amount)}`
    if (!confirmed.has(seen)) {
      round.pending.add(seen)
      return
    }
  }
  const done = await perform(judged, finding)
  witness.saw(judged, finding, done)
  if (done !== 'NOTHING') round.outcomes.push(done === 'DONE' ? finding.kind : `${finding.kind} ${done}`)
  if (done === 'MOVED') hurry(round, MOVED_AGAIN_MS)
  if (done === 'LATER') hurry(round, LATER_AGAIN_MS)
  if (finding.kind === 'SETTLE' || finding.kind === 'CANCEL') hurry(round, SETTLE_AGAIN_MS)
  if (done === 'DONE' && BOOKS[finding.kind]) round.booked = true
  // LATER is none: a bot that is starting has nothing to send yet, and is paused once it runs.
  if (done === 'MOVED') round.unsure = true
}

/** Acts after which the books are others, so that what the balance says is to be judged anew. */
const BOOKS: Record<Told['kind'], boolean> = {
  SETTLE: false,
  CANCEL: false,
  PAUSE: false,
  TAKE_OVER: true,
  MANUAL_CLOSE: true,
  RECOUNT_ORDER: true,
  RESTORE_FILLS: true,
  RECOUNT_POSITION: true,
}

async function perform({ one, asked }: Judged, finding: Told): Promise<Act> {
  switch (finding.kind) {
    case 'SETTLE':
      return settle(one, finding.order, finding.why)
    case 'CANCEL':
      return cancelStray(one, finding.order, finding.found)
    case 'TAKE_OVER':
      return takeOver(one, finding.botId, finding.symbol, finding.found)
    case 'MANUAL_CLOSE': {
      const market = asked.find((each) => each.symbol === finding.symbol)
      return market === undefined ? 'NOTHING' : bookManualClose(one, finding.botId, market, finding.closes)
    }
    case 'PAUSE':
      return pauseBots(one, finding)
    case 'RECOUNT_ORDER':
      return correctOrder(one, finding)
    case 'RESTORE_FILLS':
      return restoreFills(one, finding)
    case 'RECOUNT_POSITION':
      return correctPosition(one, finding)
    default:
      return assertNever(finding)
  }
}

function hurry(round: Round, ms: number): void {
  round.soonMs = Math.min(round.soonMs ?? ms, ms)
}
