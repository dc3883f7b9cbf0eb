import type { Market } from '../domain/market.ts'
import { type Decimal, plain } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import { exitPrices, type Holding, type Position } from '../domain/position.ts'
import type { LockedBot } from './bots.ts'
import type { NewEvent } from './events.ts'
import type { Tx } from './pool.ts'
import { closePosition, savePosition } from './positions.ts'

/** `held`: what the evidence left. `apart`: what was realised, but by no fill. */
type Booked = { before: Position | null; held: Holding['position']; apart: Decimal }

/** Writes the position as the evidence left it, and says where it was opened or closed; answers its id, or the order's where there is none. */
export async function writePosition(
  tx: Tx,
  locked: LockedBot,
  order: Order,
  market: Market,
  { before, held, apart }: Booked,
  events: NewEvent[],
): Promise<string | null> {
  const botId = locked.bot.id
  if (held !== null) {
    const prices = exitPrices(held, locked.bot)
    const id = await savePosition(tx, botId, before?.id ?? null, held, prices, locked.now)
    if (before === null) events.push({ botId, type: 'POSITION_OPENED', message: openedMessage(held, market) })
    return id
  }
  if (before === null) return order.positionId
  const realized = await closePosition(tx, before.id, locked.now, apart, order.id)
  const included = before.futures === undefined ? 'fees' : 'fees and funding'
  events.push({
    botId,
    type: 'POSITION_CLOSED',
    message: `${before.futures === undefined ? 'Position' : sideName(before.side)} closed with ${realized.lt(0) ? 'a loss' : 'a profit'} of ${plain(realized.abs())} ${market.quote}, ${included} included.`,
  })
  return before.id
}

function openedMessage(held: NonNullable<Holding['position']>, market: Market): string {
  const what = `${plain(held.amount)} ${market.base} at ${plain(held.averagePrice)} ${market.quote}`
  if (held.futures === undefined) return `Position opened: ${what}.`
  const { leverage, liquidationPrice } = held.futures
  const end =
    liquidationPrice === null
      ? 'no price liquidates it'
      : `liquidated at a mark price of ${plain(liquidationPrice.toSignificantDigits(8))}`
  return `${sideName(held.side)} opened: ${what} with leverage ${leverage}, ${end}.`
}

function sideName(side: Position['side']): string {
  return side === 'BUY' ? 'Long position' : 'Short position'
}
