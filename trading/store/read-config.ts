import { z } from 'zod'
import type { BotConfig } from '../domain/bot.ts'
import { decimal } from '../domain/money.ts'

const money = z.string().transform((text) => decimal(text))
const maybe = money.nullable()
const whole = z.number().int()

/** A configuration as `storedConfig` writes it. */
const config = z.object({
  name: z.string(),
  exchange: z.string(),
  symbol: z.string(),
  timeframe: z.string(),
  mode: z.enum(['PAPER', 'LIVE']),
  apiKeyId: z.string().nullable(),
  initialCapital: money,
  dailyTargetPerc: maybe,
  maxDailyLossPerc: maybe,
  maxDailyTrades: whole.nullable(),
  onDailyLimit: z.enum(['CLOSE', 'KEEP']),
  resumeNextDay: z.boolean(),
  maxDrawdownPerc: maybe,
  positionSizeFixed: money,
  stopLossPerc: money,
  takeProfitPerc: money,
  trailingStopPerc: maybe,
  paperFeePerc: money,
  paperSlippagePerc: money,
  emaFast: whole,
  emaSlow: whole,
  rsiPeriod: whole,
  rsiOverbought: money,
  rsiOversold: money,
  strategy: z.string(),
  strategyParams: z
    .record(z.string(), money)
    .transform((params) => Object.entries(params).map(([name, value]) => ({ name, value }))),
  positionType: z.enum(['SPOT', 'FUTURES']),
  direction: z.enum(['LONG', 'SHORT', 'BOTH']),
  leverage: whole,
  transferAmount: maybe,
  autoTransferFunds: z.boolean(),
  checkIntervalSeconds: whole,
  cooldownSeconds: whole.nullable(),
  maxOrderValue: maybe,
  maxOrdersPerMinute: whole.nullable(),
  priceCollarPerc: maybe,
})

/** The configuration that was written by `storedConfig`. @throws ZodError */
export function configFromStored(stored: unknown): BotConfig {
  return config.parse(stored)
}
