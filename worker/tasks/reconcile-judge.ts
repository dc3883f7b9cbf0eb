import type { TradingAccount, VenuePosition } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { type Decimal, ZERO } from '#trading/domain/money.ts'
import { shortageOf, toleranceOf } from '#trading/domain/reconcile/balance.ts'
import { correctionsOf, withCorrections } from '#trading/domain/reconcile/corrections.ts'
import { isResting } from '#trading/domain/reconcile/orders.ts'
import { differenceOf, reconcilePosition } from '#trading/domain/reconcile/position.ts'
import { reconcile } from '#trading/domain/reconcile/reconcile.ts'
import type { AssetBooks, Reconciliation } from '#trading/domain/reconcile/types.ts'
import type { Balances } from '#trading/store/balances.ts'
import { type Mark, readBooks } from '#trading/store/reconcile-books.ts'
import { readFillFacts } from '#trading/store/reconcile-fills.ts'
import type { WorkerDeps } from '../deps.ts'
import {
  type AskedMarket,
  askMarkets,
  idsOf,
  isRefusal,
  readBalances,
  type RefusedMarket,
  withTrades,
} from './reconcile-ask.ts'

export type ReconciledKey = { id: string; userId: string; exchange: string; label: string }

/**
 * Who compares. ROUTINE: the comparison that comes by itself. PERSON: somebody asked; it looks further back, at each fill, and at the books
 * against themselves. `writes` false: nothing is written, not even what the balance is.
 */
export type Look = { by: 'ROUTINE' | 'PERSON'; writes: boolean }

/** What acting on one asset needs: the books that were judged, and what they were judged by. */
export type Case = {
  deps: WorkerDeps
  key: ReconciledKey
  account: TradingAccount
  look: Look
  markets: readonly Market[]
  mark: Mark
  books: AssetBooks
}

export type Judged = Reconciliation & {
  one: Case
  asked: readonly AskedMarket[]
  /** Of the finding that says so, and how much is missing or too much. */
  subject: string
  shortage: Decimal
  /** What the account holds of the asset, or the position; signed. */
  there: Decimal
  /** Of a perpetual: the position as the exchange has it. */
  venue?: VenuePosition | null
}

/** What one asset, one perpetual, or a market that the exchange refuses came to; `mark` is of all. */
export type Judgement =
  | { kind: 'JUDGED'; judged: Judged }
  | { kind: 'FUNDINGS'; part: Part; symbol: string }
  | { kind: 'REFUSED'; refused: RefusedMarket }

export type Part = Omit<Case, 'books'>

/**
 * Judges the books of an account by what its exchange says now, asset by asset: who reads it acts on each before the next is judged, or on
 * none. @throws VenueError when the exchange could not be asked
 */
export async function* judgeAccount(
  deps: WorkerDeps,
  key: ReconciledKey,
  account: TradingAccount,
  look: Look,
  mark: Mark,
): AsyncGenerator<Judgement> {
  const { markets, asked, refused } = await askMarkets(deps, key, account, mark, look)
  const isSpot = (symbol: string) => markets.some((one) => one.symbol === symbol && one.type === 'SPOT')
  const spot: Part = {
    deps,
    key,
    account,
    look,
    mark,
    markets: markets.filter(({ type }) => type === 'SPOT'),
  }
  const coins = asked.filter(({ symbol }) => isSpot(symbol))
  const balances = await readBalances(deps, key, account, markets, look)
  for (const asset of new Set(coins.map((market) => market.base)))
    yield { kind: 'JUDGED', judged: await judgeAsset(spot, asset, coins, balances) }
  for (const perpetual of asked.filter(({ symbol }) => !isSpot(symbol))) {
    const own = { ...spot, markets: markets.filter(({ symbol }) => symbol === perpetual.symbol) }
    let judged: Judged
    try {
      judged = await judgePerpetual(own, perpetual)
    } catch (error) {
      if (!isRefusal(error)) throw error
      refused.push({ symbol: perpetual.symbol, error })
      continue
    }
    yield { kind: 'JUDGED', judged }
    yield { kind: 'FUNDINGS', part: own, symbol: perpetual.symbol }
  }
  for (const one of refused) yield { kind: 'REFUSED', refused: one }
}

