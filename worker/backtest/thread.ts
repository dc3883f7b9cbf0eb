import { Readable } from 'node:stream'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { BacktestError, startBacktest } from '#trading/domain/backtest/backtest.ts'
import { type CandleColumns, candlesUntil, MOST_CANDLES } from '#trading/domain/backtest/candle-columns.ts'
import { type Market, timeframeMs } from '#trading/domain/market.ts'
import { decimal } from '#trading/domain/money.ts'
import { CandleCsvError, readCandles } from '#trading/csv/read-candles.ts'
import { configFromStored } from '#trading/store/read-config.ts'
import { storedMarket, type ThreadInput, type ThreadMessage } from './thread-messages.ts'

/** Candles between two looks at the clock: some milliseconds' work. */
const STEP = 2_000
const TELL_EVERY_MS = 250

/** What runs in a thread of its own, so that a backtest delays no tick of a bot: candles in, progress and the result out. */
async function main(input: ThreadInput): Promise<void> {
  const tell = (message: ThreadMessage) => parentPort?.postMessage(message)
  try {
    const config = configFromStored(input.config)
    const lengthMs = timeframeMs(config.timeframe) ?? 0
    const all = input.csv === null ? input.candles : await fromCsv(input.csv, lengthMs)
    if (all === null) throw new Error('neither candles nor a CSV were given')
    const candles = input.toMs === null ? all : candlesUntil(all, input.toMs - lengthMs)
    const backtest = startBacktest({
      config,
      market: marketFrom(input.market),
      candles,
      fromMs: input.fromMs,
    })
    let toldAt = performance.now()
    tell({ kind: 'PROGRESS', done: 0, total: candles.length })
    while (backtest.advance(STEP)) {
      if (performance.now() - toldAt < TELL_EVERY_MS) continue
      toldAt = performance.now()
      tell({ kind: 'PROGRESS', done: backtest.done(), total: candles.length })
    }
    const { figures, curve, trips } = backtest.result()
    // As JSON: decimals and instants are texts in it.
    const [summary, trades] = [JSON.stringify(figures), JSON.stringify(trips.slice(0, MOST_TRADES_KEPT))]
    tell({ kind: 'RESULT', summary, trades, curve: JSON.stringify(curve), candles: candles.length })
  } catch (error) {
    if (!(error instanceof BacktestError || error instanceof CandleCsvError)) throw error
    tell({ kind: 'REFUSED', message: error.message })
  }
}

/** Round trips that are stored; the figures are of all. */
const MOST_TRADES_KEPT = 20_000

function fromCsv(csv: string, lengthMs: number): Promise<CandleColumns> {
  return readCandles(Readable.from([csv]), { lengthMs, most: MOST_CANDLES })
}

function marketFrom(stored: unknown): Market {
  return storedMarket(decimal).parse(stored)
}

if (!isMainThread) await main(workerData)
