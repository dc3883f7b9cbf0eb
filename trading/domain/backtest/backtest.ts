import type { BotConfig } from '../bot.ts'
import { type Market, timeframeMs } from '../market.ts'
import { type Decimal, maximum, scale18 } from '../money.ts'
import { betterPrice, exitPrices, unrealizedPnl } from '../position.ts'
import { startSignals, type SignalStream } from '../strategies/candle-signals.ts'
import { strategyById } from '../strategies/index.ts'
import type { Moves } from '../strategies/moves.ts'
import { paramsOf } from '../strategies/strategy.ts'
import { type Books, openBooks } from './books.ts'
import {
  blankCandle,
  type CandleColumns,
  type CandleField,
  decimalAt,
  floatAt,
  openTimeAt,
  readCandle,
} from './candle-columns.ts'
import { type Touch, touchOf, touchTime } from './clock.ts'
import { type BacktestResult, resultOf } from './result.ts'
import { stepBooks } from './step.ts'
import { tooFewCandles } from './warm-up.ts'
import { raiseWatch, type Watch, watchBooks } from './watch.ts'

export type BacktestSetup = {
  config: BotConfig
  market: Market
  /** Closed candles, oldest first; those before the strategy is warm serve only to warm it up. */
  candles: CandleColumns
  /** Candles that opened before this only warm the strategy up. Null: from the first one on. Milliseconds. */
  fromMs: number | null
  /** False: a tick at every candle, for the test that leaving ticks out changes nothing. */
  shortcuts?: boolean
}

/** A backtest under way: `advance` takes so many candles and answers false when none is left. */
export type Backtest = {
  advance(candles: number): boolean
  done(): number
  /** Once all candles are taken. */
  result(): BacktestResult
}

/** The configuration or the candles do not make a backtest; the message is for people. */
export class BacktestError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BacktestError'
  }
}

/** A mark at midnight is no older than this, as in trading/store/days.ts. */
const OLDEST_MARK_MS = 2 * 86_400_000

/**
 * Runs a bot over candles of the past: the same `tick()`, strategies, PAPER fills and booking as a bot that runs, by the clock of
 * clock.ts, and nothing of a candle is known before its moment has come. Ticks at which nothing can happen are left out (watch.ts).
 * @throws BacktestError
 */
export function startBacktest(setup: BacktestSetup): Backtest {
  const { config, candles, market } = setup
  const lengthMs = timeframeMs(config.timeframe)
  const strategy = strategyById(config.strategy)
  if (lengthMs === null) throw new BacktestError(`${config.timeframe} is not a timeframe.`)
  if (strategy === null) throw new BacktestError(`There is no strategy ${config.strategy}.`)
  const params = paramsOf(strategy, config)
  const signals = startSignals(strategy, params)
  const first = firstTraded(setup, signals.needed, () => tooFewCandles(strategy, params, candles.length))
  const books = openBooks(config, market, new Date(openTimeAt(candles, first)))
  const curve = {
    closeTime: new Float64Array(candles.length - first),
    equity: new Float64Array(candles.length - first),
  }
  const pass = makePass({ setup, books, signals, lengthMs })
  const warming = blankCandle()
  let next = 0
  return {
    advance(count) {
      const end = Math.min(candles.length, next + count)
      for (; next < end; next++) {
        if (next < first) {
          readCandle(candles, next, warming)
          signals.next(warming)
          continue
        }
        const equity = pass.take(next, next === first || next === candles.length - 1)
        curve.closeTime[next - first] = openTimeAt(candles, next) + lengthMs
        curve.equity[next - first] = equity
      }
      return next < candles.length
    },
    done: () => next,
    result() {
      if (next < candles.length) throw new Error('the backtest is not over')
      return resultOf({ books, candles, curve, first, lengthMs })
    },
  }
}

/** The first candle whose signal counts: the strategy is warm, and the asked time has come. */
function firstTraded({ candles, fromMs }: BacktestSetup, needed: number, tooFew: () => string): number {
  const last = candles.openTime.at(-1)
  if (fromMs !== null && last !== undefined && last < fromMs) {
    const [begin, end] = [new Date(fromMs).toISOString(), new Date(last).toISOString()]
    throw new BacktestError(
      `The backtest is to begin at ${begin}, after the last candle, which is of ${end}.`,
    )
  }
  let first = Math.max(needed - 1, 0)
  while (fromMs !== null && first < candles.length && openTimeAt(candles, first) < fromMs) first += 1
  if (first < candles.length) return first
  throw new BacktestError(
    candles.length < needed
      ? tooFew()
      : `There is no candle at or after ${new Date(fromMs ?? 0).toISOString()}.`,
  )
}

type PassOptions = { setup: BacktestSetup; books: Books; signals: SignalStream; lengthMs: number }