async function judgeAsset(
  part: Part,
  asset: string,
  coins: readonly AskedMarket[],
  balances: Balances,
): Promise<Judged> {
  const { deps, key, account, mark, markets, look } = part
  const total = balances.get(asset)?.total ?? ZERO
  const judge = async (asked: readonly AskedMarket[]): Promise<Judged> => {
    const books = await readBooks(deps.pool, key.id, markets, asset, mark, idsOf(asked))
    const subject = `SHORTAGE ${asset}`
    const found = reconcile(books, { markets: asked, total })
    const fits = (amounts: ReadonlyMap<string, Decimal>) =>
      shortageOf(withAmounts(books, amounts), total).lte(toleranceOf(books))
    const shortage = shortageOf(books, total)
    const one = { ...part, books }
    return { ...(await corrected(one, found, asked, fits)), one, asked, subject, shortage, there: total }
  }
  const ofAsset = coins.filter((market) => market.base === asset)
  if (look.by === 'PERSON') return judge(await withTrades(account, ofAsset))
  const first = await judge(ofAsset)
  return first.balance === 'SHORT' ? judge(await withTrades(account, ofAsset)) : first
}

/** `part.markets` is the one perpetual. */
async function judgePerpetual(part: Part, perpetual: AskedMarket): Promise<Judged> {
  const { deps, key, account, mark, markets, look } = part
  const { symbol, base } = perpetual
  const venue = await account.fetchPosition(symbol)
  const judge = async (asked: readonly AskedMarket[]): Promise<Judged> => {
    const books = await readBooks(deps.pool, key.id, markets, base, mark, idsOf(asked))
    const [market] = asked
    const found = reconcilePosition(books, market ?? perpetual, venue)
    const difference = differenceOf(books, venue)
    const fits = (amounts: ReadonlyMap<string, Decimal>) =>
      differenceOf(withAmounts(books, amounts), venue).isZero()
    const one = { ...part, books }
    const judged = await corrected(one, found, asked, fits)
    const there = venue === null ? ZERO : venue.side === 'SELL' ? venue.amount.neg() : venue.amount
    return { ...judged, one, asked, subject: `POSITION ${symbol}`, shortage: difference.abs(), there, venue }
  }
  if (look.by === 'PERSON') return judge(await withTrades(account, [perpetual]))
  const first = await judge([perpetual])
  return first.balance === 'SHORT' ? judge(await withTrades(account, [perpetual])) : first
}

function withAmounts(books: AssetBooks, amounts: ReadonlyMap<string, Decimal>): AssetBooks {
  return { ...books, bots: books.bots.map((bot) => ({ ...bot, held: amounts.get(bot.id) ?? bot.held })) }
}

/**
 * What a person is told more than the routine: the books against their own fills. And less: what others did before the last comparison was
 * told then.
 */
async function corrected(
  one: Case,
  found: Reconciliation,
  asked: readonly AskedMarket[],
  fits: (amounts: ReadonlyMap<string, Decimal>) => boolean,
): Promise<Reconciliation> {
  const { deps, key, books, look, markets } = one
  if (look.by === 'ROUTINE') return found
  const news = found.findings.filter((finding) => {
    if (finding.kind !== 'FOREIGN' || isResting(finding.found)) return true
    const market = asked.find(({ symbol }) => symbol === finding.symbol)
    return market !== undefined && finding.found.createdAt >= market.since
  })
  const facts = await readFillFacts(deps.pool, key.id, books)
  const deep = asked.map((market) => ({
    ...market,
    trades: market.deepTrades,
    futures: markets.some(({ symbol, type }) => symbol === market.symbol && type === 'FUTURES'),
  }))
  return withCorrections({ ...found, findings: news }, correctionsOf(books, deep, facts, fits))
}
