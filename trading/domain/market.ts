import type { PositionType } from './bot.ts'
import type { Decimal } from './money.ts'

/** A market's rules. `priceTick` and `amountStep` are steps (0.01), not digits; null: the venue names none. Costs in quote currency. */
export type Market = {
  exchange: string
  symbol: string
  base: string
  quote: string
  type: PositionType
  active: boolean
  priceTick: Decimal | null
  amountStep: Decimal | null
  minAmount: Decimal | null
  minCost: Decimal | null
  maxLeverage: number | null
  /** The most that one order may be over, also one at market, in base currency; absent: the venue names none. */
  maxAmount?: Decimal
  /** Absent for SPOT. */
  futures?: FuturesRules
}

/** Rules of a linear perpetual: profit and margin in `settle`, which is the quote currency. */
export type FuturesRules = {
  settle: string
  /** Percent of the notional that must remain as margin, or the position is liquidated. Of the first tier. */
  maintenanceMarginPerc: Decimal
  /** Percent of the notional that a liquidation costs. */
  liquidationFeePerc: Decimal
}

/** As a venue lists it. `volume24h`: in quote currency; null: not told. */
export type ListedMarket = Market & { volume24h: Decimal | null }

/** "BTC/USDT:USDT" names a settlement currency; a spot market has none. */
export function isPerpetual(symbol: string): boolean {
  return symbol.includes(':')
}

export type Candle = {
  openTime: Date
  closed: boolean
  open: Decimal
  high: Decimal
  low: Decimal
  close: Decimal
  volume: Decimal
}

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** "15m" for 900,000 ms: the largest unit that fits; null where none does. */
export function timeframeOf(lengthMs: number): string | null {
  for (const unit of ['w', 'd', 'h', 'm', 's']) {
    const count = lengthMs / (UNIT_MS[unit] ?? Infinity)
    if (Number.isInteger(count) && timeframeMs(`${count}${unit}`) === lengthMs) return `${count}${unit}`
  }
  return null
}

/** Length of a timeframe ("1s", "5m", "1h", "1d", "1w") in milliseconds, or null when it is not one. Months have no fixed length. */
export function timeframeMs(timeframe: string): number | null {
  const match = /^([1-9]\d{0,2})([smhdw])$/.exec(timeframe)
  if (match === null) return null
  const unit = UNIT_MS[match[2] ?? '']
  return unit === undefined ? null : Number(match[1]) * unit
}
