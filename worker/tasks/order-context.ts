import { transition } from '#trading/domain/bot-lifecycle.ts'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { ZERO } from '#trading/domain/money.ts'
import type { Order } from '#trading/domain/order.ts'
import { unprotectedWarning } from '#trading/domain/protective-stop.ts'
import type { FeePrices } from '#trading/domain/position.ts'
import type { Evidence } from '#trading/store/booking.ts'
import { factsOf, loadSurroundings, lockBot, type LockedBot, saveState } from '#trading/store/bots.ts'
import type { NewEvent } from '#trading/store/events.ts'
import { backOffExit } from '#trading/store/exit-evidence.ts'
import { lockOrder } from '#trading/store/orders.ts'
import type { Tx } from '#trading/store/pool.ts'
import { backOffStop, tellStopFailed } from '#trading/store/stop-evidence.ts'

export type OrderContext = { locked: LockedBot; order: Order }

/** Locks bot, then order. The bot may have been deleted meanwhile: its orders are settled all the same. */
export async function lockOrderContext(tx: Tx, order: Pick<Order, 'id' | 'botId'>): Promise<OrderContext> {
  const locked = await lockBot(tx, order.botId, { deletedToo: true })
  return { locked, order: await lockOrder(tx, order.id) }
}

/**
 * What a venue's answer proves. A status that claims more than the fills show is held back until the venue has told all fills: the books
 * never hold an amount without its fills. `prices`: of currencies of fees, see feePrices.
 */
export function evidenceOf(order: VenueOrder, fills: readonly VenueFill[], prices: FeePrices): Evidence {
  const told = fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO)
  const complete = told.gte(order.filled)
  const status = complete ? order.status : told.gt(0) ? 'PARTIALLY_FILLED' : 'OPEN'
  return { status, exchangeOrderId: order.exchangeOrderId, fills: [...fills], prices }
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
  const unprotected = unprotectedWarning(bot.mode, around.position, around.stop)
  const guarded =
    bot.mode === 'LIVE'
      ? 'It holds a position, whose stop rests at the exchange.'
      : 'It holds a position, which TradeBot guards while it runs.'
  const held = around.position === null ? '' : ` ${unprotected ?? guarded}`
  events.push({
    botId: bot.id,
    type: 'STATUS',
    from: state.status,
    to: verdict.to,
    message: `${message}${held}`,
  })
  if (unprotected !== null) events.push({ botId: bot.id, type: 'POSITION_UNPROTECTED', message: unprotected })
  Object.assign(state, {
    status: verdict.to,
    pauseReason: null,
    pauseDay: null,
    errorCode: code,
    errorMessage: `${message}${held}`,
  })
  await saveState(tx, state)
}

/** Within the last hour. */
export async function wasTold(tx: Tx, botId: string, type: string, message: string): Promise<boolean> {
  const { rows } = await tx.query<{ told: boolean }>(
    `SELECT EXISTS (SELECT FROM bot_events WHERE bot_id = $1 AND type = $2 AND message = $3 AND at > tradebot_now() - interval '1 hour') AS told`,
    [botId, type, message],
  )
  return rows[0]?.told === true
}

/**
 * A sell was refused or did not arrive: the next waits longer each time, so that a venue is not hammered. A protective stop has its own
 * back-off, for a venue that refuses stops may well take the exit. Answers the sentence that says so; the state is not saved.
 */
export function backOff(locked: LockedBot, order: Order, why: string, events: NewEvent[]): string {
  if (order.purpose === 'PROTECTIVE_STOP') {
    backOffStop(locked)
    tellStopFailed(
      locked,
      `No stop rests at ${order.exchange}: ${why} TradeBot guards the position while it runs, and tries again.`,
      events,
    )
    return ''
  }
  const waitMs = backOffExit(locked)
  return ` The position is still open; the next try comes in ${Math.round(waitMs / 1000)} s.`
}

/** It was to be cancelled anyway: that it is not there is what was asked. */
export function isUnwantedStop(order: Order): boolean {
  return order.purpose === 'PROTECTIVE_STOP' && order.cancelRequested
}
