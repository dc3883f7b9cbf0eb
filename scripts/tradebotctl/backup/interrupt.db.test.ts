import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test, vi } from 'vitest'
import pg from 'pg'
import { makeTestDatabase, withTestDatabase } from '#trading/store/testing.ts'
import { MAIN } from '../testing/run.ts'
import { booksOf, fillBooks, withPlace } from './books.fixture.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
const db = withTestDatabase()
const place = withPlace()
beforeAll(async () => {
  await fillBooks(db.pool, place.masterKey)
  // Enough that PostgreSQL is at COPY for a while.
  await db.pool.query(
    `INSERT INTO candles (exchange, symbol, timeframe, open_time, closed, open, high, low, close, volume)
     SELECT 'sandbox', 'ETH/USDT', '1m', timestamptz '2020-01-01' + i * interval '1 minute', true, i, i, i, i, i FROM generate_series(1, 300000) i`,
  )
  await place.backup(db.url, 'own.backup')
})

test('Ctrl-C in the middle of loading ends a restore within seconds, and the old books are there alone', async () => {
  const target = await makeTestDatabase()
  await target.pool.query(`INSERT INTO venues (exchange, timeframes) VALUES ('the old one', '{}')`)
  const name = new URL(target.url).pathname.slice(1)
  const old = await booksOf(target.url)
  const args = ['restore', place.at('own.backup'), '--replace', '--yes']
  const child = spawn(process.execPath, [MAIN, ...args, '--passphrase-file', place.at('passphrase')], {
    env: { ...process.env, ...place.envFor(target.url), NODE_OPTIONS: undefined },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const closed = once(child, 'close')
  const watch = new pg.Client({ connectionString: db.url })
  await watch.connect()
  const busy = `SELECT 1 FROM pg_stat_activity WHERE starts_with(datname, $1) AND query LIKE 'COPY public."candles"%FROM%'`
  while (child.exitCode === null && (await watch.query(busy, [`${name}_restoring_`])).rowCount === 0)
    await sleep(20)
  const toldAt = performance.now()
  child.kill('SIGINT')
  expect(await closed).toEqual([130, null])
  expect(performance.now() - toldAt).toBeLessThan(3_000)
  expect(said).toBe('Interrupted; nothing is left half done.\n')
  expect(await booksOf(target.url)).toEqual(old)
  const { rows } = await watch.query(`SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, [name])
  expect(rows).toEqual([{ datname: name }])
  await watch.end()
  await target.close()
})
