import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePool, type Pool } from './pool.ts'
import { withTestDatabase } from './testing.ts'
import { nextNonce } from './venue-nonces.ts'

const db = withTestDatabase()
let workers: Pool[] = []
beforeAll(() => {
  workers = Array.from({ length: 4 }, () => makePool(db.url, { max: 5, applicationName: 'tradebot-test' }))
})
afterAll(() => Promise.all(workers.map((pool) => pool.end())))

test('four workers draw 200 nonces each of one key: each rises for everybody, and none comes twice', async () => {
  const drawn: number[][] = await Promise.all(
    workers.map(async (pool) => {
      const own: number[] = []
      for (let turn = 0; turn < 200; turn++) own.push(await nextNonce(pool, '7'))
      return own
    }),
  )
  for (const own of drawn)
    own.reduce((before, nonce) => {
      expect(nonce).toBeGreaterThan(before)
      return nonce
    }, 0)
  const all = drawn.flat()
  expect(all).toHaveLength(800)
  expect(new Set(all).size).toBe(800)
  expect(all.every(Number.isSafeInteger)).toBe(true)
})

test('drawn at once by one worker they are distinct as well', async () => {
  const [pool] = workers
  if (pool === undefined) throw new Error('no pool')
  const all = await Promise.all(Array.from({ length: 200 }, () => nextNonce(pool, '8')))
  expect(new Set(all).size).toBe(200)
})

test('a clock that was set back gives no smaller nonce, and keys do not disturb each other', async () => {
  const ahead = (Date.now() + 3_600_000) * 1000
  await db.pool.query('INSERT INTO venue_nonces (api_key_id, last) VALUES (9, $1)', [ahead])
  expect(await nextNonce(db.pool, '9')).toBe(ahead + 1)
  expect(await nextNonce(db.pool, '9')).toBe(ahead + 2)
  expect(Math.abs((await nextNonce(db.pool, '10')) / 1000 - Date.now())).toBeLessThan(60_000)
})
