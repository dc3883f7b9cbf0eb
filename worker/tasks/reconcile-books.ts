import type { VenueOrder } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { type Decimal, plain, ZERO } from '#trading/domain/money.ts'
import { isSettled, type OrderPurpose, type OrderType } from '#trading/domain/order.ts'
import type { Position } from '#trading/domain/position.ts'
import { bookEvidence } from '#trading/store/booking.ts'
import { type LockedBot, loadSurroundings } from '#trading/store/bots.ts'
import { writeEvents } from '#trading/store/events.ts'
import type { Tx } from '#trading/store/pool.ts'
import { movedBy } from '#trading/domain/reconcile/corrections.ts'
import { insertFound } from '#trading/store/reconcile-acts.ts'
import { recordFills } from '#trading/store/reconcile-corrections.ts'
import { readHoldings } from '#trading/store/reconcile-fills.ts'
import { feePrices } from './fee-prices.ts'
import { evidenceOf } from './order-context.ts'
import { actorOf, withBot } from './reconcile-acts.ts'
import type { Case } from './reconcile-judge.ts'
import type { Act } from './reconcile-round.ts'

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
    const terms = termsOf(order, around.position, market)
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
    const held = await holdsAlready(tx, one, locked, around.position, market, evidence)
    if (held) await recordFills(tx, row, market, fills, prices)
    else await bookEvidence(tx, locked, row, market, evidence)
    await writeEvents(tx, actorOf(one), [
      {
        botId,
        type: 'ORDER_TAKEN_OVER',
        message: `${order.side} order ${exchangeOrderId} over ${plain(order.amount)} ${market.base} is TradeBot's, but was missing in the books: it was taken over as order ${row.id} (${order.status}, ${plain(order.filled)} filled).${held ? ' What it filled was in the position already.' : ''}`,
      },
    ])
    return 'DONE'
  })
  // The bot has such an order already: this one is of no use, and is taken over once it is seen to have ended.
  if (inTheWay) await account.cancelOrder({ symbol, clientOrderId, exchangeOrderId })
  return act
}

/**
 * Only the rows of the order were lost, and the position is as the order left it: booked once more, it would be doubled. Proven where the bot's
 * fills come to what it holds exactly with the order's, and not without.
 */
async function holdsAlready(
  tx: Tx,
  { key, books }: Case,
  { bot, state }: LockedBot,
  position: Position | null,
  market: Market,
  { status, fills }: ReturnType<typeof evidenceOf>,
): Promise<boolean> {
  const spot = market.type === 'SPOT'
  const amount = position?.amount ?? ZERO
  const has = spot ? amount.plus(state.dustAmount) : position?.side === 'SELL' ? amount.neg() : amount
  const brought = movedBy(fills, market.base, !spot)
  if (!isSettled(status) || has.isZero() || brought.isZero()) return false
  const byFills = (await readHoldings(tx, key.id, books.asset, [bot.id])).get(bot.id)
  return byFills !== null && has.eq((byFills ?? ZERO).plus(brought))
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

type Terms = {
  purpose: OrderPurpose
  type: OrderType
  price: Decimal | null
  stopPrice: Decimal | null
  reduceOnly: boolean
}

/**
 * What we send. Spot: entries buy, a sell with a trigger is a protective stop, any other sell an exit. Perpetuals: an order with a trigger is a
 * protective stop, one against the position an exit, any other an entry.
 */
function termsOf(
  { side, price, stopPrice }: VenueOrder,
  position: Pick<Position, 'side'> | null,
  { type }: Pick<Market, 'type'>,
): Terms {
  const futures = type === 'FUTURES'
  const stops = stopPrice !== null && (futures || (side === 'SELL' && price !== null))
  if (stops) {
    const kind = futures ? 'STOP_MARKET' : 'STOP_LIMIT'
    return { purpose: 'PROTECTIVE_STOP', type: kind, price, stopPrice, reduceOnly: futures }
  }
  const enters = futures ? position === null || position.side === side : side === 'BUY'
  if (enters) {
    const kind = price === null ? 'MARKET' : 'LIMIT_IOC'
    return { purpose: 'ENTRY', type: kind, price, stopPrice, reduceOnly: false }
  }
  const kind = price === null ? 'MARKET' : 'OTHER'
  return { purpose: 'EXIT', type: kind, price, stopPrice, reduceOnly: futures }
}

function marketOf({ markets }: Case, symbol: string): Market | undefined {
  return markets.find((market) => market.symbol === symbol)
}
