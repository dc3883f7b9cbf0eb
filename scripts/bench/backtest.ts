import { EMA, RSI } from 'technicalindicators'
import { startBacktest } from '#trading/domain/backtest/backtest.ts'
import type { CandleColumns } from '#trading/domain/backtest/candle-columns.ts'
import { randomWalk } from '#trading/domain/backtest/random-walk.ts'
import { decimal } from '#trading/domain/money.ts'
import { backtestDefaults, unknownMarket } from '../backtest/defaults.ts'

/** 365 days of one-minute candles. */
const CANDLES = 525_600
const LEAST_RATIO = 0.2
/** Odd: the round whose ratio is the middle one counts, so that neither a compiler's warming up nor a busy machine decides. */
const ROUNDS = 5

/**
 * How fast a backtest is against a bare loop that streams the same indicators (EMA 12, EMA 26, RSI 14) over the same closes as floats and
 * does nothing else. Both are run in turn in this process; prints both, and the ratio. True: it is at least 0.2.
 */
export async function benchBacktest(): Promise<boolean> {
  const candles = randomWalk({ seed: 20_261_122, count: CANDLES, start: 50_000, movePerc: 0.1 })
  const rounds = Array.from({ length: ROUNDS }, () => ({ bare: bareLoop(candles), whole: backtest(candles) }))
  const ratios = rounds.map(({ bare, whole }) => bare / whole.seconds)
  const ratio = ratios.toSorted((a, b) => a - b)[(ROUNDS - 1) / 2] ?? 0
  const round = rounds[ratios.indexOf(ratio)]
  if (round === undefined) throw new Error('no round was run')
  const { bare } = round
  const { seconds: whole, trades, fills } = round.whole
  const speed = (seconds: number) =>
    `${seconds.toFixed(2)} s, ${Math.round(CANDLES / seconds).toLocaleString('en')} candles/s`
  process.stdout.write(
    `${CANDLES.toLocaleString('en')} one-minute candles (seeded random walk), EMA 12, EMA 26, RSI 14; the middle one of ${ROUNDS} rounds, processor time\n` +
      `bare loop over the indicators  ${speed(bare)}\n` +
      `backtest of one bot            ${speed(whole)}; ${trades.toLocaleString('en')} trades, ${fills.toLocaleString('en')} fills\n` +
      `ratio                          ${ratio.toFixed(2)} (at least ${LEAST_RATIO})\n`,
  )
  return ratio >= LEAST_RATIO
}

/** Processor time of this thread: on a machine with nothing else to do it is the time that passes. */
function secondsOfThread(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e6
}

function bareLoop({ close }: CandleColumns): number {
  const began = secondsOfThread()
  const fast = new EMA({ period: 12, values: [] })
  const slow = new EMA({ period: 26, values: [] })
  const rsi = new RSI({ period: 14, values: [] })
  let sum = 0
  for (let index = 0; index < close.length; index++) {
    const value = close[index] ?? 0
    sum += (fast.nextValue(value) ?? 0) - (slow.nextValue(value) ?? 0) + (rsi.nextValue(value) ?? 0)
  }
  // The sum is used, so that no compiler may leave the loop out.
  if (Number.isNaN(sum)) throw new Error('the indicators gave no numbers')
  return secondsOfThread() - began
}

function backtest(candles: CandleColumns): { seconds: number; trades: number; fills: number } {
  const config = {
    ...backtestDefaults('BTC/USDT', '1m'),
    initialCapital: decimal(10_000),
    positionSizeFixed: decimal(1_000),
  }
  const began = secondsOfThread()
  const run = startBacktest({ config, market: unknownMarket('BTC/USDT'), candles, fromMs: null })
  while (run.advance(CANDLES));
  const { figures, fills } = run.result()
  return { seconds: secondsOfThread() - began, trades: figures.trades, fills: fills.length }
}
