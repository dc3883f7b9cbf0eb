import { type TradingAccount, VenueError, type VenueFill, type Wallet } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import type { AccountMarket } from '#trading/domain/reconcile/types.ts'
import { walletOf } from '#trading/domain/venues.ts'
import { type Balances, saveBalances } from '#trading/store/balances.ts'
import { findMarket } from '#trading/store/known-markets.ts'
import { readCursors } from '#trading/store/reconcile-acts.ts'
import { type Mark, wantedSymbols } from '#trading/store/reconcile-books.ts'
import { inTransaction } from '#trading/store/pool.ts'
import type { WorkerDeps } from '../deps.ts'
import type { Look, ReconciledKey } from './reconcile-judge.ts'

/** Our clock and the venue's may differ by so much, and lists may be a moment behind. Milliseconds. */
const OVERLAP_MS = 60_000
/** How far back the first look at a market goes at most. */
const FIRST_LOOK_MS = 7 * 86_400_000
const DAY_MS = 86_400_000

/** `deepSince`: a person's look lists orders and trades from further back, and compares none but our own with them. */
export type AskedMarket = AccountMarket & {
  since: Date
  deepSince: Date
  deepTrades: readonly VenueFill[]
}
export type RefusedMarket = { symbol: string; error: VenueError }

/** What a person must change, and what concerns one perpetual alone: the rest of the account is compared all the same. */
export function isRefusal(error: unknown): error is VenueError {
  return error instanceof VenueError && (error.kind === 'KEY_REFUSED' || error.kind === 'REFUSED')
}

export type Asked = {
  markets: Market[]
  asked: AskedMarket[]
  /** Perpetuals that the exchange speaks of to nobody with this key: it is a key for spot alone. */
  refused: RefusedMarket[]
}

/** Trades are asked for only where something is to be explained: they cost as much as all the rest. */
export async function withTrades(
  account: TradingAccount,
  asked: readonly AskedMarket[],
): Promise<AskedMarket[]> {
  const markets: AskedMarket[] = []
  for (const market of asked) {
    const deepTrades = await account.fetchTrades(market.symbol, market.deepSince)
    const trades = deepTrades.filter(({ executedAt }) => executedAt >= market.since)
    markets.push({ ...market, trades, deepTrades })
  }
  return markets
}

/** Open orders first, all orders after: an order that ended in between is seen to have ended. */
export async function askMarkets(
  deps: WorkerDeps,
  key: ReconciledKey,
  account: TradingAccount,
  mark: Mark,
  look: Look,
): Promise<Asked> {
  const cursors = await readCursors(deps.pool, key.id)
  const result: Asked = { markets: [], asked: [], refused: [] }
  for (const symbol of await wantedSymbols(deps.pool, key.id, mark)) {
    const market = await findMarket(deps.pool, key.exchange, symbol)
    if (market === null) continue
    const since = await sinceOf(deps, key.id, symbol, cursors.get(symbol), mark)
    const deepSince = look.by === 'PERSON' ? await deepSinceOf(deps, key.id, symbol, since, mark) : since
    try {
      const open = await account.fetchOpenOrders(symbol)
      const orders = await account.fetchOrders(symbol, deepSince)
      const firstLook = !cursors.has(symbol)
      result.markets.push(market)
      result.asked.push({
        ...{ symbol, base: market.base, firstLook, open, orders, since, deepSince },
        ...{ trades: [], deepTrades: [] },
      })
    } catch (error) {
      if (market.type === 'FUTURES' && isRefusal(error)) {
        result.refused.push({ symbol, error })
        continue
      }
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

/** A day, and as long as a position that is open has been so, but not for ever. */
async function deepSinceOf(
  deps: WorkerDeps,
  apiKeyId: string,
  symbol: string,
  since: Date,
  mark: Mark,
): Promise<Date> {
  const { rows } = await deps.pool.query<{ opened: Date | null }>(
    `SELECT min(p.opened_at) AS opened FROM positions p JOIN bot_configs c ON c.id = p.bot_id
     WHERE c.api_key_id = $1 AND c.symbol = $2 AND c.mode = 'LIVE' AND p.closed_at IS NULL`,
    [apiKeyId, symbol],
  )
  const now = mark.now.getTime()
  const opened = (rows[0]?.opened?.getTime() ?? now) - OVERLAP_MS
  const deep = Math.max(Math.min(opened, now - DAY_MS), now - FIRST_LOOK_MS)
  return new Date(Math.min(since.getTime(), deep))
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

/** What the account's wallets hold, those that its markets are paid from; answers the spot wallet's. */
export async function readBalances(
  deps: WorkerDeps,
  { id: apiKeyId, exchange }: ReconciledKey,
  account: TradingAccount,
  markets: readonly Market[],
  look: Look,
): Promise<Balances> {
  const wallets = new Set<Wallet>(['SPOT', ...markets.map(({ type }) => walletOf(exchange, type))])
  const read = new Map<Wallet, Balances>()
  for (const wallet of wallets) {
    const { rows } = await deps.pool.query<{ now: Date }>('SELECT tradebot_now() AS now')
    const readAt = rows[0]?.now
    if (readAt === undefined) throw new Error('SELECT gave no row')
    const balances = await account.fetchBalance(wallet)
    if (look.writes)
      await inTransaction(deps.pool, (tx) => saveBalances(tx, apiKeyId, wallet, balances, readAt))
    read.set(wallet, balances)
  }
  return read.get('SPOT') ?? new Map()
}

export function idsOf(markets: readonly AccountMarket[]): string[] {
  return markets.flatMap(({ open, orders, trades }) => [
    ...[...open, ...orders].flatMap((order) => [order.exchangeOrderId, order.clientOrderId ?? '']),
    ...trades.map((trade) => trade.exchangeOrderId),
  ])
}
