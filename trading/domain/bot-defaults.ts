import type { BotConfig } from './bot.ts'
import { Decimal } from './money.ts'

/** What a new bot has where its creator says nothing; printed in schema.graphql, and the same as the columns' defaults. */
export const BOT_DEFAULTS = {
  mode: 'PAPER',
  onDailyLimit: 'KEEP',
  resumeNextDay: true,
  paperFeePerc: new Decimal('0.1'),
  paperSlippagePerc: new Decimal('0.05'),
  emaFast: 12,
  emaSlow: 26,
  rsiPeriod: 14,
  rsiOverbought: new Decimal('70'),
  rsiOversold: new Decimal('30'),
  strategy: 'EMA_RSI',
  positionType: 'SPOT',
  direction: 'LONG',
  leverage: 1,
  autoTransferFunds: false,
  checkIntervalSeconds: 30,
} as const satisfies Partial<BotConfig>
