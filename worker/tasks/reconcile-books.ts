import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { type Decimal, plain, ZERO } from '#trading/domain/money.ts'
import { isSettled, type Order, type OrderPurpose, type OrderType } from '#trading/domain/order.ts'
import { listOf } from '#trading/domain/reconcile/orders.ts'
import type { AccountMarket, ForeignSell } from '#trading/domain/reconcile/types.ts'
import { bookEvidence } from '#trading/store/booking.ts'
import { type LockedBot, loadSurroundings } from '#trading/store/bots.ts'
import { writeEvents } from '#trading/store/events.ts'
import type { Tx } from '#trading/store/pool.ts'
import { type FoundOrder, insertFound, unbookedFills } from '#trading/store/reconcile-acts.ts'
import { unchangedSince } from '#trading/store/reconcile-books.ts'
import { feePrices } from './fee-prices.ts'
import { evidenceOf } from './order-context.ts'
import { actorOf, withBot } from './reconcile-acts.ts'
import type { Act, Case } from './reconcile-round.ts'

/** An order of ours that the books miss (a database was restored) becomes the bot's, with each of its fills, as the exchange tells them. */
export async function takeOver(one: Case, botId: string, symbol: string, found: VenueOrder): Promise<Act> {
  const { deps, key, account } = one
  const { clientOrderId, exchangeOrderId, createdAt } = found
  const market = marketOf(one, symbol)
  if (clientOrderId === null || market === undefined) return 'NOTHING'
  const look = await account.findOrder({ symbol, clientOrderId, exchangeOrderId, since: createdAt })
  if (!look.found) return 'MOVED'
  const { order, fills } = look
  const prices = await feePrices(deps, { exchange: key.exchange, symbol }, fills)
  const evidence = evidenceOf(order, fills, prices)
  let inTheWay = false
  const act = await withBot(one, botId, async (tx, locked) => {
    if (!(await isAlone(tx, one, locked, found))) return 'MOVED'
    const around = await loadSurroundings(tx, botId)
    const terms = termsOf(order)
    const slot = terms.purpose === 'PROTECTIVE_STOP' ? around.stop : around.unsettled
    if (slot !== null && !isSettled(evidence.status)) {
      inTheWay = slot.clientOrderId !== clientOrderId
      return 'MOVED'
    }
    const row = await insertFound(tx, locked, around.position?.id ?? null, {
      ...terms,
      origin: 'TAKEN_OVER',
      clientOrderId,
      exchangeOrderId,
      side: order.side,
      status: evidence.status,
      amount: order.amount,
      referencePrice: order.averagePrice ?? order.price ?? order.stopPrice ?? locked.state.lastPrice ?? ZERO,
      reason: 'found at the exchange, missing in the books',
      at: order.createdAt,
    })
    if (row === null) return 'NOTHING'
    await bookEvidence(tx, locked, row, market, evidence)
    await writeEvents(tx, actorOf(one), [
      {
        botId,
        type: 'ORDER_TAKEN_OVER',
        message: `${order.side} order ${exchangeOrderId} over ${plain(order.amount)} ${market.base} is TradeBot's, but was missing in the books: it was taken over as order ${row.id} (${order.status}, ${plain(order.filled)} filled).`,
      },
    ])
    return 'DONE'
  })
  // The bot has such an order already: this one is of no use, and is taken over once it is seen to have ended.
  if (inTheWay) await account.cancelOrder({ symbol, clientOrderId, exchangeOrderId })
  return act
}

