import { EMA, RSI } from 'technicalindicators'
import { startBacktest } from '#trading/domain/backtest/backtest.ts'
import type { CandleColumns } from '#trading/domain/backtest/candle-columns.ts'
import { randomWalk } from '#trading/domain/backtest/random-walk.ts'
import { decimal } from '#trading/domain/money.ts'
import { backtestDefaults, unknownMarket } from '../tradebotctl/backtest/defaults.ts'

/** 365 days of one-minute candles. */
const CANDLES = 525_600
const LEAST_RATIO = 0.2
/** Odd: the round whose ratio is the middle one counts, so that neither a compiler's warming up nor a busy machine decides. */
const ROUNDS = 5

/**
 * How fast a backtest is against a bare loop that streams the same indicators (EMA 12, EMA 26, RSI 14) over the same closes as floats and
 * does nothing else, each in turn in this process. Each trade costs exact arithmetic, so two bots are run: one as a person would set it, with
 * at most ten entries a day, and one that trades at every signal, some 22 times a day. True: both are at no less than 0.2 of the loop's speed.
 */
export async function benchBacktest(): Promise<boolean> {
  const candles = randomWalk({ seed: 20_261_122, count: CANDLES, start: 50_000, movePerc: 0.1 })
  const rounds = Array.from({ length: ROUNDS }, () => ({
    bare: bareLoop(candles),
    limited: backtest(candles, 10),
    free: backtest(candles, null),
  }))
  const limited = middleOf(rounds.map(({ bare, limited: run }) => ({ bare, run, ratio: bare / run.seconds })))
  const free = middleOf(rounds.map(({ bare, free: run }) => ({ bare, run, ratio: bare / run.seconds })))
  process.stdout.write(
    `${CANDLES.toLocaleString('en')} one-minute candles (seeded random walk); the middle one of ${ROUNDS} rounds, processor time\n` +
      `bare loop, EMA 12, EMA 26, RSI 14    ${speed(limited.bare)}\n` +
      `backtest, at most 10 entries a day   ${speed(limited.run.seconds)}; ${limited.run.trades.toLocaleString('en')} trades\n` +
      `  ratio ${limited.ratio.toFixed(2)} (at least ${LEAST_RATIO})\n` +
      `backtest, an entry at every signal   ${speed(free.run.seconds)}; ${free.run.trades.toLocaleString('en')} trades\n` +
      `  ratio ${free.ratio.toFixed(2)} (at least ${LEAST_RATIO}) against ${speed(free.bare)}\n`,
  )
  return Math.min(limited.ratio, free.ratio) >= LEAST_RATIO
}

function speed(seconds: number): string {
  return `${seconds.toFixed(2)} s, ${Math.round(CANDLES / seconds).toLocaleString('en')} candles/s`
}

function middleOf<Round extends { ratio: number }>(rounds: Round[]): Round {
  const middle = rounds.toSorted((a, b) => a.ratio - b.ratio)[(ROUNDS - 1) / 2]
  if (middle === undefined) throw new Error('no round was run')
  return middle
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

function backtest(
  candles: CandleColumns,
  maxDailyTrades: number | null,
): { seconds: number; trades: number } {
  const config = {
    ...backtestDefaults('BTC/USDT', '1m'),
    initialCapital: decimal(10_000),
    positionSizeFixed: decimal(1_000),
    maxDailyTrades,
  }
  const began = secondsOfThread()
  const run = startBacktest({ config, market: unknownMarket('BTC/USDT'), candles, fromMs: null })
  while (run.advance(CANDLES));
  const { figures } = run.result()
  return { seconds: secondsOfThread() - began, trades: figures.trades }
}
