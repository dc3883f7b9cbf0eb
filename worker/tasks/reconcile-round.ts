import { assertNever } from '#trading/domain/assert-never.ts'
import { type TradingAccount, VenueError } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { plain, ZERO } from '#trading/domain/money.ts'
import { shortageOf } from '#trading/domain/reconcile/balance.ts'
import { reconcile } from '#trading/domain/reconcile/reconcile.ts'
import type { AccountMarket, AssetBooks, Finding } from '#trading/domain/reconcile/types.ts'
import { type Balances, saveBalances } from '#trading/store/balances.ts'
import { findMarket } from '#trading/store/known-markets.ts'
import { forgetShortage, readCursors, saveCursors } from '#trading/store/reconcile-acts.ts'
import { type Mark, markBooks, readBooks, wantedSymbols } from '#trading/store/reconcile-books.ts'
import { inTransaction } from '#trading/store/pool.ts'
import type { WorkerDeps } from '../deps.ts'
import { cancelStray, pauseBots, settle, tellForeign } from './reconcile-acts.ts'
import { bookManualClose, takeOver } from './reconcile-books.ts'

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

/** Our clock and the venue's may differ by so much, and lists may be a moment behind. Milliseconds. */
const OVERLAP_MS = 60_000
/** How far back the first look at a market goes at most. */
const FIRST_LOOK_MS = 7 * 86_400_000

/** One comparison of the books of an account with what its exchange says now. @throws VenueError when the exchange could not be asked */
export async function runRound(
  deps: WorkerDeps,
  key: ReconciledKey,
  account: TradingAccount,
  confirmed: ReadonlySet<string>,
): Promise<Round> {
  const mark = await markBooks(deps.pool, key.id)
  const { markets, asked } = await askMarkets(deps, key, account, mark)
  const balances = await readBalances(deps, key.id, account)
  const round: Round = { mark, booked: false, pending: new Set(), soonMs: null, outcomes: [] }
  for (const asset of new Set(asked.map((market) => market.base))) {
    const total = balances.get(asset)?.total ?? ZERO
    const judge = async (ofAsset: readonly AccountMarket[]) => {
      const books = await readBooks(deps.pool, key.id, markets, asset, mark, idsOf(ofAsset))
      return { ofAsset, books, ...reconcile(books, { markets: ofAsset, total }) }
    }
    const first = await judge(asked.filter((market) => market.base === asset))
    // Trades are asked for only where something is to be explained: they cost as much as all the rest.
    const { ofAsset, books, findings, balance, short } =
      first.balance === 'SHORT' ? await judge(await withTrades(account, asked, asset)) : first
    const subject = `SHORTAGE ${asset}`
    if (balance === 'AGREES') {
      const symbols = ofAsset.map((market) => market.symbol)
      await saveCursors(deps.pool, key.id, symbols, mark.now)
      await forgetShortage(deps.pool, key.id, subject, null)
    } else if (balance === 'SHORT') {
      await forgetShortage(deps.pool, key.id, subject, shortageOf(books, total))
    } else if (short) hurry(round, UNSURE_AGAIN_MS)
    const one: Case = { deps, key, account, markets, mark, books }
    for (const finding of findings)
      if (finding.kind !== 'FOREIGN') await act(one, finding, ofAsset, confirmed, round)
    for (const { symbol } of ofAsset) {
      const foreign = findings.flatMap((each) =>
        each.kind === 'FOREIGN' && each.symbol === symbol ? [each.found] : [],
      )
      if ((await tellForeign(one, symbol, foreign)) === 'DONE') round.outcomes.push('FOREIGN')
    }
  }
  return round
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
      return market === undefined ? 'NOTHING' : bookManualClose(one, finding.botId, market, finding.sells)
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

type AskedMarket = AccountMarket & { since: Date }
type Asked = { markets: Market[]; asked: AskedMarket[] }

async function withTrades(
  account: TradingAccount,
  asked: readonly AskedMarket[],
  asset: string,
): Promise<AccountMarket[]> {
  const markets: AccountMarket[] = []
  for (const market of asked.filter(({ base }) => base === asset))
    markets.push({ ...market, trades: await account.fetchTrades(market.symbol, market.since) })
  return markets
}

/** Open orders first, all orders after: an order that ended in between is seen to have ended. */
async function askMarkets(
  deps: WorkerDeps,
  key: ReconciledKey,
  account: TradingAccount,
  mark: Mark,
): Promise<Asked> {
  const cursors = await readCursors(deps.pool, key.id)
  const result: Asked = { markets: [], asked: [] }
  for (const symbol of await wantedSymbols(deps.pool, key.id, mark)) {
    const market = await findMarket(deps.pool, key.exchange, symbol)
    if (market === null) continue
    result.markets.push(market)
    const since = await sinceOf(deps, key.id, symbol, cursors.get(symbol), mark)
    try {
      const open = await account.fetchOpenOrders(symbol)
      const orders = await account.fetchOrders(symbol, since)
      const firstLook = !cursors.has(symbol)
      result.asked.push({ symbol, base: market.base, firstLook, open, orders, trades: [], since })
    } catch (error) {
      // A market that is gone is told by its bots; the others are compared all the same.
      if (!(error instanceof VenueError) || error.kind !== 'MARKET_GONE') throw error
      deps.logger.warn({ apiKeyId: key.id, symbol, err: error }, 'a market could not be compared')
    }
  }
  return result
}

/** Since the last time that both sides agreed; further back where an order that was sent may still turn up. */
async function sinceOf(
  deps: WorkerDeps,
  apiKeyId: string,
  symbol: string,
  cursor: Date | undefined,
  mark: Mark,
): Promise<Date> {
  const times = [...mark.orders.values()]
    .filter((order) => order.symbol === symbol)
    .map((order) => (order.submittedAt ?? mark.now).getTime())
  times.push(cursor?.getTime() ?? (await firstLookFrom(deps, apiKeyId, symbol, mark)))
  return new Date(Math.min(...times) - OVERLAP_MS)
}

async function firstLookFrom(
  deps: WorkerDeps,
  apiKeyId: string,
  symbol: string,
  mark: Mark,
): Promise<number> {
  const { rows } = await deps.pool.query<{ since: Date | null }>(
    `SELECT min(created_at) AS since FROM bot_configs WHERE api_key_id = $1 AND symbol = $2 AND mode = 'LIVE' AND deleted_at IS NULL`,
    [apiKeyId, symbol],
  )
  const born = rows[0]?.since?.getTime() ?? mark.now.getTime()
  return Math.max(born, mark.now.getTime() - FIRST_LOOK_MS)
}

async function readBalances(deps: WorkerDeps, apiKeyId: string, account: TradingAccount): Promise<Balances> {
  const { rows } = await deps.pool.query<{ now: Date }>('SELECT tradebot_now() AS now')
  const readAt = rows[0]?.now
  if (readAt === undefined) throw new Error('SELECT gave no row')
  const balances = await account.fetchBalance('SPOT')
  await inTransaction(deps.pool, (tx) => saveBalances(tx, apiKeyId, 'SPOT', balances, readAt))
  return balances
}

function idsOf(markets: readonly AccountMarket[]): string[] {
  return markets.flatMap(({ open, orders, trades }) => [
    ...[...open, ...orders].flatMap((order) => [order.exchangeOrderId, order.clientOrderId ?? '']),
    ...trades.map((trade) => trade.exchangeOrderId),
  ])
}
