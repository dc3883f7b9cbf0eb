import { Decimal } from 'decimal.js'

/** The sandbox's own Decimal: exact for every product that balances and fills are made of. */
export const Money = Decimal.clone({
  defaults: true,
  precision: 60,
  rounding: Decimal.ROUND_DOWN,
  toExpNeg: -60,
  toExpPos: 60,
})
export type Money = Decimal

export const ZERO: Money = new Money(0)

/** As Binance prints amounts: 8 decimals, no exponent. */
export const print = (amount: Money): string => amount.toFixed(8)

/** Rounds what is paid or received down to Binance's 8 decimals. */
export const floor8 = (amount: Money): Money => amount.toDecimalPlaces(8, Decimal.ROUND_DOWN)

/** Rounds what must be reserved up to Binance's 8 decimals, so that a lock always covers its fills. */
export const ceil8 = (amount: Money): Money => amount.toDecimalPlaces(8, Decimal.ROUND_UP)

export const floorTo = (amount: Money, step: Money): Money => amount.div(step).floor().mul(step)

export const minOf = (a: Money, b: Money): Money => (a.lt(b) ? a : b)
