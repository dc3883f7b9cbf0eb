import type { OrderSide } from './bot.ts'
import type { Market } from './market.ts'
import { ceilToStep, Decimal, floorToStep } from './money.ts'

/**
 * Every size and price that is sent to a market is rounded to its steps here, in the direction that never exceeds what is allowed: never
 * more than was to be spent or is held, never dearer than a buyer's limit, and what is simulated against the bot.
 */

/** An amount of base currency: down to the step. Below one step that is 0. */
export function roundAmount(amount: Decimal, market: Pick<Market, 'amountStep'>): Decimal {
  return down(amount, market.amountStep)
}

/** What `money` buys at `price`: down to the step, by whole division, which is exact and does without the digits that rounding drops. */
export function amountFor(money: Decimal, price: Decimal, market: Pick<Market, 'amountStep'>): Decimal {
  const { amountStep: step } = market
  return step === null || step.isZero() || money.isNegative()
    ? roundAmount(money.div(price), market)
    : roundAmount(money.divToInt(price.times(step)).times(step), { amountStep: null })
}

/** The most that a buyer pays: down to the tick. */
export function roundBuyLimit(price: Decimal, market: Pick<Market, 'priceTick'>): Decimal {
  return down(price, market.priceTick)
}

/** The least that a seller asks: up to the tick. */
export function roundSellLimit(price: Decimal, market: Pick<Market, 'priceTick'>): Decimal {
  return up(price, market.priceTick)
}

/** Where the stop of a position is triggered, so that no more is lost than allowed: up to the tick for a long, down for a short. */
export function roundTrigger(
  price: Decimal,
  market: Pick<Market, 'priceTick'>,
  side: OrderSide = 'BUY',
): Decimal {
  return side === 'BUY' ? up(price, market.priceTick) : down(price, market.priceTick)
}

/** A price that a simulated buyer pays: up to the tick, against him. */
export function roundBuyPrice(price: Decimal, market: Pick<Market, 'priceTick'>): Decimal {
  return up(price, market.priceTick)
}

/**
 * The price that a simulated seller gets, and the limit of a stop that has to fill: down to the tick, against the seller, and never below one
 * tick.
 */
export function roundSellPrice(price: Decimal, market: Pick<Market, 'priceTick'>): Decimal {
  return Decimal.max(down(price, market.priceTick), market.priceTick ?? SMALLEST)
}

export function isOnStep(amount: Decimal, market: Pick<Market, 'amountStep'>): boolean {
  return roundAmount(amount, market).eq(amount)
}

/** A venue that names no step gets no more decimals than Postgres keeps. */
function down(value: Decimal, step: Decimal | null): Decimal {
  const floored = floorToStep(value, step)
  return floored.decimalPlaces() <= 18 ? floored : floored.toDecimalPlaces(18, Decimal.ROUND_DOWN)
}

function up(value: Decimal, step: Decimal | null): Decimal {
  const raised = ceilToStep(value, step)
  return raised.decimalPlaces() <= 18 ? raised : raised.toDecimalPlaces(18, Decimal.ROUND_UP)
}

const SMALLEST = new Decimal('1e-18')
