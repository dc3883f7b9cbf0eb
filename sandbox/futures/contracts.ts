import type { Market } from '../market/market.ts'
import { LISTED, type SymbolSpec } from '../market/symbols.ts'
import { Money, ZERO } from '../money.ts'

/** Up to `cap` USDT of notional: the highest leverage, and the share of the notional that must stay. */
export type Bracket = { leverage: number; floor: number; cap: number; maintenance: Money; cum: Money }

/** A perpetual: the rules of its own, over the price path of the spot symbol of the same name. */
export type ContractSpec = SymbolSpec & {
  /** In whole USDT, as Binance prints it. */
  minimum: string
  brackets: readonly Bracket[]
  /** Part of the notional that a liquidation costs. */
  liquidationFee: string
}

const step = (decimals: number): string => (1 / 10 ** decimals).toFixed(decimals)

/** [highest leverage, up to this notional, maintenance margin in percent], smallest first. */
type Tier = readonly [number, number, string]

/** `cum` makes the maintenance margin continuous from one bracket to the next, as Binance's does. */
const bracketsOf = (tiers: readonly Tier[]): Bracket[] => {
  const brackets: Bracket[] = []
  for (const [leverage, cap, percent] of tiers) {
    const before = brackets.at(-1)
    const maintenance = new Money(percent).div(100)
    const floor = before?.cap ?? 0
    const cum = before ? before.cum.plus(maintenance.minus(before.maintenance).mul(floor)) : ZERO
    brackets.push({ leverage, floor, cap, maintenance, cum })
  }
  return brackets
}

const tiersFrom = (leverage: number, first: string, scale: number): Tier[] => [
  [leverage, 50_000 * scale, first],
  [Math.min(leverage, 50), 250_000 * scale, '1'],
  [25, 1_000_000 * scale, '2'],
  [20, 3_000_000 * scale, '2.5'],
  [10, 10_000_000 * scale, '5'],
  [5, 20_000_000 * scale, '10'],
  [2, 40_000_000 * scale, '25'],
  [1, 80_000_000 * scale, '50'],
]

type Rules = {
  priceDecimals: number
  quantityDecimals: number
  minimum: string
  maxQuantity: string
  maxMarketQuantity: string
  tiers: readonly Tier[]
}

const KNOWN: Readonly<Record<string, Rules>> = {
  BTCUSDT: {
    priceDecimals: 1,
    quantityDecimals: 3,
    minimum: '50',
    maxQuantity: '1000',
    maxMarketQuantity: '120',
    tiers: tiersFrom(125, '0.4', 6),
  },
  ETHUSDT: {
    priceDecimals: 2,
    quantityDecimals: 3,
    minimum: '20',
    maxQuantity: '10000',
    maxMarketQuantity: '2000',
    tiers: tiersFrom(100, '0.4', 6),
  },
  SOLUSDT: {
    priceDecimals: 2,
    quantityDecimals: 2,
    minimum: '5',
    maxQuantity: '1000000',
    maxMarketQuantity: '80000',
    tiers: tiersFrom(75, '0.5', 1),
  },
  BNBUSDT: {
    priceDecimals: 2,
    quantityDecimals: 2,
    minimum: '5',
    maxQuantity: '100000',
    maxMarketQuantity: '2000',
    tiers: tiersFrom(75, '0.5', 1),
  },
  XRPUSDT: {
    priceDecimals: 4,
    quantityDecimals: 1,
    minimum: '5',
    maxQuantity: '10000000',
    maxMarketQuantity: '2000000',
    tiers: tiersFrom(50, '0.65', 1),
  },
}

/** Rules of a contract that a replayed symbol brings with it. */
const rulesOf = (spec: SymbolSpec): Rules =>
  KNOWN[spec.symbol] ?? {
    priceDecimals: spec.priceDecimals,
    quantityDecimals: 3,
    minimum: '5',
    maxQuantity: spec.maxQuantity,
    maxMarketQuantity: spec.maxMarketQuantity,
    tiers: tiersFrom(20, '1', 1),
  }

const contractOf = (spot: SymbolSpec): ContractSpec => {
  const { tiers, ...rules } = rulesOf(spot)
  // A recording finer than the listed spot market keeps its digits here too.
  const listed = LISTED.find(({ symbol }) => symbol === spot.symbol)
  const finer = listed !== undefined && spot.priceDecimals > listed.priceDecimals
  const priceDecimals = finer ? spot.priceDecimals : rules.priceDecimals
  return {
    ...spot,
    ...rules,
    priceDecimals,
    tick: step(priceDecimals),
    step: step(rules.quantityDecimals),
    // The book's depth goes by this: as deep as that of spot.
    minNotional: '5.00000000',
    brackets: bracketsOf(tiers),
    liquidationFee: '0.0125',
  }
}

/** Every listed market against USDT has a perpetual; the others have none. */
export const contractsOf = (market: Market): ContractSpec[] =>
  [...market.values()].filter(({ spec }) => spec.quote === 'USDT').map(({ spec }) => contractOf(spec))

/** The bracket that a position of this notional lies in; beyond the last cap, the last one. */
export const bracketAt = (spec: ContractSpec, notional: Money): Bracket => {
  const found = spec.brackets.find((bracket) => notional.lte(bracket.cap)) ?? spec.brackets.at(-1)
  if (!found) throw new RangeError(`${spec.symbol} has no brackets`)
  return found
}

export const maxLeverageOf = (spec: ContractSpec): number => spec.brackets[0]?.leverage ?? 1

/** The largest notional that may be held at a leverage. */
export const maxNotionalAt = (spec: ContractSpec, leverage: number): number =>
  spec.brackets.findLast((bracket) => bracket.leverage >= leverage)?.cap ?? 0
