import { transition } from '#trading/domain/bot-lifecycle.ts'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { ZERO } from '#trading/domain/money.ts'
import type { Order } from '#trading/domain/order.ts'
import type { Evidence } from '#trading/store/booking.ts'
import { factsOf, loadSurroundings, lockBot, type LockedBot, saveState } from '#trading/store/bots.ts'
import type { NewEvent } from '#trading/store/events.ts'
import { lockOrder } from '#trading/store/orders.ts'
import type { Tx } from '#trading/store/pool.ts'

export type OrderContext = { locked: LockedBot; order: Order }

/** Locks bot, then order. The bot may have been deleted meanwhile: its orders are settled all the same. */
export async function lockOrderContext(tx: Tx, order: Pick<Order, 'id' | 'botId'>): Promise<OrderContext> {
  const locked = await lockBot(tx, order.botId, { deletedToo: true })
  return { locked, order: await lockOrder(tx, order.id) }
}

/**
 * What a venue's answer proves. A status that claims more than the fills show is held back until the venue has told all fills: the books
 * never hold an amount without its fills.
 */
export function evidenceOf(order: VenueOrder, fills: readonly VenueFill[]): Evidence {
  const told = fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO)
  const complete = told.gte(order.filled)
  const status = complete ? order.status : told.gt(0) ? 'PARTIALLY_FILLED' : 'OPEN'
  return { status, exchangeOrderId: order.exchangeOrderId, fills: [...fills] }
}

/** Moves the bot to ERROR where the lifecycle allows it, with a sentence that says what to do; adds the event. The state is saved. */
export async function failBot(
  tx: Tx,
  locked: LockedBot,
  code: string,
  message: string,
  events: NewEvent[],
): Promise<void> {
  const { state, bot } = locked
  const around = await loadSurroundings(tx, bot.id)
  const verdict = transition(factsOf(locked, around), 'FAILURE')
  if (verdict.to === null) {
    // In ERROR already, or stopped: the same look comes again every few seconds, and a person needs to be told once.
    if (!(await wasTold(tx, bot.id, code, message))) events.push({ botId: bot.id, type: code, message })
    return
  }
  const unprotected =
    around.position === null ? '' : ' It holds a position that is guarded only as far as the key works.'
  events.push({
    botId: bot.id,
    type: 'STATUS',
    from: state.status,
    to: verdict.to,
    message: `${message}${unprotected}`,
  })
  Object.assign(state, {
    status: verdict.to,
    pauseReason: null,
    pauseDay: null,
    errorCode: code,
    errorMessage: `${message}${unprotected}`,
  })
  await saveState(tx, state)
}

async function wasTold(tx: Tx, botId: string, type: string, message: string): Promise<boolean> {
  const { rows } = await tx.query<{ told: boolean }>(
    `SELECT EXISTS (SELECT FROM bot_events WHERE bot_id = $1 AND type = $2 AND message = $3 AND at > tradebot_now() - interval '1 hour') AS told`,
    [botId, type, message],
  )
  return rows[0]?.told === true
}

/** A refused exit waits longer each time (2, 4, 8 … 60 s), so that a venue is not hammered; a person is told. Not saved. */
export function backOffExit(locked: LockedBot): number {
  const { state, now } = locked
  state.exitFailures += 1
  const waitMs = Math.min(1000 * 2 ** state.exitFailures, 60_000)
  state.exitRetryAt = new Date(now.getTime() + waitMs)
  return waitMs
}
