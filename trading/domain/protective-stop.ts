import type { BotMode, OrderSide } from './bot.ts'
import type { BotStatus } from './bot-lifecycle.ts'
import type { Market } from './market.ts'
import { type Decimal, decimal, percentOf, plain } from './money.ts'
import type { Order } from './order.ts'
import { type MinimumRules, sellableAmount, withinOneOrder } from './position.ts'
import { roundAmount, roundSellPrice, roundTrigger } from './rounding.ts'
import { isAtOrWorse } from './sides.ts'

/** The stop's limit lies so far below its trigger: it fills through a fall that is not steeper than this. */
const LIMIT_BELOW_PERC = decimal(1)
/** A resting stop is moved when its trigger is off by this much, and no more often than that: a trailing stop moves with every price. */
const MOVE_PERC = decimal('0.1')
const MOVE_EVERY_MS = 10_000
/** A stop that was touched fills at once, unless the price jumped over it: so long it is waited for. */
export const TOUCHED_PATIENCE_MS = 10_000

/** What a tick needs to know of the stop order that is on its way or rests at the exchange. `side` SELL guards a long. */
export type RestingStop = Pick<
  Order,
  'id' | 'status' | 'side' | 'amount' | 'filled' | 'price' | 'stopPrice' | 'cancelRequested' | 'createdAt'
>

export type StopFacts = {
  now: Date
  mode: BotMode
  status: BotStatus
  position: { side: OrderSide; amount: Decimal }
  /** Where the position is to be left by now: the nearer of stop loss and trailing stop. */
  stopLossPrice: Decimal
  market: MinimumRules & Pick<Market, 'active' | 'priceTick' | 'base' | 'type'>
  /** What may trigger the stop now: the last price, of FUTURES the worse of last and mark price. */
  lastPrice: Decimal
  stop: RestingStop | null
  /** After a failure no stop is placed before this. */
  retryAt: Date | null
}

/** `price`: the limit of SPOT; null for FUTURES, whose stop sells or buys at market once the mark price has reached the trigger. */
export type StopPrices = { stopPrice: Decimal; price: Decimal | null }

/** NONE may say why no stop can rest; the sentence stays the same while the reason does. */
export type StopAction =
  | { kind: 'NONE'; why: string | null }
  | ({ kind: 'PLACE'; amount: Decimal } & StopPrices)
  | { kind: 'CANCEL'; reason: string }

const NOTHING: StopAction = { kind: 'NONE', why: null }

/**
 * What is to be done now about the protective stop of a position that stays open. LIVE only: a stop at the exchange guards it while no
 * worker lives. A stop with the wrong amount or trigger is cancelled first and placed anew once it is gone.
 */
export function protectiveStop(facts: StopFacts): StopAction {
  const { status, stop, market, position } = facts
  if (facts.mode !== 'LIVE' || (status !== 'RUNNING' && status !== 'PAUSED' && status !== 'ERROR'))
    return NOTHING
  const wanted = wantedPrices(facts.stopLossPrice, market, position.side)
  const amount = wanted === null ? null : guardedAmount(position.amount, wanted.price, market)
  if (stop !== null) {
    const reason = whyMove(facts, stop, wanted?.stopPrice ?? null, amount)
    return reason === null ? NOTHING : { kind: 'CANCEL', reason }
  }
  if (!market.active || (facts.retryAt !== null && facts.retryAt > facts.now)) return NOTHING
  if (wanted === null || amount === null) {
    return {
      kind: 'NONE',
      why: `No stop can rest at the exchange: the position of ${plain(position.amount)} ${market.base} is below its minimum order. TradeBot guards it while it runs.`,
    }
  }
  // A venue refuses a stop that would trigger at once; the software's own stop acts.
  return isAtOrWorse(position.side, facts.lastPrice, wanted.stopPrice)
    ? NOTHING
    : { kind: 'PLACE', amount, ...wanted }
}

/** SPOT: what can be sold at the limit. Of FUTURES all that is held: no minimum holds for an order that can only reduce. */
function guardedAmount(amount: Decimal, limit: Decimal | null, market: StopFacts['market']): Decimal | null {
  if (limit !== null) return sellableAmount(amount, limit, market)
  const rounded = withinOneOrder(amount, market)
  return rounded.gt(0) ? rounded : null
}

/**
 * Trigger and limit on the market's tick, each in the safe direction: the trigger up for a long (down for a short), so that no more is lost
 * than allowed, the limit down, so that it fills. Null where the tick is too coarse: nothing is left of the price, or trigger and limit
 * would not differ.
 */
export function wantedPrices(
  stopLossPrice: Decimal,
  market: Pick<Market, 'priceTick' | 'type'>,
  side: OrderSide,
): StopPrices | null {
  const stopPrice = roundTrigger(stopLossPrice, market, side)
  if (market.type === 'FUTURES') return stopPrice.gt(0) ? { stopPrice, price: null } : null
  const price = roundSellPrice(stopPrice.minus(percentOf(stopPrice, LIMIT_BELOW_PERC)), market)
  return price.lt(stopPrice) ? { stopPrice, price } : null
}

/** The exchange has it, and nobody has asked for its end. */
export function rests(stop: Pick<Order, 'status' | 'cancelRequested'>): boolean {
  return !stop.cancelRequested && (stop.status === 'OPEN' || stop.status === 'PARTIALLY_FILLED')
}

/** What a person must be told when a bot that holds a position goes to ERROR; null where a stop rests at the exchange, and for PAPER. */
export function unprotectedWarning(
  mode: BotMode,
  position: object | null,
  stop: Parameters<typeof rests>[0] | null,
): string | null {
  if (mode !== 'LIVE' || position === null || (stop !== null && rests(stop))) return null
  return 'It holds a position that is unprotected: no stop rests at the exchange, and TradeBot guards it only as far as its key works.'
}

/** True when the stop guards at (nearly) the price that is wanted: the software's own stop stands by for it. */
export function guardsAt(stop: RestingStop, stopLossPrice: Decimal): boolean {
  if (stop.cancelRequested || stop.stopPrice === null) return false
  const slack = percentOf(stopLossPrice, MOVE_PERC)
  return stop.side === 'SELL'
    ? stop.stopPrice.gt(stopLossPrice.minus(slack))
    : stop.stopPrice.lt(stopLossPrice.plus(slack))
}

function whyMove(
  facts: StopFacts,
  stop: RestingStop,
  trigger: Decimal | null,
  amount: Decimal | null,
): string | null {
  if (stop.cancelRequested || stop.stopPrice === null) return null
  const { side } = facts.position
  if (stop.side === side) return 'it is of a position on the other side'
  const rest = stop.amount.minus(stop.filled)
  const held = roundAmount(facts.position.amount, facts.market)
  // Never left for a moment: it would sell what is not the bot's, and of FUTURES guard what a next one opens.
  if (held.lt(rest)) return `it is over ${plain(rest)}, the position over ${plain(held)}`
  const busy = stop.status === 'PARTIALLY_FILLED' || isAtOrWorse(side, facts.lastPrice, stop.stopPrice)
  if (busy || facts.now.getTime() - stop.createdAt.getTime() < MOVE_EVERY_MS) return null
  if (amount !== null && !amount.eq(rest)) return `the position is ${plain(amount)} by now`
  if (trigger === null) return null
  const off = trigger.minus(stop.stopPrice).abs()
  if (off.lt(percentOf(stop.stopPrice, MOVE_PERC))) return null
  return `the stop is at ${plain(trigger)} by now`
}
