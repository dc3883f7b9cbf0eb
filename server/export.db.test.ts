import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { anOrder, aSavedBot } from '#trading/store/bot.fixture.ts'
import { PAGE_SIZE, TRADE_COLUMNS, tradesAsCsv } from './export/trades-csv.ts'
import { withTestServer } from './testing.ts'

const server = withTestServer()

type Account = Awaited<ReturnType<typeof server.account>>

/** A bot with so many fills, one a minute from midnight (UTC) of the day on; each of 0.001 BTC at 50,000. */
async function aTradingBot(user: Account, fills: number, { name = 'Trend', day = '2026-11-20' } = {}) {
  const pool = server.db.pool
  const botId = await aSavedBot(pool, { userId: user.id, label: 'user' }, { name })
  const orderId = await anOrder(pool, botId, { status: 'FILLED' })
  await pool.query(
    `INSERT INTO fills (order_id, bot_id, exchange, account, symbol, exchange_order_id, trade_id, side, amount, price, fee, fee_currency, fee_value, realized_pnl, executed_at)
     SELECT $1::bigint, $2, 'sandbox', 'paper', 'BTC/USDT', 'x-' || $1::bigint, n::text, 'BUY', 0.001, 50000, 0.05, 'USDT', 0.05,
            CASE WHEN n % 2 = 0 THEN -1.25 END, $4::date::timestamp AT TIME ZONE 'UTC' + n * interval '1 minute'
     FROM generate_series(0, $3::int - 1) AS n`,
    [orderId, botId, fills, day],
  )
  return { botId, orderId }
}

async function download(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url()}/export/trades.csv${path}`, { headers })
  const text = await response.text()
  const rows = (): Record<string, string>[] => parse(text, { columns: true, record_delimiter: '\r\n' })
  return { status: response.status, headers: response.headers, text, rows }
}

test('every fill is one row with all its columns, in plain notation and UTC', async () => {
  const user = await server.account('columns')
  const { botId, orderId } = await aTradingBot(user, 2, { name: 'Say "hi", ok' })
  const file = await download('', { cookie: user.cookie })
  expect(file.status).toBe(200)
  expect(file.headers.get('content-type')).toContain('text/csv')
  expect(file.headers.get('content-disposition')).toBe('attachment; filename="tradebot-trades.csv"')
  expect(file.headers.get('access-control-allow-origin')).toBeNull()
  expect(file.text.split('\r\n')[0]).toBe(TRADE_COLUMNS.map(([name]) => name).join(','))
  expect(file.rows()[0]).toEqual({
    time: '2026-11-20T00:00:00.000Z',
    bot_id: botId,
    bot_name: 'Say "hi", ok',
    exchange: 'sandbox',
    symbol: 'BTC/USDT',
    mode: 'PAPER',
    side: 'BUY',
    purpose: 'ENTRY',
    amount: '0.001',
    price: '50000',
    notional: '50',
    fee: '0.05',
    fee_currency: 'USDT',
    fee_value: '0.05',
    realized_pnl: '-1.25',
    order_id: orderId,
    client_order_id: expect.stringMatching(/^tb/),
    exchange_order_id: `x-${orderId}`,
    trade_id: '0',
  })
  expect(file.rows()[1]?.['realized_pnl']).toBe('')
})

test('the name of a bot is no formula to a spreadsheet', async () => {
  const user = await server.account('formula')
  await aTradingBot(user, 1, { name: '=HYPERLINK("http://evil.example","x")' })
  const file = await download('', { cookie: user.cookie })
  expect(file.rows()[0]?.['bot_name']).toBe(`'=HYPERLINK("http://evil.example","x")`)
})

test('a user gets the own trades alone, deleted bots included; another user’s bot is not found', async () => {
  const one = await server.account('one')
  const two = await server.account('two')
  const mine = await aTradingBot(one, 3)
  const theirs = await aTradingBot(two, 4)
  await server.db.pool.query('UPDATE bot_configs SET deleted_at = now() WHERE id = $1', [mine.botId])
  const file = await download('', { cookie: one.cookie })
  expect(file.rows().map((row) => row['bot_id'])).toEqual([mine.botId, mine.botId, mine.botId])
  expect(await download(`?bot=${theirs.botId}`, { cookie: one.cookie })).toMatchObject({
    status: 404,
    text: 'There is no such bot.\n',
  })
  const empty = await server.account('empty')
  expect((await download('', { cookie: empty.cookie })).rows()).toEqual([])
})