/** Sells by a person's hand, which are exactly what the account lacks, become the bot's: its position is as the exchange has it. */
export async function bookManualClose(
  one: Case,
  botId: string,
  asked: AccountMarket,
  sells: readonly ForeignSell[],
): Promise<Act> {
  const { deps, key, markets, mark, books } = one
  const market = marketOf(one, asked.symbol)
  if (market === undefined) return 'NOTHING'
  const all = sells.flatMap((sell) => sell.fills)
  const prices = await feePrices(deps, { exchange: key.exchange, symbol: asked.symbol }, all)
  return withBot(one, botId, async (tx, locked) => {
    if (!(await unchangedSince(tx, key.id, markets, books, mark))) return 'MOVED'
    const { position } = await loadSurroundings(tx, botId)
    if (position === null) return 'MOVED'
    const fresh = await unbookedFills(
      tx,
      { apiKeyId: key.id, exchange: key.exchange, symbol: asked.symbol },
      all,
    )
    if (fresh.length !== all.length) return 'MOVED'
    for (const sell of inOrder(sells)) {
      const found = listOf(asked).get(sell.exchangeOrderId)
      const row = await insertFound(tx, locked, position.id, manualOrder(key.id, asked.symbol, sell, found))
      if (row === null) throw new Error(`order ${sell.exchangeOrderId} of ${asked.symbol} is booked already`)
      await bookEvidence(tx, locked, row, market, evidenceOfSell(sell, row, prices))
      await tellClosed(tx, one, locked, row, market, sell)
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
  sell: ForeignSell,
): Promise<void> {
  await writeEvents(tx, actorOf(one), [
    {
      botId: bot.id,
      type: 'MANUAL_CLOSE',
      message: `Closed by hand at the exchange: ${plain(amountOf(sell.fills))} ${market.base} were sold by order ${sell.exchangeOrderId}, which is not TradeBot's. It is booked as order ${row.id}.`,
    },
  ])
}

/** As far as it is booked: of an order that also sold coins of the person's own, earlier, that part alone. */
function manualOrder(
  apiKeyId: string,
  symbol: string,
  sell: ForeignSell,
  found: VenueOrder | undefined,
): FoundOrder {
  const sold = amountOf(sell.fills)
  const whole = found !== undefined && found.filled.eq(sold)
  return {
    origin: 'MANUAL',
    // Not the person's own client id: that is unique within their account only.
    clientOrderId: `manual-${apiKeyId}-${symbol}-${sell.exchangeOrderId}`,
    exchangeOrderId: sell.exchangeOrderId,
    side: 'SELL',
    purpose: 'CLOSE',
    type: 'OTHER',
    status: whole ? found.status : 'FILLED',
    amount: whole ? found.amount : sold,
    price: found?.price ?? null,
    stopPrice: found?.stopPrice ?? null,
    referencePrice: sell.fills[0]?.price ?? ZERO,
    reason: 'closed by hand at the exchange',
    at: firstOf(sell),
  }
}

function evidenceOfSell(sell: ForeignSell, row: Order, prices: Awaited<ReturnType<typeof feePrices>>) {
  const status = row.status === 'CANCELED' || row.status === 'EXPIRED' ? row.status : ('FILLED' as const)
  return { status, exchangeOrderId: sell.exchangeOrderId, fills: [...sell.fills], prices }
}

/** A bot that was made, or changed its key, meanwhile could have sent it too. */
async function isAlone(tx: Tx, one: Case, { bot }: LockedBot, found: VenueOrder): Promise<boolean> {
  if (bot.apiKeyId !== one.key.id || bot.mode !== 'LIVE') return false
  const { rows } = await tx.query<{ senders: number }>(
    `SELECT count(*)::int AS senders FROM bot_configs
     WHERE api_key_id = $1 AND symbol = $2 AND mode = 'LIVE' AND deleted_at IS NULL AND created_at <= $3`,
    [one.key.id, bot.symbol, found.createdAt],
  )
  return rows[0]?.senders === 1
}

type Terms = { purpose: OrderPurpose; type: OrderType; price: Decimal | null; stopPrice: Decimal | null }

/** What we send: entries buy, a sell with a trigger is a protective stop, any other sell an exit. */
function termsOf({ side, price, stopPrice }: VenueOrder): Terms {
  if (side === 'BUY')
    return { purpose: 'ENTRY', type: price === null ? 'MARKET' : 'LIMIT_IOC', price, stopPrice }
  if (price !== null && stopPrice !== null)
    return { purpose: 'PROTECTIVE_STOP', type: 'STOP_LIMIT', price, stopPrice }
  return { purpose: 'EXIT', type: price === null ? 'MARKET' : 'OTHER', price, stopPrice }
}

function marketOf({ markets }: Case, symbol: string): Market | undefined {
  return markets.find((market) => market.symbol === symbol)
}

function inOrder(sells: readonly ForeignSell[]): ForeignSell[] {
  return sells.toSorted((a, b) => firstOf(a).getTime() - firstOf(b).getTime())
}

function firstOf(sell: ForeignSell): Date {
  return sell.fills[0]?.executedAt ?? new Date(0)
}

function amountOf(fills: readonly VenueFill[]): Decimal {
  return fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO)
}
