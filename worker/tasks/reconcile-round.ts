import { assertNever } from '#trading/domain/assert-never.ts'
import type { TradingAccount } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { type Decimal, plain, ZERO } from '#trading/domain/money.ts'
import { shortageOf } from '#trading/domain/reconcile/balance.ts'
import { differenceOf, reconcilePosition } from '#trading/domain/reconcile/position.ts'
import { reconcile } from '#trading/domain/reconcile/reconcile.ts'
import type { AccountMarket, AssetBooks, Finding, Reconciliation } from '#trading/domain/reconcile/types.ts'
import type { Balances } from '#trading/store/balances.ts'
import { forgetShortage, saveCursors } from '#trading/store/reconcile-acts.ts'
import { type Mark, markBooks, readBooks } from '#trading/store/reconcile-books.ts'
import { noteLiquidationPrice } from '#trading/store/venue-liquidation.ts'
import type { WorkerDeps } from '../deps.ts'
import { cancelStray, pauseBots, settle, tellForeign } from './reconcile-acts.ts'
import { type AskedMarket, askMarkets, idsOf, isRefusal, readBalances, withTrades } from './reconcile-ask.ts'
import { takeOver } from './reconcile-books.ts'
import { bookManualClose } from './reconcile-closes.ts'
import { failRefused } from './reconcile-refused.ts'
import { bookFundings } from './reconcile-funding.ts'

export type ReconciledKey = { id: string; userId: string; exchange: string; label: string }

/** What acting on one asset needs: the books that were judged, and what they were judged by. */
export type Case = {
  deps: WorkerDeps
  key: ReconciledKey
  account: TradingAccount
  markets: readonly Market[]
  mark: Mark
  books: AssetBooks
}

/** What became of acting on a finding. MOVED: the books changed meanwhile, so that it was left for the next round. */
export type Act = 'DONE' | 'NOTHING' | 'MOVED' | 'LATER'

export type Round = {
  mark: Mark
  /** Something was booked: what the balance says is to be asked anew. */
  booked: boolean
  /** Shortages that nothing explains, to be seen twice before anybody is paused for them. */
  pending: Set<string>
  /** When the next round should come; null: at its usual time. Milliseconds. */
  soonMs: number | null
  outcomes: string[]
}

/** One comparison of the books of an account with what its exchange says now. @throws VenueError when the exchange could not be asked */
export async function runRound(
  deps: WorkerDeps,
  key: ReconciledKey,
  account: TradingAccount,
  confirmed: ReadonlySet<string>,
): Promise<Round> {
  const mark = await markBooks(deps.pool, key.id)
  const { markets, asked, refused } = await askMarkets(deps, key, account, mark)
  const isSpot = (symbol: string) => markets.some((one) => one.symbol === symbol && one.type === 'SPOT')
  const spot = { deps, key, account, mark, markets: markets.filter(({ type }) => type === 'SPOT') }
  const round: Round = { mark, booked: false, pending: new Set(), soonMs: null, outcomes: [] }
  const coins = asked.filter(({ symbol }) => isSpot(symbol))
  const balances = await readBalances(deps, key, account, markets)
  for (const asset of new Set(coins.map((market) => market.base)))
    await conclude(await judgeAsset(spot, asset, coins, balances), confirmed, round)
  for (const perpetual of asked.filter(({ symbol }) => !isSpot(symbol))) {
    const own = { ...spot, markets: markets.filter(({ symbol }) => symbol === perpetual.symbol) }
    try {
      await conclude(await judgePerpetual(own, perpetual), confirmed, round)
    } catch (error) {
      if (!isRefusal(error)) throw error
      refused.push({ symbol: perpetual.symbol, error })
      continue
    }
    await bookFundings({ deps, key, account }, perpetual.symbol, mark)
  }
  for (const one of refused) if (await failRefused(deps, key, one)) round.outcomes.push(one.error.kind)
  return round
}

type Judged = Reconciliation & {
  one: Case
  asked: readonly AccountMarket[]
  /** Of the finding that says so, and how much is missing or too much. */
  subject: string
  shortage: Decimal
}

