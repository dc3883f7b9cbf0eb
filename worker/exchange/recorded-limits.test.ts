import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { LOOK, OPEN, PLACE, withRecordedBinance } from './recorded-account.fixture.ts'
import * as recorded from './recorded/binance.ts'
import { makeVenue } from './venue.ts'

const { server, account, place, look, settings } = withRecordedBinance()

describe('a time that Binance did not take', () => {
  const late = {
    status: 400,
    body: '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}',
  }
  const times = () => server().asked('GET /api/v3/time').length

  test('is measured again, and what only reads is asked once more', async () => {
    server().answer(OPEN, late, '[]')
    const before = times()
    expect(await account().fetchOpenOrders('BTC/USDT')).toEqual([])
    expect(times()).toBe(before + 1)
    server().answer(OPEN, late)
    const asked = server().asked(OPEN).length
    await expect(account().fetchOpenOrders('BTC/USDT')).rejects.toMatchObject({ kind: 'UNREACHABLE' })
    expect(server().asked(OPEN)).toHaveLength(asked + 2)
  })

  test('never sends an order twice', async () => {
    const before = server().asked(PLACE).length
    expect(await place(late)).toMatchObject({ kind: 'REFUSED', code: 'CLOCK_SKEW' })
    expect(server().asked(PLACE)).toHaveLength(before + 1)
  })
})

test('too many orders of one account silence its orders, and nothing else', async () => {
  const answer = {
    status: 429,
    headers: { 'retry-after': '9' },
    body: '{"code":-1015,"msg":"Too many new orders; current limit is 50 orders per 10 SECOND."}',
  }
  expect(await place(answer)).toMatchObject({ kind: 'REFUSED', code: 'RATE_LIMITED' })
  expect(await place(recorded.placedFilled)).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
  await expect(account().prepare('BTC/USDT')).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
  expect(await account().fetchOpenOrders('BTC/USDT')).toEqual([])
})

test('a clock that is off is corrected for, and told once', async () => {
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const venue = makeVenue('binance', settings(), { logger })
  server().answer('GET /api/v3/time', JSON.stringify({ serverTime: Date.now() + 90_000 }))
  await venue.clock.ready()
  expect(venue.clock.now() - Date.now()).toBeGreaterThan(80_000)
  venue.clock.distrust()
  await venue.clock.ready()
  server().answer('GET /api/v3/time', recorded.serverTime)
  expect(lines.filter((line) => line.includes("this host's clock differs"))).toHaveLength(1)
})

test.each<[string, number, Record<string, string>, string, number, number]>([
  ['seconds', 429, { 'retry-after': '7' }, 'Too much request weight used.', 7_000, 7_000],
  ['a date', 429, { 'retry-after': new Date(Date.now() + 90_000).toUTCString() }, 'x', 80_000, 90_000],
  [
    'three days',
    418,
    { 'retry-after': '259200' },
    'Way too much request weight used.',
    259_200_000,
    259_200_000,
  ],
  ['nothing', 429, {}, 'Too much request weight used.', 10_000, 60_000],
  ['nonsense', 429, { 'retry-after': 'soon' }, 'Too much request weight used.', 10_000, 60_000],
  [
    'a ban without a header',
    418,
    {},
    `Way too much request weight used; IP banned until ${Date.now() + 3_600_000}.`,
    3_590_000,
    3_600_000,
  ],
  ['a ban without a word', 418, {}, 'x', 120_000, 120_000],
])('a %s of waiting (HTTP %i) is kept to the full', async (_name, status, headers, msg, least, most) => {
  const refusal = await place({ status, headers, body: JSON.stringify({ code: -1003, msg }) })
  expect(refusal).toMatchObject({ kind: 'REFUSED', code: 'RATE_LIMITED' })
  const before = server().asked(LOOK).length
  const error: unknown = await look(recorded.orderRow()).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ kind: 'RATE_LIMITED' })
  const wait = Object(error).retryAfterMs
  expect(wait).toBeGreaterThan(least - 5_000)
  expect(wait).toBeLessThanOrEqual(most)
  expect(server().asked(LOOK)).toHaveLength(before)
})
