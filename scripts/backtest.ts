import { createReadStream } from 'node:fs'
import { CandleCsvError, readCandles } from '#trading/csv/read-candles.ts'
import { BacktestError, startBacktest } from '#trading/domain/backtest/backtest.ts'
import {
  candlesUntil,
  type CandleColumns,
  MOST_CANDLES,
  openTimeAt,
} from '#trading/domain/backtest/candle-columns.ts'
import { timeframeMs } from '#trading/domain/market.ts'
import { type BacktestArguments, HELP, readArguments, UsageError } from './backtest/arguments.ts'
import { reportOf } from './backtest/report.ts'

/** `npm run backtest -- --csv FILE`: runs a bot over the candles of a file. */
async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2))
  if (given === null) {
    process.stdout.write(HELP)
    return
  }
  const { candles, timeframe } = await readFile(given)
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
  const lengthMs = given.timeframe === null ? null : timeframeMs(given.timeframe)
  const candles = await readCandles(createReadStream(given.file), { lengthMs, most: MOST_CANDLES })
  if (given.timeframe !== null) return { candles, timeframe: given.timeframe }
  const timeframe = candles.length < 2 ? null : nameOf(openTimeAt(candles, 1) - openTimeAt(candles, 0))
  if (timeframe === null)
    throw new UsageError("The timeframe cannot be told from the file's first two candles: give --timeframe.")
  return { candles, timeframe }
}

/** "15m" for 900,000 ms: the largest unit that fits; null where none does. */
function nameOf(lengthMs: number): string | null {
  for (const unit of ['w', 'd', 'h', 'm', 's']) {
    const count = lengthMs / (timeframeMs(`1${unit}`) ?? Infinity)
    if (Number.isInteger(count) && timeframeMs(`${count}${unit}`) === lengthMs) return `${count}${unit}`
  }
  return null
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
  const known = usage || error instanceof BacktestError || error instanceof CandleCsvError || isMissing(error)
  if (!known) throw error
  process.stderr.write(`${told}\n${usage ? 'npm run backtest -- --help says more.\n' : ''}`)
  process.exitCode = usage ? 2 : 1
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['ENOENT', 'EACCES', 'EISDIR'].includes(String(error.code))
  )
}
