import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { countGaps, decimalAt } from '../domain/backtest/candle-columns.ts'
import { readCandles } from './read-candles.ts'

const HEADER = 'openTimeMs,open,high,low,close,volume\n'
const MINUTE = 60_000
const T = Date.UTC(2026, 0, 1)
const read = (text: string, { lengthMs = MINUTE, most = 100 } = {}) =>
  readCandles(Readable.from([text]), { lengthMs, most })
const row = (minute: number, rest = '1,2,0.5,1.5,10') => `${T + minute * MINUTE},${rest}\n`

test('rows become columns, with every digit, whatever the order of the columns and however times are written', async () => {
  const text =
    '\uFEFFClose,openTimeMs,low,HIGH,open,volume,more\r\n' +
    '0.00162008,2026-01-01T00:00:00Z,0.0016,0.0017,0.00165,108.14853839,x\r\n' +
    `0.123456789012345678,${T + MINUTE},0.1,0.2,0.15,0,\r\n\r\n`
  const candles = await read(text)
  expect(candles.length).toBe(2)
  expect([...candles.openTime]).toEqual([T, T + MINUTE])
  expect(decimalAt(candles, 0, 'close').toFixed()).toBe('0.00162008')
  expect(decimalAt(candles, 1, 'close').toFixed()).toBe('0.123456789012345678')
})

test('candles may be missing', async () => {
  const candles = await read(HEADER + [0, 1, 2, 9, 10, 30].map((minute) => row(minute)).join(''))
  expect(candles.length).toBe(6)
  expect(countGaps(candles, MINUTE)).toBe(2)
})

test.for([
  ['', 'The file is empty'],
  [HEADER, 'no candles'],
  ['time,open,high,low,close,volume\n', 'Line 1: the header must name .* lacks openTimeMs'],
  [HEADER + row(0) + row(0), 'Line 3: the candle of 2026-01-01T00:00:00.000Z stands here a second time'],
  [HEADER + row(1) + row(0), 'Line 3: rows must be oldest first'],
  [HEADER + row(0) + `${T + 90_000},1,2,0.5,1.5,10\n`, 'Line 3: .* no whole number of candles'],
  [HEADER + row(0, '1,2,0.5,x,10'), 'Line 2: close must be a number.* it is "x"'],
  [HEADER + row(0, '1,2,0.5'), 'Line 2: close must be a number.* it is ""'],
  [HEADER + row(0, '-1,2,0.5,1,10'), 'Line 2: open must be a number above 0; it is "-1"'],
  [HEADER + row(0, '1,2,0.5,1,-1'), 'Line 2: volume must be a number of at least 0'],
  [HEADER + row(0) + row(60) + row(120), "The file's candles are 1h apart .* the timeframe is 1m"],
  [HEADER + row(0, '1,2,0,1,10'), 'Line 2: prices must be above 0'],
  [HEADER + row(0, '1,1.2,0.5,1.5,10'), 'Line 2: high .* at least'],
  [HEADER + row(0, '1,2,1.2,1.5,10'), 'Line 2: low .* at most'],
  [HEADER + '1509836520,1,2,0.5,1.5,10\n', 'Line 2: openTimeMs must be milliseconds'],
  [HEADER + '2026-01-01T00:00:00,1,2,0.5,1.5,10\n', 'Line 2: openTimeMs must be .* with its zone'],
  [HEADER + [...Array(101).keys()].map((minute) => row(minute)).join(''), 'Line 102: more than 100 candles'],
  [HEADER + row(0) + '"1,2\n', 'Line 3: Quote Not Closed'],
] as const)('%j is refused with its line and rule', async ([text, message]) => {
  await expect(read(text)).rejects.toThrow(new RegExp(message))
})
