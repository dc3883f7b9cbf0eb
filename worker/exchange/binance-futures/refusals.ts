import type { RefusalCode } from '#trading/domain/exchange.ts'
import type { Refusals } from '../errors.ts'

const invalid = (...codes: number[]): [number, RefusalCode][] => codes.map((code) => [code, 'ORDER_INVALID'])
const range = (from: number, to: number) =>
  invalid(...Array.from({ length: from - to + 1 }, (_, index) => from - index))

/**
 * Codes of Binance's USDⓈ-M futures API that prove that an order was refused, when answered with a 4xx. What is missing here proves nothing:
 * -1000 (unknown), -1001 (disconnected), -1006 and -1007 (execution status unknown), -1008 (overloaded), -4116 (an order with this client
 * id is open: an intent is sent once, so it may well be ours). Source: "Error codes" of the derivatives documents.
 */
export const FUTURES_REFUSALS: Refusals = new Map<number, RefusalCode>([
  [-1002, 'KEY_REFUSED'],
  [-1003, 'RATE_LIMITED'],
  ...invalid(-1013, -1014),
  [-1015, 'RATE_LIMITED'],
  ...invalid(-1020),
  [-1021, 'CLOCK_SKEW'],
  [-1022, 'KEY_REFUSED'],
  ...range(-1100, -1108),
  ...range(-1111, -1120),
  [-1121, 'MARKET_CLOSED'],
  ...range(-1125, -1136),
  [-2008, 'KEY_REFUSED'],
  [-2010, 'ORDER_INVALID'],
  [-2014, 'KEY_REFUSED'],
  [-2015, 'KEY_REFUSED'],
  [-2018, 'BALANCE_INSUFFICIENT'],
  [-2019, 'BALANCE_INSUFFICIENT'],
  // Cannot be filled, would trigger at once, nothing that could be reduced, being liquidated, too small a position, too many open orders, not
  // with reduce-only, leverage too high or too low for so large a position.
  ...range(-2020, -2028),
  // Prices and quantities that are off the market's rules, ids that are too long.
  ...range(-4000, -4018),
  ...invalid(-4019, -4020, -4023, -4024, -4025, -4026, -4029, -4030, -4031, -4045),
  [-4050, 'BALANCE_INSUFFICIENT'],
  [-4051, 'BALANCE_INSUFFICIENT'],
  ...invalid(-4055),
  // Hedge mode is on, where an order must say which side it is for.
  ...invalid(-4060, -4061, -4062),
  [-4104, 'MARKET_CLOSED'],
  [-4108, 'MARKET_CLOSED'],
  ...invalid(-4109, -4118, -4120, -4129, -4130),
  // The book is too far from the mark price for a market order.
  ...invalid(-4131, -4135, -4136, -4137, -4138),
  [-4140, 'MARKET_CLOSED'],
  [-4141, 'MARKET_CLOSED'],
  ...invalid(-4142, -4164),
  ...invalid(-4183, -4184),
  [-4192, 'KEY_REFUSED'],
  // Only reduce-only orders are taken: rules were broken, or the account is restricted.
  ...invalid(-4400, -4401, -4402, -4403),
  ...invalid(-5021, -5022, -5024, -5025, -5026),
  [-5028, 'CLOCK_SKEW'],
])
