import { z } from 'zod'
import { decimal } from '#trading/domain/money.ts'

const money = z.string().transform((text) => decimal(text))
/** Percentages and ratios are floats where they are computed; six decimals are more than they mean. */
const figure = z.number().transform((value) => decimal(value.toFixed(6)))
const instant = z.string().transform((text) => new Date(text))

/** What worker/backtest writes of a result's figures (trading/domain/backtest/result.ts). */
const figures = z.object({
  from: instant,
  to: instant,
  candles: z.number(),
  gaps: z.number(),
  initialCapital: money,
  finalEquity: money,
  returnPerc: figure,
  maxDrawdownPerc: figure,
  sharpe: figure.nullable(),
  trades: z.number(),
  openTrades: z.number(),
  winRatePerc: figure.nullable(),
  profitFactor: figure.nullable(),
  exposurePerc: figure,
  fees: money,
  buyAndHoldPerc: figure,
  buyAndHoldEquity: money,
  buyAndHoldDrawdownPerc: figure,
  pauseReason: z
    .enum(['DAILY_TARGET', 'DAILY_LOSS', 'DAILY_TRADES', 'DRAWDOWN', 'MANUAL', 'RECONCILIATION'])
    .nullable(),
  // Results of before these were counted have none.
  refusals: z
    .array(z.object({ code: z.string(), count: z.number(), first: z.string(), at: instant }))
    .default([]),
  notes: z.array(z.string()),
})
export type StoredRefusal = z.infer<typeof figures>['refusals'][number]
export type StoredFigures = z.infer<typeof figures>

const curve = z.array(
  z.object({
    at: z.number().transform((at) => new Date(at)),
    equity: z.number(),
    buyAndHold: z.number(),
  }),
)
export type StoredPoint = z.infer<typeof curve>[number]

const trades = z.array(
  z.object({
    // Results of before there were shorts have none.
    side: z.enum(['BUY', 'SELL']).default('BUY'),
    entryAt: instant,
    entryPrice: money,
    entryReason: z.string(),
    amount: money,
    fees: money,
    exit: z
      .object({
        at: instant,
        price: money,
        purpose: z.enum(['ENTRY', 'EXIT', 'STOP_LOSS', 'TAKE_PROFIT', 'CLOSE', 'PROTECTIVE_STOP', 'DUST']),
        reason: z.string(),
        profit: money,
      })
      .nullable(),
  }),
)
export type StoredTrip = z.infer<typeof trades>[number]

export const readFigures = (stored: unknown): StoredFigures => figures.parse(stored)
export const readCurve = (stored: unknown): StoredPoint[] => curve.parse(stored)
export const readTrips = (stored: unknown): StoredTrip[] => trades.parse(stored)
