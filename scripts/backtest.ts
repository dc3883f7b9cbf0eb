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
import { type BacktestArguments, HELP, readArguments, UsageError } from './backtest/arguments.ts'
import { reportOf } from './backtest/report.ts'

/** The file does not do; the message is for people. */
class FileError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'FileError'
  }
}

/** `npm run backtest -- --csv FILE`: runs a bot over the candles of a file. */
async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2))
  if (given === null) {
    process.stdout.write(HELP)
    return
  }
  const { candles, timeframe } = await readFile(given)
  checkTimes(given, candles)
  const config = given.config(timeframe)
  const lengthMs = timeframeMs(timeframe) ?? 0
  const wanted = given.to === null ? candles : candlesUntil(candles, given.to.getTime() - lengthMs)
  const { market } = given
  const backtest = startBacktest({ config, market, candles: wanted, fromMs: given.from?.getTime() ?? null })
  while (backtest.advance(20_000)) showProgress(backtest.done() / wanted.length)
  showProgress(null)
  const result = backtest.result()
  process.stdout.write(given.json ? `${JSON.stringify(result, null, 2)}\n` : reportOf(result, config, market))
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

/** @throws FileError in words: what the system says of a path names neither the option nor what to do. */
async function checkFile(file: string): Promise<void> {
  let found: Stats
  try {
    found = await stat(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FileError(`--csv: there is no file ${file}.`)
    if (code === 'EACCES') throw new FileError(`--csv: ${file} may not be read.`)
    throw error
  }
  if (found.isDirectory()) throw new FileError(`--csv: ${file} is a folder, not a file.`)
}

/** @throws FileError where no candle of the file lies in the time that was asked for */
function checkTimes({ from, to }: BacktestArguments, candles: CandleColumns): void {
  const [first, last] = [openTimeAt(candles, 0), openTimeAt(candles, candles.length - 1)]
  const iso = (time: number | Date) => new Date(time).toISOString()
  if (from !== null && from.getTime() > last)
    throw new FileError(`--from ${iso(from)} lies after the file's last candle, which is of ${iso(last)}.`)
  if (to !== null && to.getTime() <= first)
    throw new FileError(`--to ${iso(to)} lies before the file's first candle has closed, of ${iso(first)}.`)
  if (from !== null && to !== null && from >= to) throw new UsageError('--to must be later than --from.')
}

const BAR = 30

/** A bar on a terminal's standard error; null wipes it away. */
function showProgress(share: number | null): void {
  if (!process.stderr.isTTY) return
  const filled = Math.round((share ?? 0) * BAR)
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${Math.floor((share ?? 0) * 100)} %`
  process.stderr.write(share === null ? '\r\x1b[K' : `\r${bar}`)
}

try {
  await main()
} catch (error) {
  const told = error instanceof Error ? error.message : String(error)
  const usage = error instanceof UsageError
  // A fault of ours shows its stack; what a person can mend, a sentence.
  const known = usage || [BacktestError, CandleCsvError, FileError].some((kind) => error instanceof kind)
  if (!known) throw error
  process.stderr.write(`${told}\n${usage ? 'npm run backtest -- --help says more.\n' : ''}`)
  process.exitCode = usage ? 2 : 1
}
