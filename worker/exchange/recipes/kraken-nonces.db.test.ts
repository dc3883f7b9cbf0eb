import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeLogger } from '#trading/config/logger.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { makeVenues } from '../venues.ts'
import { makeCore } from './testing/core.ts'
import { type FakeVenue, startFakeVenue } from './testing/fake-venue.ts'
import { KRAKEN_KEY, KRAKEN_MARKET, krakenDialect } from './testing/kraken.ts'

const db = withTestDatabase()
let fake: FakeVenue
beforeAll(async () => {
  fake = await startFakeVenue(krakenDialect(), makeCore([KRAKEN_MARKET], { USD: '10000' }))
})
afterAll(() => fake.close())

/** A worker of its own: other venues, other clients, the same database. */
function worker() {
  const timing = { httpTimeoutMs: 3000, recvWindowMs: 5000, sendBudgetMs: 3000, settleSkewMs: 1000 }
  const venues = makeVenues({
    env: { exchangeUrls: { kraken: fake.url }, timing },
    shared: { pool: db.pool, logger: makeLogger('test') },
  })
  return { venues, account: venues.account('kraken', { ...KRAKEN_KEY, passphrase: null }, '7') }
}

test('two workers ask with one key by turns: each draws a nonce above the other’s, the check of the key too', async () => {
  const [one, two] = [worker(), worker()]
  // Far ahead of this host's clock, as another host's may have been: the database goes on from there.
  const ahead = (Date.now() + 60_000) * 1000
  await db.pool.query('INSERT INTO venue_nonces (api_key_id, last) VALUES (7, $1)', [ahead])
  for (let turn = 0; turn < 4; turn++)
    for (const { account } of [one, two])
      expect((await account.fetchBalance('SPOT')).get('USD')?.total.toString()).toBe('10000')
  expect(await two.venues.keyRights('kraken', { ...KRAKEN_KEY, passphrase: null }, '7')).toMatchObject({
    canTrade: true,
  })
  const nonces = fake
    .asked('POST /0/private/BalanceEx')
    .map(({ body }) => Number(new URLSearchParams(body).get('nonce')))
  expect(nonces).toEqual(Array.from({ length: 8 }, (_, index) => ahead + 1 + index))
  await Promise.all([one, two].map(({ account }) => account.close()))
})
