import { VenueError, type VenueFill } from '#trading/domain/exchange.ts'
import { type Decimal, decimal } from '#trading/domain/money.ts'
import type { Order } from '#trading/domain/order.ts'
import type { FeePrices } from '#trading/domain/position.ts'
import { findMarket } from '#trading/store/known-markets.ts'
import type { WorkerDeps } from '../deps.ts'

type Deps = Pick<WorkerDeps, 'pool' | 'venues' | 'logger'>
type Quoted = Pick<Order, 'exchange' | 'symbol'>

/** A fee is a thousandth of what was traded: a minute makes no difference to its value, and a run of fills asks once. */
const KEPT_MS = 60_000

/**
 * What the currencies in which these fills paid fees are worth in the order's quote currency, where they are neither its base nor its quote
 * (BNB at Binance): from the venue's own market of the two, either way round. A currency without such a market, or whose price cannot be
 * read now, is left out. Asks the network: call it before the transaction that books the fills.
 */
export async function feePrices(
  deps: Deps,
  order: Quoted,
  fills: readonly Pick<VenueFill, 'fee' | 'feeCurrency'>[],
): Promise<FeePrices> {
  const [base = '', quote = ''] = (order.symbol.split(':')[0] ?? '').split('/')
  const currencies = new Set(fills.filter((fill) => !fill.fee.isZero()).map((fill) => fill.feeCurrency))
  const prices = new Map<string, Decimal>()
  for (const currency of currencies) {
    if (currency === base || currency === quote) continue
    const direct = await priceOf(deps, order.exchange, `${currency}/${quote}`)
    const inverse = direct === null ? await priceOf(deps, order.exchange, `${quote}/${currency}`) : null
    const price = direct ?? (inverse === null ? null : decimal(1).div(inverse))
    if (price !== null) prices.set(currency, price)
  }
  return prices
}

const kept = new WeakMap<WorkerDeps['venues'], Map<string, { price: Decimal; at: number }>>()

async function priceOf(deps: Deps, exchange: string, symbol: string): Promise<Decimal | null> {
  const known = kept.get(deps.venues) ?? new Map<string, { price: Decimal; at: number }>()
  kept.set(deps.venues, known)
  const key = `${exchange} ${symbol}`
  const last = known.get(key)
  if (last !== undefined && performance.now() - last.at < KEPT_MS) return last.price
  if ((await findMarket(deps.pool, exchange, symbol)) === null) return null
  try {
    const price = (await deps.venues.marketData(exchange).fetchCandles(symbol, '1m', 1)).at(-1)?.close
    if (price === undefined || !price.gt(0)) return null
    known.set(key, { price, at: performance.now() })
    return price
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    deps.logger.warn({ exchange, symbol, err: error }, 'the price of a fee currency could not be read')
    return null
  }
}
