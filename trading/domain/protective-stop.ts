import type { BotMode } from './bot.ts'
import type { BotStatus } from './bot-lifecycle.ts'
import type { Market } from './market.ts'
import { type Decimal, decimal, percentOf, plain } from './money.ts'
import type { Order } from './order.ts'
import { type MinimumRules, sellableAmount } from './position.ts'
import { roundAmount, roundSellPrice, roundTrigger } from './rounding.ts'

/** The stop's limit lies so far below its trigger: it fills through a fall that is not steeper than this. */
const LIMIT_BELOW_PERC = decimal(1)
/** A resting stop is moved when its trigger is off by this much, and no more often than that: a trailing stop moves with every price. */
const MOVE_PERC = decimal('0.1')
const MOVE_EVERY_MS = 10_000
/** A stop that was touched fills at once, unless the price jumped over it: so long it is waited for. */
export const TOUCHED_PATIENCE_MS = 10_000

/** What a tick needs to know of the stop order that is on its way or rests at the exchange. */
export type RestingStop = Pick<
  Order,
  'id' | 'status' | 'amount' | 'filled' | 'price' | 'stopPrice' | 'cancelRequested' | 'createdAt'
>

export type StopFacts = {
  now: Date
  mode: BotMode
  status: BotStatus
  position: { amount: Decimal }
  /** Where the position is to be left by now: the higher of stop loss and trailing stop. */
  stopLossPrice: Decimal
  market: MinimumRules & Pick<Market, 'active' | 'priceTick' | 'base'>
  lastPrice: Decimal
  stop: RestingStop | null
  /** After a failure no stop is placed before this. */
  retryAt: Date | null
}

/** NONE may say why no stop can rest; the sentence stays the same while the reason does. */
export type StopAction =
  | { kind: 'NONE'; why: string | null }
  | { kind: 'PLACE'; amount: Decimal; stopPrice: Decimal; price: Decimal }
  | { kind: 'CANCEL'; reason: string }

const NOTHING: StopAction = { kind: 'NONE', why: null }

/**
 * What is to be done now about the protective stop of a position that stays open. LIVE only: a stop at the exchange guards it while no
 * worker lives. A stop with the wrong amount or trigger is cancelled first and placed anew once it is gone.
 */
export function protectiveStop(facts: StopFacts): StopAction {
  const { status, stop, market } = facts
  if (facts.mode !== 'LIVE' || (status !== 'RUNNING' && status !== 'PAUSED' && status !== 'ERROR'))
    return NOTHING
  const wanted = wantedPrices(facts.stopLossPrice, market.priceTick)
  const amount = wanted === null ? null : sellableAmount(facts.position.amount, wanted.price, market)
  if (stop !== null) {
    const reason = whyMove(facts, stop, wanted?.stopPrice ?? null, amount)
    return reason === null ? NOTHING : { kind: 'CANCEL', reason }
  }
  if (!market.active || (facts.retryAt !== null && facts.retryAt > facts.now)) return NOTHING
  if (wanted === null || amount === null) {
    return {
      kind: 'NONE',
      why: `No stop can rest at the exchange: the position of ${plain(facts.position.amount)} ${market.base} is below its minimum order. TradeBot guards it while it runs.`,
    }
  }
  // A venue refuses a stop that would trigger at once; the software's own stop acts.
  return facts.lastPrice.lte(wanted.stopPrice) ? NOTHING : { kind: 'PLACE', amount, ...wanted }
}

/**
 * Trigger and limit on the market's tick, each in the safe direction: the trigger up, so that no more is lost than allowed, the limit down,
 * so that it fills. Null where the tick is too coarse for the two to differ.
 */
export function wantedPrices(
  stopLossPrice: Decimal,
  tick: Decimal | null,
): { stopPrice: Decimal; price: Decimal } | null {
  const market = { priceTick: tick }
  const stopPrice = roundTrigger(stopLossPrice, market)
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
  return (
    !stop.cancelRequested &&
    stop.stopPrice !== null &&
    stop.stopPrice.gt(stopLossPrice.minus(percentOf(stopLossPrice, MOVE_PERC)))
  )
}

function whyMove(
  facts: StopFacts,
  stop: RestingStop,
  trigger: Decimal | null,
  amount: Decimal | null,
): string | null {
  if (stop.cancelRequested || stop.stopPrice === null) return null
  const rest = stop.amount.minus(stop.filled)
  const held = roundAmount(facts.position.amount, facts.market)
  // Never left for a moment: it would sell what is not the bot's.
  if (held.lt(rest)) return `it is over ${plain(rest)}, the position over ${plain(held)}`
  const busy = stop.status === 'PARTIALLY_FILLED' || facts.lastPrice.lte(stop.stopPrice)
  if (busy || facts.now.getTime() - stop.createdAt.getTime() < MOVE_EVERY_MS) return null
  if (amount !== null && !amount.eq(rest)) return `the position is ${plain(amount)} by now`
  if (trigger === null) return null
  const off = trigger.minus(stop.stopPrice).abs()
  if (off.lt(percentOf(stop.stopPrice, MOVE_PERC))) return null
  return `the stop is at ${plain(trigger)} by now`
}