test('bot, from and to choose whole days in UTC', async () => {
  const user = await server.account('days')
  const first = await aTradingBot(user, 3 * 1440)
  await aTradingBot(user, 5)
  const count = async (query: string) => (await download(query, { cookie: user.cookie })).rows().length
  expect(await count('')).toBe(3 * 1440 + 5)
  expect(await count(`?bot=${first.botId}`)).toBe(3 * 1440)
  const file = await download(`?bot=${first.botId}&from=2026-11-21&to=2026-11-21`, { cookie: user.cookie })
  expect(file.headers.get('content-disposition')).toContain(
    `tradebot-trades-bot-${first.botId}-from-2026-11-21-to-2026-11-21.csv`,
  )
  const times = file.rows().map((row) => row['time'])
  expect([times.length, times[0], times.at(-1)]).toEqual([
    1440,
    '2026-11-21T00:00:00.000Z',
    '2026-11-21T23:59:00.000Z',
  ])
  expect(await count('?to=2026-11-19')).toBe(0)
})

test('more than 5,000 rows come complete and in order, and no more than a page is in memory', async () => {
  const user = await server.account('long')
  const { botId } = await aTradingBot(user, 5_200)
  const file = await download('', { cookie: user.cookie })
  expect(file.rows().map((row) => row['trade_id'])).toEqual(
    Array.from({ length: 5_200 }, (_, n) => String(n)),
  )

  let asked = 0
  const count = () => void asked++
  server.db.pool.on('acquire', count)
  const sizes: number[] = []
  const filter = { botId: null, from: null, to: null }
  for await (const chunk of tradesAsCsv(server.db.pool, user.id, [botId], filter)) {
    sizes.push(chunk.split('\r\n').length - 1)
    // One query for each chunk that has been taken, the heading aside.
    expect(asked).toBe(sizes.length - 1)
  }
  server.db.pool.off('acquire', count)
  expect(sizes).toEqual([1, ...Array.from({ length: 5 }, () => PAGE_SIZE), 200])
})

test('without a credential nothing is told, and a wrong token does not fall back to the cookie', async () => {
  const user = await server.account('secret')
  await aTradingBot(user, 1)
  expect(await download('')).toMatchObject({ status: 401, text: expect.stringContaining('Sign in first') })
  expect((await download('', { cookie: user.cookie, authorization: 'Bearer wrong' })).status).toBe(401)
  const { data } = await user.run(
    'mutation { createApiToken(name: "csv") { ... on IssuedApiToken { token } } }',
  )
  const file = await download('', { authorization: `Bearer ${data.createApiToken.token}` })
  expect(file.rows().length).toBe(1)
})

test.each([
  ['?bot=x', 'bot must be the id of a bot.'],
  ['?from=2026-02-30', 'from must be a day (UTC) like 2026-11-22.'],
  ['?to=yesterday', 'to must be a day (UTC) like 2026-11-22.'],
  ['?from=2026-11-22&to=2026-11-21', 'from must not be after to.'],
  ['?form=2026-11-22', 'There is no parameter "form"; there are bot, from and to.'],
  ['?bot=1&bot=2', '"bot" is given more than once.'],
])('%s is refused with a sentence', async (query, sentence) => {
  const user = await server.account(`bad${Math.random().toString(36).slice(2, 10)}`)
  expect(await download(query, { cookie: user.cookie })).toMatchObject({ status: 400, text: `${sentence}\n` })
})

test('HEAD tells the headers alone, and POST is not answered', async () => {
  const user = await server.account('verbs')
  const ask = (method: string) =>
    fetch(`${server.url()}/export/trades.csv`, { method, headers: { cookie: user.cookie } })
  const head = await ask('HEAD')
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect((await ask('POST')).status).toBe(405)
})
