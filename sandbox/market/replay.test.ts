import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startSandbox } from '../server.ts'
import { makeClient } from '../testing/client.ts'
import { readRecording } from './replay-csv.ts'

const dir = mkdtempSync(join(tmpdir(), 'sandbox-replay-'))
afterAll(() => rmSync(dir, { recursive: true }))

const rows = Array.from({ length: 40 }, (_, i) => {
  const open = 81_000 + 100 * i
  return [open + 1.25, open + 80.5, open - 60.75, open + 40.5, 10.5 + i].map((v) => v.toFixed(8))
})
const write = (name: string, lines: string[]) => {
  const file = join(dir, name)
  writeFileSync(file, ['openTimeMs,open,high,low,close,volume', ...lines, ''].join('\n'))
  return file
}
// With a gap of ten hours in the middle.
const file = write(
  'hours.csv',
  rows.map((row, i) => [1_778_464_800_000 + 3_600_000 * (i < 20 ? i : i + 10), ...row].join(',')),
)
const klineSchema = z.array(
  z.tuple([z.number(), z.string(), z.string(), z.string(), z.string(), z.string()], z.unknown()),
)

const closedSeconds = async (url: string, limit: number) => {
  const { body } = await makeClient(url).send(
    'GET',
    `/api/v3/klines?symbol=BTCUSDT&interval=1s&limit=${limit}`,
  )
  return klineSchema.parse(body).slice(0, -1)
}

describe('a replay', () => {
  test('plays each recorded candle as one bar, in order, round and round, also after a restart', async () => {
    const dataDir = join(dir, 'data')
    const options = { dataDir, replay: { BTCUSDT: file }, barMs: 1000 }
    const before = await startSandbox(options)
    const first = await closedSeconds(before.url, 100)
    await before.close()

    const indexes = first.map((kline) => rows.findIndex((row) => row.every((v, k) => v === kline[k + 1])))
    expect(indexes).not.toContain(-1)
    indexes.slice(1).forEach((index, i) => expect(index).toBe(((indexes[i] ?? 0) + 1) % rows.length))

    const after = await startSandbox(options)
    const again = await closedSeconds(after.url, 100)
    await after.close()
    const known = new Map(first.map((kline) => [kline[0], kline]))
    const both = again.filter((kline) => known.has(kline[0]))
    expect(both.length).toBeGreaterThan(80)
    for (const kline of both) expect(kline).toEqual(known.get(kline[0]))
  })

  test('goes on from now: the first candle begins when the sandbox does, the last ends there', async () => {
    // Not so late in a second that the next one begins before we look.
    const late = (Date.now() % 1000) - 500
    if (late > 0) await new Promise((resolve) => setTimeout(resolve, 500 - late))
    const sandbox = await startSandbox({ replay: { BTCUSDT: file }, barMs: 1000 })
    const began = Math.floor(Date.now() / 1000) * 1000
    const history = await closedSeconds(sandbox.url, 10)
    await sandbox.close()
    const last = history.findLast((kline) => kline[0] < began)
    expect(last?.slice(1, 6)).toEqual(rows.at(-1))
  })

  test('lists an unlisted symbol with the decimals that its prices need', async () => {
    const tiny = write('tiny.csv', [
      '1509836520000,0.00162008,0.00162008,0.00162,0.00162008,108.1',
      '1509836580000,0.00161,0.00161,0.00161,0.00161,82.39',
    ])
    const sandbox = await startSandbox({ replay: { LTCBTC: tiny } })
    const { body } = await makeClient(sandbox.url).send('GET', '/api/v3/exchangeInfo?symbol=LTCBTC')
    await sandbox.close()
    expect(body).toMatchObject({
      symbols: [
        {
          baseAsset: 'LTC',
          quoteAsset: 'BTC',
          filters: [{ tickSize: '0.00000001' }, {}, {}, {}, {}, {}, {}],
        },
      ],
    })
  })

  test.each([
    ['no such file', join(dir, 'none.csv'), /cannot read the replay file/],
    ['a high below its close', write('bad.csv', ['1,5,4,3,4,1', '2,5,5,5,5,1']), /candle 1: open and close/],
    ['times that do not ascend', write('order.csv', ['2,5,5,5,5,1', '1,5,5,5,5,1']), /candle 2: times/],
    ['a word for a price', write('word.csv', ['1,x,5,5,5,1', '2,5,5,5,5,1']), /candle 1: open/],
    ['one candle', write('one.csv', ['1,5,5,5,5,1']), /at least two/],
  ])('refuses %s with a sentence', (_, path, message) => {
    expect(() => readRecording(path)).toThrow(message)
  })

  test('measures its interval over gaps', () => {
    expect(readRecording(file).intervalMs).toBe(3_600_000)
  })
})
