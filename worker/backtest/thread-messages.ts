import { z } from 'zod'
import type { CandleColumns } from '#trading/domain/backtest/candle-columns.ts'
import type { Decimal } from '#trading/domain/money.ts'

export type ThreadInput = {
  /** As `storedConfig` writes it. */
  config: unknown
  /** The market as JSON. */
  market: unknown
  csv: string | null
  candles: CandleColumns | null
  fromMs: number | null
  toMs: number | null
}

export type ThreadMessage =
  | { kind: 'PROGRESS'; done: number; total: number }
  | { kind: 'RESULT'; summary: string; curve: string; trades: string; candles: number }
  | { kind: 'REFUSED'; message: string }

/** Messages between threads are copied without their classes: decimals travel as texts. */
export function storedMarket(decimal: (text: string) => Decimal) {
  const maybe = z
    .string()
    .nullable()
    .transform((text) => (text === null ? null : decimal(text)))
  return z.object({
    exchange: z.string(),
    symbol: z.string(),
    base: z.string(),
    quote: z.string(),
    type: z.enum(['SPOT', 'FUTURES']),
    active: z.boolean(),
    priceTick: maybe,
    amountStep: maybe,
    minAmount: maybe,
    minCost: maybe,
    maxLeverage: z.number().nullable(),
    futures: z
      .object({
        settle: z.string(),
        maintenanceMarginPerc: z.string().transform(decimal),
        liquidationFeePerc: z.string().transform(decimal),
      })
      .optional(),
  })
}
