import { plain, ZERO } from '#trading/domain/money.ts'
import { movedBy } from '#trading/domain/reconcile/corrections.ts'
import type { Correction } from '#trading/domain/reconcile/types.ts'
import { loadSurroundings, lockBot } from '#trading/store/bots.ts'
import { writeEvents } from '#trading/store/events.ts'
import { lockOrder } from '#trading/store/orders.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import {
  recordFills,
  recountOrder,
  recountPosition,
  withoutOrderGuard,
} from '#trading/store/reconcile-corrections.ts'
import { unchangedSince } from '#trading/store/reconcile-books.ts'
import { readFillFacts, readHoldings } from '#trading/store/reconcile-fills.ts'
import { feePrices } from './fee-prices.ts'
import { actorOf, withBot } from './reconcile-acts.ts'
import type { Case } from './reconcile-judge.ts'
import type { Act } from './reconcile-round.ts'

type Of<Kind extends Correction['kind']> = Extract<Correction, { kind: Kind }>

/** The order's amount is what its fills say, and the exchange. */
export async function correctOrder(one: Case, { order, filled }: Of<'RECOUNT_ORDER'>): Promise<Act> {
  const correct = async (tx: Tx): Promise<Act> => {
    await lockBot(tx, order.botId, { nowait: true, deletedToo: true })
    if (!(await recountOrder(tx, order, filled))) return 'MOVED'
    await writeEvents(tx, actorOf(one), [
      {
        botId: order.botId,
        type: 'ORDER_RECOUNTED',
        message: `The books had ${plain(order.filled)} of order ${order.id} filled, its fills and ${one.key.exchange} say ${plain(filled)}: that is what the books have now.`,
      },
    ])
    return 'DONE'
  }
  try {
    return await inTransaction(one.deps.pool, (tx) =>
      filled.lt(order.filled) ? withoutOrderGuard(tx, () => correct(tx)) : correct(tx),
    )
  } catch (error) {
    if (isLockTimeout(error)) return 'MOVED'
    throw error
  }
}

/** Somebody else is at it just now. */
function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03'
}

/** Rows of fills were lost; what they did to the position was not. */
export async function restoreFills(one: Case, { order, fills }: Of<'RESTORE_FILLS'>): Promise<Act> {
  const { deps, key, books } = one
  const market = one.markets.find(({ symbol }) => symbol === order.symbol)
  if (market === undefined) return 'NOTHING'
  const prices = await feePrices(deps, { exchange: key.exchange, symbol: order.symbol }, fills)
  return withBot(one, order.botId, async (tx, locked) => {
    const row = await lockOrder(tx, order.id)
    const bot = books.bots.find(({ id }) => id === order.botId)
    if (bot === undefined || row.status !== order.status || !row.filled.eq(order.filled)) return 'MOVED'
    // What was judged is judged again under the lock: with these fills, the books' fills must come to what the bot holds.
    const { bots } = await readFillFacts(tx, key.id, { ...books, orders: [], bots: [bot] })
    const byFills = bots.get(bot.id)
    const { position } = await loadSurroundings(tx, bot.id)
    if (byFills === null) return 'MOVED'
    const spot = market.type === 'SPOT'
    const held = position === null ? ZERO : position.amount
    const has = spot ? held.plus(locked.state.dustAmount) : position?.side === 'SELL' ? held.neg() : held
    const gone = has.minus(byFills ?? ZERO)
    const brought = movedBy(fills, market.base, !spot)
    // Several orders may have lost fills: each brings a part of what is missing.
    if (gone.isZero() || gone.isNegative() !== brought.isNegative() || brought.abs().gt(gone.abs()))
      return 'MOVED'
    const written = await recordFills(tx, row, market, fills, prices)
    if (written !== fills.length) throw new Error(`fills of order ${order.id} came back meanwhile`)
    await writeEvents(tx, actorOf(one), [
      {
        botId: order.botId,
        type: 'FILLS_RESTORED',
        message: `${fills.length} of the fills of order ${order.id} were missing in the books and are restored from ${key.exchange} (${fills.map(({ tradeId }) => tradeId).join(', ')}); the position had them already, and stays as it is.`,
      },
    ])
    return 'DONE'
  })
}

/** The position is what the bot's fills come to, and the account has that. */
export async function correctPosition(one: Case, finding: Of<'RECOUNT_POSITION'>): Promise<Act> {
  const { key, markets, mark, books } = one
  return withBot(one, finding.botId, async (tx, locked) => {
    if (!(await unchangedSince(tx, key.id, markets, books, mark))) return 'MOVED'
    const { position } = await loadSurroundings(tx, finding.botId)
    if (position === null || !position.amount.eq(finding.held)) return 'MOVED'
    const byFills = (await readHoldings(tx, key.id, books.asset, [finding.botId])).get(finding.botId)
    const dust = position.futures === undefined ? locked.state.dustAmount : ZERO
    if (byFills === undefined || byFills === null || !byFills.abs().minus(dust).eq(finding.amount))
      return 'MOVED'
    await recountPosition(tx, locked, position, finding.amount)
    await writeEvents(tx, actorOf(one), [
      {
        botId: finding.botId,
        type: 'POSITION_RECOUNTED',
        message: `The books had a position of ${plain(finding.held)} ${books.asset}, the bot's fills come to ${plain(finding.amount)}, and the account at ${key.exchange} has that: so have the books now.`,
      },
    ])
    return 'DONE'
  })
}
