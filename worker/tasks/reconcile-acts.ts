import { NotFoundError } from '#trading/domain/errors.ts'
import type { VenueOrder } from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import { toleranceOf } from '#trading/domain/reconcile/balance.ts'
import { isResting } from '#trading/domain/reconcile/orders.ts'
import type { BookedOrder, Finding } from '#trading/domain/reconcile/types.ts'
import { lockBot } from '#trading/store/bots.ts'
import { type NewEvent, writeEvents } from '#trading/store/events.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { pauseFor, rememberForeign, settleNow } from '#trading/store/reconcile-acts.ts'
import { unchangedSince } from '#trading/store/reconcile-books.ts'
import type { Case } from './reconcile-judge.ts'
import type { Act } from './reconcile-round.ts'

/** settle_order looks it up now and books what it finds. What the routine looks up is told when it is booked, and no sooner. */
export async function settle(one: Case, order: BookedOrder, why: string): Promise<Act> {
  return inTransaction(one.deps.pool, async (tx) => {
    if (!(await settleNow(tx, order))) return 'MOVED'
    const message = `A person had the books compared: ${why}, so ${order.purpose} order ${order.id} (${order.status} in the books) is looked up at ${one.key.exchange} now.`
    if (one.look.by === 'PERSON')
      await writeEvents(tx, actorOf(one), [{ botId: order.botId, type: 'ORDER_LOOKED_UP', message }])
    return 'DONE'
  })
}

/** Cancels an order of ours that rests without anybody's knowing; what it filled until then settle_order books. */
export async function cancelStray(one: Case, order: BookedOrder, found: VenueOrder): Promise<Act> {
  const { deps, key, account } = one
  const now = await deps.pool.query<{ same: boolean }>(
    `SELECT EXISTS (SELECT FROM orders WHERE id = $1 AND status = $2::"OrderStatus" AND filled = $3) AS same`,
    [order.id, order.status, plain(order.filled)],
  )
  if (now.rows[0]?.same !== true) return 'MOVED'
  await account.cancelOrder({
    symbol: order.symbol,
    clientOrderId: order.clientOrderId,
    exchangeOrderId: found.exchangeOrderId,
  })
  await inTransaction(deps.pool, async (tx) => {
    await settleNow(tx, order)
    await writeEvents(tx, actorOf(one), [
      {
        botId: order.botId,
        type: 'STRAY_ORDER_CANCELED',
        message: `${order.purpose} order ${order.id} (${found.exchangeOrderId} at ${key.exchange}) rested at the exchange, though it is ${order.status} in the books and nothing needs it any more: it was cancelled.`,
      },
    ])
  })
  return 'DONE'
}

/** Each bot in its own transaction, and only while the books are as they were judged. */
export async function pauseBots(one: Case, finding: Extract<Finding, { kind: 'PAUSE' }>): Promise<Act> {
  const { key, markets, books, mark } = one
  let act: Act = 'NOTHING'
  for (const botId of finding.botIds) {
    const done = await withBot(one, botId, async (tx, locked) => {
      if (finding.amount !== null && !(await unchangedSince(tx, key.id, markets, books, mark))) return 'MOVED'
      const events: NewEvent[] = []
      const paused = await pauseFor(tx, locked, finding, toleranceOf(books), events)
      await writeEvents(tx, actorOf(one), events)
      return paused === 'KNOWN' ? 'NOTHING' : paused === 'LATER' ? 'LATER' : 'DONE'
    })
    if (done === 'MOVED') return 'MOVED'
    if (done === 'LATER' || act === 'NOTHING') act = done
  }
  return act
}

/** So many are told one by one; more at once, by somebody's own robot, are told together. */
const TOLD_APART = 3

/** Told once, by a bot that trades that market, and left alone. */
export async function tellForeign(one: Case, symbol: string, all: readonly VenueOrder[]): Promise<Act> {
  const { deps, key, books } = one
  const near = books.bots.filter((bot) => bot.symbol === symbol)
  const bot = near.find(({ status }) => status !== 'STOPPED') ?? near[0]
  if (bot === undefined) return 'NOTHING'
  const where = `on ${symbol} (key "${key.label}")`
  const nameOf = (found: VenueOrder) => {
    const state = isResting(found) ? 'rests' : `has filled ${plain(found.filled)}`
    return `${found.side} order ${found.exchangeOrderId} over ${plain(found.amount)} ${books.asset} ${where} ${state}`
  }
  return inTransaction(deps.pool, async (tx) => {
    const fresh: VenueOrder[] = []
    for (const found of all) if (await rememberForeign(tx, key.id, symbol, found)) fresh.push(found)
    const first = fresh[0]
    if (first === undefined) return 'NOTHING'
    const messages =
      fresh.length > TOLD_APART
        ? [
            `${fresh.length} orders ${where} are not TradeBot's and are left alone; the first: ${nameOf(first)}.`,
          ]
        : fresh.map((found) => `${nameOf(found)}; it is not TradeBot's and is left alone.`)
    await writeEvents(
      tx,
      actorOf(one),
      messages.map((message) => ({ botId: bot.id, type: 'FOREIGN_ORDER', message })),
    )
    return 'DONE'
  })
}

/** Works on a locked bot; a bot that was deleted meanwhile is nobody's concern. */
export async function withBot(
  { deps }: Case,
  botId: string,
  work: (tx: Tx, locked: Awaited<ReturnType<typeof lockBot>>) => Promise<Act>,
): Promise<Act> {
  try {
    return await inTransaction(deps.pool, async (tx) => work(tx, await lockBot(tx, botId, {})))
  } catch (error) {
    if (error instanceof NotFoundError) return 'NOTHING'
    throw error
  }
}

export function actorOf({ key }: Case): { userId: string; label: string } {
  return { userId: key.userId, label: 'worker' }
}
