import type { BotState } from './bot.ts'
import { type Decimal, ZERO } from './money.ts'

/** A bot that has just begun to run: flat, nothing consumed. Capital in quote currency. */
export function runningState(botId: string, initialCapital: Decimal, startedAt: Date | null): BotState {
  return {
    botId,
    status: 'RUNNING',
    pauseReason: null,
    pauseDay: null,
    errorCode: null,
    errorMessage: null,
    closing: false,
    deleting: false,
    closePolicy: null,
    dailyPnl: ZERO,
    dailyTradeCount: 0,
    totalPnl: ZERO,
    realizedPnl: ZERO,
    equity: initialCapital,
    peakEquity: initialCapital,
    lastPrice: null,
    markPrice: null,
    fundedUntil: null,
    lastSignal: null,
    lastCandleAt: null,
    startedAt,
    nextTickAt: startedAt,
    exitFailures: 0,
    exitRetryAt: null,
    cooldownUntil: null,
    notice: null,
    noticeMessage: null,
    exitPurpose: null,
    exitReason: null,
    stopTouchedAt: null,
    stopFailures: 0,
    stopRetryAt: null,
    stopNotice: null,
    dustAmount: ZERO,
    dustCost: ZERO,
  }
}
