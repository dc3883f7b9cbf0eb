import { createReadStream, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { CandleCsvError, readCandles } from '#trading/csv/read-candles.ts'
import { BacktestError, startBacktest } from '#trading/domain/backtest/backtest.ts'
import {
  candlesUntil,
  type CandleColumns,
  MOST_CANDLES,
  openTimeAt,
} from '#trading/domain/backtest/candle-columns.ts'
import { usualDistance } from '#trading/csv/usual-distance.ts'
import { timeframeMs, timeframeOf } from '#trading/domain/market.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, InterruptedError, UsageError } from '../frame/errors.ts'
import { type BacktestArguments, type BacktestOptions, readArguments } from './arguments.ts'
import { reportOf } from './report.ts'
import { type BacktestDocument, backtestResult } from './result-shape.ts'

/** Runs a bot over the candles of a file. @throws UsageError, CouldNotError */
export async function runBacktest(
  options: BacktestOptions,
  { signal, progress }: Context,
): Promise<{ exitCode: 0; result: BacktestDocument; text: string }> {
  const given = readArguments(options)
  try {
    const { candles, timeframe } = await readFile(given)
    checkTimes(given, candles)
    const config = given.config(timeframe)
    const lengthMs = timeframeMs(timeframe) ?? 0
    const wanted = given.to === null ? candles : candlesUntil(candles, given.to.getTime() - lengthMs)
    const { market } = given
    const backtest = startBacktest({ config, market, candles: wanted, fromMs: given.from?.getTime() ?? null })
    while (backtest.advance(20_000)) {
      progress.show('Running', backtest.done(), wanted.length)
      await new Promise((resolve) => setImmediate(resolve)) // Ctrl-C is heard between two steps.
      if (signal.aborted) throw new InterruptedError()
    }
    const result = backtest.result()
    return {
      exitCode: 0,
      result: backtestResult.parse(JSON.parse(JSON.stringify(result))),
      text: reportOf(result, config, market),
    }
  } catch (error) {
    if (error instanceof BacktestError || error instanceof CandleCsvError)
      throw new CouldNotError('BACKTEST_IMPOSSIBLE', error.message, { cause: error })
    throw error
  }
}

async function readFile(given: BacktestArguments): Promise<{ candles: CandleColumns; timeframe: string }> {
  await checkFile(given.file)
  const lengthMs = given.timeframe === null ? null : timeframeMs(given.timeframe)
  const candles = await readCandles(createReadStream(given.file), { lengthMs, most: MOST_CANDLES })
  if (given.timeframe !== null) return { candles, timeframe: given.timeframe }
  const timeframe = timeframeOf(usualDistance(candles) ?? 0)
  if (timeframe === null)
    throw new UsageError(
      "The timeframe cannot be told from the distance of the file's candles: give --timeframe.",
    )
  return { candles, timeframe }
}

/** @throws CouldNotError in words: what the system says of a path names neither the option nor what to do. */
async function checkFile(file: string): Promise<void> {
  let found: Stats
  try {
    found = await stat(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new CouldNotError('CANDLES_UNREADABLE', `--csv: there is no file ${file}.`)
    if (code === 'EACCES') throw new CouldNotError('CANDLES_UNREADABLE', `--csv: ${file} may not be read.`)
    throw error
  }
  if (found.isDirectory())
    throw new CouldNotError('CANDLES_UNREADABLE', `--csv: ${file} is a folder, not a file.`)
}

/** @throws CouldNotError where no candle of the file lies in the time that was asked for */
function checkTimes({ from, to }: BacktestArguments, candles: CandleColumns): void {
  const [first, last] = [openTimeAt(candles, 0), openTimeAt(candles, candles.length - 1)]
  const iso = (time: number | Date) => new Date(time).toISOString()
  if (from !== null && from.getTime() > last)
    throw new CouldNotError(
      'CANDLES_UNREADABLE',
      `--from ${iso(from)} lies after the file's last candle, which is of ${iso(last)}.`,
    )
  if (to !== null && to.getTime() <= first)
    throw new CouldNotError(
      'CANDLES_UNREADABLE',
      `--to ${iso(to)} lies before the file's first candle has closed, of ${iso(first)}.`,
    )
  if (from !== null && to !== null && from >= to) throw new UsageError('--to must be later than --from.')
}
