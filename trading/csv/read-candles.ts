import type { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { type CandleColumns, makeCandleWriter } from '../domain/backtest/candle-columns.ts'
import { timeframeOf } from '../domain/market.ts'
import { readHeader, readRow } from './candle-row.ts'
import { usualDistance } from './usual-distance.ts'

/** What is wrong with the file, with its line. */
export class CandleCsvError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CandleCsvError'
  }
}

export type ReadCandlesOptions = {
  /** The distance of candles; what opens off its grid is refused, and a file whose candles are usually further apart. Null: any. */
  lengthMs: number | null
  /** More candles than this are refused. */
  most: number
}

/**
 * Candles from CSV, streamed: a header line that names openTimeMs (milliseconds since 1970, or ISO-8601 with its zone), open, high, low,
 * close and volume, in any order; other columns are ignored. Rows come oldest first, each once; missing candles are allowed.
 * @throws CandleCsvError with the line and the rule that it breaks
 */
export function readCandles(source: Readable, options: ReadCandlesOptions): Promise<CandleColumns> {
  const parser = parse({ bom: true, relax_column_count: true, trim: true, max_record_size: 10_000 })
  const take = makeTaker(options)
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      source.destroy()
      parser.destroy()
      reject(error instanceof CsvError ? unreadable(error, take.line() + 1) : error)
    }
    parser.on('readable', () => {
      try {
        for (let record: unknown = parser.read(); record !== null; record = parser.read())
          if (Array.isArray(record)) take.record(record)
      } catch (error) {
        fail(error)
      }
    })
    parser.on('error', fail)
    source.on('error', fail)
    parser.on('end', () => {
      try {
        resolve(take.done())
      } catch (error) {
        fail(error)
      }
    })
    source.pipe(parser)
  })
}

/** Not even CSV. */
function unreadable(error: CsvError, near: number): CandleCsvError {
  const line: unknown = Reflect.get(error, 'lines')
  return new CandleCsvError(`Line ${typeof line === 'number' ? line : near}: ${error.message}`)
}

function makeTaker({ lengthMs, most }: ReadCandlesOptions) {
  const writer = makeCandleWriter()
  let line = 0
  let columns: ReturnType<typeof readHeader> | null = null
  let first: number | null = null
  const refuse = (rule: string): never => {
    throw new CandleCsvError(`Line ${line}: ${rule}`)
  }
  return {
    line: () => line,
    record(record: readonly unknown[]): void {
      line += 1
      if (columns === null) {
        columns = readHeader(record.map(String), refuse)
        return
      }
      // An empty line, as at the end of many files.
      if (record.length === 1 && record[0] === '') return
      const { openTimeMs, texts } = readRow(record, columns, refuse)
      const before = writer.lastOpenTime()
      if (before === openTimeMs) refuse(`the candle of ${iso(openTimeMs)} stands here a second time.`)
      if (before !== null && openTimeMs < before)
        refuse(`rows must be oldest first: ${iso(openTimeMs)} comes after ${iso(before)}.`)
      first ??= openTimeMs
      if (lengthMs !== null && (openTimeMs - first) % lengthMs !== 0)
        refuse(
          `${iso(openTimeMs)} is no whole number of candles after ${iso(first)}. Is the timeframe the file's?`,
        )
      if (writer.length() >= most) refuse(`more than ${most.toLocaleString('en')} candles.`)
      writer.push(openTimeMs, texts)
    },
    done(): CandleColumns {
      if (columns === null) throw new CandleCsvError('The file is empty: there is not even a header.')
      if (writer.length() === 0) throw new CandleCsvError('The file has a header and no candles.')
      const candles = writer.done()
      const usual = usualDistance(candles)
      if (lengthMs !== null && usual !== null && usual !== lengthMs) throw otherTimeframe(usual, lengthMs)
      return candles
    },
  }
}

function otherTimeframe(usual: number, lengthMs: number): CandleCsvError {
  const name = (ms: number) => timeframeOf(ms) ?? `${ms / 1000} s`
  return new CandleCsvError(
    `The file's candles are ${name(usual)} apart for the most part, and the timeframe is ${name(lengthMs)}. Choose the file's own.`,
  )
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
