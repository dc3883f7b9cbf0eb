import { describe, test } from 'vitest'
import { testDailyLimits } from './daily-limits.ts'
import { tradeRecordedCandles } from './replay.ts'

// Each needs a system of its own, and mostly waits for candles: they run beside each other.
describe.concurrent('systems of their own', () => {
  test('PAPER and LIVE over recorded candles, played one a second', tradeRecordedCandles, 240_000)
  test(
    'a daily loss pauses the bot with its reason, the position stays guarded, and the reset wakes it, once',
    testDailyLimits,
    240_000,
  )
})
