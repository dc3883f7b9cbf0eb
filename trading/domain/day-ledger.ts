import type { BotConfig } from './bot.ts'
import { type Decimal, percentOf, plain } from './money.ts'

/** One UTC day of a bot. Money in quote currency. */
export type Day = {
  /** YYYY-MM-DD, UTC. */
  day: string
  startEquity: Decimal
  realizedPnl: Decimal
  unrealizedPnl: Decimal
  fees: Decimal
  /** Part of realizedPnl: funding received (positive) or paid. */
  funding: Decimal
  tradeCount: number
}

export function utcDay(instant: Date): string {
  return instant.toISOString().slice(0, 10)
}

export function utcMidnight(day: string): Date {
  return new Date(`${day}T00:00:00.000Z`)
}

/** Equity is the bot's own: initial capital + realised profit net of fees + unrealised. */
export function equityOf(initialCapital: Decimal, realizedPnl: Decimal, unrealized: Decimal): Decimal {
  const booked = initialCapital.plus(realizedPnl)
  return unrealized.isZero() ? booked : booked.plus(unrealized)
}

/**
 * The daily limit that is reached, loss first, then target, then trades; null while none is. `dayPnl` = equity now − start equity;
 * target and loss are percentages of start equity.
 */
export function reachedLimit(
  config: Pick<BotConfig, 'dailyTargetPerc' | 'maxDailyLossPerc' | 'maxDailyTrades'>,
  day: Pick<Day, 'startEquity' | 'tradeCount'>,
  dayPnl: Decimal,
): { reason: 'DAILY_LOSS' | 'DAILY_TARGET' | 'DAILY_TRADES'; message: string } | null {
  if (
    config.maxDailyLossPerc !== null &&
    dayPnl.lte(percentOf(day.startEquity, config.maxDailyLossPerc).neg())
  ) {
    return {
      reason: 'DAILY_LOSS',
      message: `Daily loss limit reached: ${plain(dayPnl)} of ${plain(day.startEquity)} is a loss of ${plain(config.maxDailyLossPerc)} % or more.`,
    }
  }
  if (config.dailyTargetPerc !== null && dayPnl.gte(percentOf(day.startEquity, config.dailyTargetPerc))) {
    return {
      reason: 'DAILY_TARGET',
      message: `Daily target reached: ${plain(dayPnl)} of ${plain(day.startEquity)} is ${plain(config.dailyTargetPerc)} % or more.`,
    }
  }
  if (config.maxDailyTrades !== null && day.tradeCount >= config.maxDailyTrades) {
    return {
      reason: 'DAILY_TRADES',
      message: `Daily trade limit reached: ${day.tradeCount} of ${config.maxDailyTrades} entries.`,
    }
  }
  return null
}
