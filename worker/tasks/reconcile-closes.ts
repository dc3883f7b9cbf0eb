import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { type Decimal, plain, ZERO } from '#trading/domain/money.ts'
import type { Order } from '#trading/domain/order.ts'
import type { Position } from '#trading/domain/position.ts'
import { listOf } from '#trading/domain/reconcile/orders.ts'
import type { AccountMarket, ForeignClose } from '#trading/domain/reconcile/types.ts'
import { opposite } from '#trading/domain/sides.ts'
import { bookEvidence } from '#trading/store/booking.ts'
import { type LockedBot, loadSurroundings } from '#trading/store/bots.ts'
import { writeEvents } from '#trading/store/events.ts'
import { noteLiquidation } from '#trading/store/liquidation.ts'
import type { Tx } from '#trading/store/pool.ts'
import { type FoundOrder, insertFound, unbookedFills } from '#trading/store/reconcile-acts.ts'
import { unchangedSince } from '#trading/store/reconcile-books.ts'
import { feePrices } from './fee-prices.ts'
import { actorOf, withBot } from './reconcile-acts.ts'
import type { Case } from './reconcile-judge.ts'
import type { Act } from './reconcile-round.ts'

/**
 * Orders that none of us sent (a person's hand, or the venue's liquidation), whose fills are exactly what the account lacks of a bot's position,
 * become the bot's: its position is as the exchange has it.
 */
export async function bookManualClose(
  one: Case,
  botId: string,
  asked: AccountMarket,
  closes: readonly ForeignClose[],
): Promise<Act> {
  const { deps, key, markets, mark, books } = one
  const market = markets.find(({ symbol }) => symbol === asked.symbol)
  if (market === undefined) return 'NOTHING'
  const all = closes.flatMap((close) => close.fills)
  const prices = await feePrices(deps, { exchange: key.exchange, symbol: asked.symbol }, all)
  return withBot(one, botId, async (tx, locked) => {
    if (!(await unchangedSince(tx, key.id, markets, books, mark))) return 'MOVED'
    const { position } = await loadSurroundings(tx, botId)
    if (position === null) return 'MOVED'
    const account = { apiKeyId: key.id, exchange: key.exchange, symbol: asked.symbol }
    const fresh = await unbookedFills(tx, account, all)
    if (fresh.length !== all.length) return 'MOVED'
    for (const close of inOrder(closes)) {
      const found = listOf(asked).get(close.exchangeOrderId)
      const row = await insertFound(tx, locked, position.id, orderOf(account, position, close, found))
      if (row === null) throw new Error(`order ${close.exchangeOrderId} of ${asked.symbol} is booked already`)
      const status = row.status === 'CANCELED' || row.status === 'EXPIRED' ? row.status : 'FILLED'
      const { exchangeOrderId, fills } = close
      await bookEvidence(tx, locked, row, market, { status, exchangeOrderId, fills: [...fills], prices })
      if (close.liquidation) await noteLiquidation(tx, locked, position, market, averageOf(close.fills))
      else await tellClosed(tx, one, locked, row, market, close)
    }
    return 'DONE'
  })
}

async function tellClosed(
  tx: Tx,
  one: Case,
  { bot }: LockedBot,
  row: Order,
  market: Market,
  close: ForeignClose,
): Promise<void> {
  const were = row.side === 'SELL' ? 'sold' : 'bought'
  await writeEvents(tx, actorOf(one), [
    {
      botId: bot.id,
      type: 'MANUAL_CLOSE',
      message: `Closed by hand at the exchange: ${plain(amountOf(close.fills))} ${market.base} were ${were} by order ${close.exchangeOrderId}, which is not TradeBot's. It is booked as order ${row.id}.`,
    },
  ])
}

/** As far as it is booked: of an order that also sold coins of the person's own, earlier, that part alone. */
function orderOf(
  account: { apiKeyId: string; symbol: string },
  position: Position,
  close: ForeignClose,
  found: VenueOrder | undefined,
): FoundOrder {
  const gone = amountOf(close.fills)
  const whole = found !== undefined && found.filled.eq(gone)
  return {
    origin: close.liquidation ? 'LIQUIDATION' : 'MANUAL',
    // Not the person's own client id: that is unique within their account only.
    clientOrderId: `manual-${account.apiKeyId}-${account.symbol}-${close.exchangeOrderId}`,
    exchangeOrderId: close.exchangeOrderId,
    side: opposite(position.side),
    purpose: 'CLOSE',
    type: 'OTHER',
    status: whole ? found.status : 'FILLED',
    amount: whole ? found.amount : gone,
    price: found?.price ?? null,
    stopPrice: found?.stopPrice ?? null,
    referencePrice: close.fills[0]?.price ?? ZERO,
    reduceOnly: position.futures !== undefined,
    reason: close.liquidation
      ? 'The margin was used up: the exchange liquidated the position'
      : 'closed by hand at the exchange',
    at: firstOf(close),
  }
}

function inOrder(closes: readonly ForeignClose[]): ForeignClose[] {
  return closes.toSorted((a, b) => firstOf(a).getTime() - firstOf(b).getTime())
}

function firstOf(close: ForeignClose): Date {
  return close.fills[0]?.executedAt ?? new Date(0)
}

function amountOf(fills: readonly VenueFill[]): Decimal {
  return fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO)
}

function averageOf(fills: readonly VenueFill[]): Decimal {
  return fills.reduce((sum, fill) => sum.plus(fill.amount.times(fill.price)), ZERO).div(amountOf(fills))
}