/** Takes candles one by one; answers the equity at the candle's close. */
function makePass({ setup: { candles, shortcuts = true }, books, signals, lengthMs }: PassOptions) {
  const candle = blankCandle()
  let watch: Watch = watchBooks(books)
  /** The best close since the last tick while a position is held: what was left out is made up for by it. */
  let peak = -1
  /** Of a short, its negative. */
  let peakClose = -Infinity
  const goesLong = books.bot.direction !== 'SHORT'
  const goesShort = books.bot.direction !== 'LONG'

  function raise(index: number, close: number): void {
    const long = watch.amount > 0
    const rank = long ? close : -close
    if (rank < peakClose) return
    if (rank === peakClose && !isBetter(candles, index, peak, long)) return
    peak = index
    peakClose = rank
    raiseWatch(watch, books, close)
  }

  /** Would the bot enter, or leave what it holds? */
  function calls({ long, short }: Moves, held: number): boolean {
    if (held > 0) return long === 'EXIT'
    if (held < 0) return short === 'EXIT'
    return (goesLong && long === 'ENTER') || (goesShort && short === 'ENTER')
  }

  /** Nothing but prices has moved since the last tick: what they left on the way is written now. */
  function catchUp(index: number): void {
    const { state, bot, position } = books
    // Asked for where a day begins after a long gap; a tick sets it by itself.
    if (index > 0 && openTimeAt(candles, index) + lengthMs >= books.dayEndMs && books.days.length > 0)
      state.lastPrice = decimalAt(candles, index - 1, 'close')
    if (peak === -1 || position === null) return
    if (bot.maxDrawdownPerc === null && bot.trailingStopPerc === null) return
    const best = decimalAt(candles, peak, 'close')
    if (bot.maxDrawdownPerc !== null) {
      const equity = bot.initialCapital.plus(state.realizedPnl).plus(unrealizedPnl(position, best))
      state.peakEquity = scale18(maximum(state.peakEquity, equity))
    }
    if (bot.trailingStopPerc === null) return
    const bestPrice = betterPrice(position.side, position.bestPrice, best)
    const { stopLoss, takeProfit } = exitPrices(
      { side: position.side, averagePrice: position.averagePrice, bestPrice },
      bot,
    )
    books.position = { ...position, bestPrice, stopLossPrice: stopLoss, takeProfitPrice: takeProfit }
  }

  function tickAt(index: number): void {
    // A bot in ERROR that holds nothing ticks no more, here as in a worker.
    if (books.state.nextTickAt === null) return
    const thorough = !shortcuts || index === candles.length - 1
    catchUp(index)
    const openTime = openTimeAt(candles, index)
    const marks = (newest: number) => (midnight: Date) =>
      markAt(candles, newest, midnight.getTime(), lengthMs)
    const touch = findTouch(index)
    if (touch !== null) {
      const now = new Date(touchTime(touch, openTime, lengthMs))
      stepBooks(books, { now, price: touch.price, signals: [], markAt: marks(index - 1), thorough })
    }
    const now = new Date(openTime + lengthMs)
    const price = decimalAt(candles, index, 'close')
    const signal = { openTime: new Date(openTime), signal: signals.signal() }
    watch = stepBooks(books, { now, price, signals: [signal], markAt: marks(index), thorough })
    peak = -1
    peakClose = -Infinity
  }

  function findTouch(index: number): Touch | null {
    const { position } = books
    const far = floatAt(candles, index, 'low') > watch.below && floatAt(candles, index, 'high') < watch.above
    if (position === null || (far && shortcuts)) return null
    const at = (field: CandleField) => decimalAt(candles, index, field)
    return touchOf({ open: at('open'), high: at('high'), low: at('low') }, position)
  }

  return {
    take(index: number, always: boolean): number {
      readCandle(candles, index, candle)
      const moves = signals.next(candle)
      const { low, high, close } = candle
      const { amount } = watch
      const equity = watch.cash + amount * close
      if (
        always ||
        !shortcuts ||
        calls(moves, amount) ||
        openTimeAt(candles, index) + lengthMs >= books.dayEndMs ||
        (amount !== 0 &&
          (low <= watch.below || high >= watch.above || equity <= watch.low || equity >= watch.high)) ||
        books.state.closing
      ) {
        tickAt(index)
        return watch.cash + watch.amount * close
      }
      if (amount !== 0) raise(index, close)
      return equity
    },
  }
}

/** Floats tie where texts need not. */
function isBetter(candles: CandleColumns, index: number, than: number, long: boolean): boolean {
  if (candles.exact.size === 0) return false
  const [one, other] = [decimalAt(candles, index, 'close'), decimalAt(candles, than, 'close')]
  return long ? one.gt(other) : one.lt(other)
}

/** Close of the newest of the candles up to `newest` that had closed by then. */
function markAt(candles: CandleColumns, newest: number, midnight: number, lengthMs: number): Decimal | null {
  let index = newest
  while (index >= 0 && openTimeAt(candles, index) + lengthMs > midnight) index -= 1
  if (index < 0 || openTimeAt(candles, index) < midnight - OLDEST_MARK_MS) return null
  return decimalAt(candles, index, 'close')
}