async function judgeAsset(
  part: Omit<Case, 'books'>,
  asset: string,
  coins: readonly AskedMarket[],
  balances: Balances,
): Promise<Judged> {
  const { deps, key, account, mark, markets } = part
  const asked = coins.filter((market) => market.base === asset)
  const total = balances.get(asset)?.total ?? ZERO
  const judge = async (ofAsset: readonly AccountMarket[]): Promise<Judged> => {
    const books = await readBooks(deps.pool, key.id, markets, asset, mark, idsOf(ofAsset))
    const subject = `SHORTAGE ${asset}`
    const found = reconcile(books, { markets: ofAsset, total })
    return { ...found, one: { ...part, books }, asked: ofAsset, subject, shortage: shortageOf(books, total) }
  }
  const first = await judge(asked)
  return first.balance === 'SHORT' ? judge(await withTrades(account, asked)) : first
}

/** `part.markets` is the one perpetual. */
async function judgePerpetual(part: Omit<Case, 'books'>, perpetual: AskedMarket): Promise<Judged> {
  const { deps, key, account, mark, markets } = part
  const { symbol, base } = perpetual
  const held = await account.fetchPosition(symbol)
  const judge = async (asked: AccountMarket): Promise<Judged> => {
    const books = await readBooks(deps.pool, key.id, markets, base, mark, idsOf([asked]))
    const found = reconcilePosition(books, asked, held)
    const shortage = differenceOf(books, held).abs()
    return { ...found, one: { ...part, books }, asked: [asked], subject: `POSITION ${symbol}`, shortage }
  }
  const first = await judge(perpetual)
  if (first.balance === 'AGREES' && held !== null) await noteLiquidationPrice(deps.pool, key.id, symbol, held)
  if (first.balance !== 'SHORT') return first
  const [traded] = await withTrades(account, [perpetual])
  return traded === undefined ? first : judge(traded)
}

async function conclude(judged: Judged, confirmed: ReadonlySet<string>, round: Round): Promise<void> {
  const { one, asked, findings, balance, subject } = judged
  const { deps, key, mark } = one
  if (balance === 'AGREES') {
    const symbols = asked.map((market) => market.symbol)
    await saveCursors(deps.pool, key.id, symbols, mark.now)
    await forgetShortage(deps.pool, key.id, subject, null)
  } else if (balance === 'SHORT') {
    await forgetShortage(deps.pool, key.id, subject, judged.shortage)
  } else if (judged.short) hurry(round, UNSURE_AGAIN_MS)
  for (const finding of findings)
    if (finding.kind !== 'FOREIGN') await act(one, finding, asked, confirmed, round)
  for (const { symbol } of asked) {
    const foreign = findings.flatMap((each) =>
      each.kind === 'FOREIGN' && each.symbol === symbol ? [each.found] : [],
    )
    if ((await tellForeign(one, symbol, foreign)) === 'DONE') round.outcomes.push('FOREIGN')
  }
}

const UNSURE_AGAIN_MS = 5_000
const SETTLE_AGAIN_MS = 15_000
const MOVED_AGAIN_MS = 2_000
const LATER_AGAIN_MS = 1_000

type Told = Exclude<Finding, { kind: 'FOREIGN' }>

async function act(
  one: Case,
  finding: Told,
  asked: readonly AccountMarket[],
  confirmed: ReadonlySet<string>,
  round: Round,
): Promise<void> {
  if (finding.kind === 'PAUSE' && finding.amount !== null) {
    const seen = `${finding.subject} ${plain(finding.amount)}`
    if (!confirmed.has(seen)) {
      round.pending.add(seen)
      return
    }
  }
  const done = await perform(one, finding, asked)
  if (done !== 'NOTHING') round.outcomes.push(done === 'DONE' ? finding.kind : `${finding.kind} ${done}`)
  if (done === 'MOVED') hurry(round, MOVED_AGAIN_MS)
  if (done === 'LATER') hurry(round, LATER_AGAIN_MS)
  if (finding.kind === 'SETTLE' || finding.kind === 'CANCEL') hurry(round, SETTLE_AGAIN_MS)
  if (done === 'DONE' && (finding.kind === 'TAKE_OVER' || finding.kind === 'MANUAL_CLOSE'))
    round.booked = true
}

async function perform(one: Case, finding: Told, asked: readonly AccountMarket[]): Promise<Act> {
  switch (finding.kind) {
    case 'SETTLE':
      return settle(one, finding.order)
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
    default:
      return assertNever(finding)
  }
}

function hurry(round: Round, ms: number): void {
  round.soonMs = Math.min(round.soonMs ?? ms, ms)
}
