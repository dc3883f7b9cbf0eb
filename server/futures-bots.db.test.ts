import { beforeAll, expect, test } from 'vitest'
import { recordVenueError } from '#trading/store/markets.ts'
import { botInput, CREATE_BOT, withTestServer } from './testing.ts'

const server = withTestServer()

const VALIDATE = 'query ($input: CreateBotInput!) { validateBot(input: $input) { path message } }'
const UPDATE = `mutation ($input: UpdateBotInput!) { updateBot(input: $input) { __typename
  ... on Bot { id } ... on ValidationError { issues { path message } } } }`

type Account = Awaited<ReturnType<typeof server.account>>
let ada: Account
let key: string
let other: string

const futuresInput = (changes: object = {}) =>
  botInput({ positionType: 'FUTURES', symbol: 'BTC/USDT:USDT', ...changes })
const create = async (changes: object) =>
  (await ada.run(CREATE_BOT, { input: futuresInput(changes) })).data.createBot

async function aKey(label: string, canTransfer: boolean | null): Promise<string> {
  const { rows } = await server.db.pool.query<{ id: string }>(
    `INSERT INTO api_keys (user_id, exchange, label, key_hint, encrypted_key, encrypted_secret, can_trade, can_transfer)
     VALUES ($1, 'sandbox', $2, 'abcd', 'x', 'x', true, $3) RETURNING id::text AS id`,
    [ada.id, label, canTransfer],
  )
  return rows[0]?.id ?? ''
}

beforeAll(async () => {
  ada = await server.account('ada')
  await server.db.pool.query(
    `INSERT INTO markets (exchange, symbol, base, quote, type, active, min_cost, amount_step, max_leverage, settle, maintenance_margin_perc, liquidation_fee_perc, volume_24h)
     VALUES ('sandbox', 'BTC/USDT:USDT', 'BTC', 'USDT', 'FUTURES', true, 50, 0.001, 125, 'USDT', 0.4, 1.25, 9000),
            ('sandbox', 'ETH/USDT:USDT', 'ETH', 'USDT', 'FUTURES', true, 20, 0.001, 50, 'USDT', 0.5, 1.25, 4000),
            ('mexc', 'BTC/USDT:USDT', 'BTC', 'USDT', 'FUTURES', true, 5, 0.001, 125, 'USDT', 0.4, 1.25, 9000),
            ('sandbox', 'ETH/BTC', 'ETH', 'BTC', 'SPOT', true, null, 0.001, null, null, null, null, null),
            ('sandbox', 'SOL/USDT', 'SOL', 'USDT', 'SPOT', true, 10, 0.01, null, null, null, null, null)`,
  )
  key = await aKey('Main', false)
  other = await aKey('Other', true)
})

test('a futures bot is saved with its direction and leverage', async () => {
  const made = await create({ direction: 'BOTH', leverage: 20, stopLossPerc: '4' })
  const { data } = await ada.run(
    'query ($id: ID!) { bot(id: $id) { positionType direction leverage symbol } }',
    { id: made.id },
  )
  expect(data.bot).toEqual({
    positionType: 'FUTURES',
    direction: 'BOTH',
    leverage: 20,
    symbol: 'BTC/USDT:USDT',
  })
})

test.each([
  [
    'a stop loss beyond liquidation',
    'stopLossPerc',
    { leverage: 20, stopLossPerc: '5' },
    'stopLossPerc 5 lies beyond liquidation: at leverage 20 the exchange liquidates a long position 4.6184 % from its entry, before the stop loss. Lower stopLossPerc below 4.6184 or leverage to at most 18.',
  ],
  [
    'of a bot that may go either way',
    'stopLossPerc',
    { leverage: 20, stopLossPerc: '4.6', direction: 'BOTH' },
    'stopLossPerc 4.6 lies beyond liquidation: at leverage 20 the exchange liquidates a short position 4.5816 % from its entry, before the stop loss. Lower stopLossPerc below 4.5816 or leverage to at most 19.',
  ],
  [
    'a symbol without a perpetual',
    'symbol',
    { symbol: 'ETH/BTC:BTC' },
    'sandbox has no perpetual ETH/BTC:BTC. Perpetuals there are ETH/USDT:USDT, BTC/USDT:USDT; or choose SPOT.',
  ],
  [
    'a spot symbol',
    'symbol',
    { symbol: 'BTC/USDT' },
    'BTC/USDT names a spot market, and positionType is FUTURES: did you mean BTC/USDT:USDT? Or choose SPOT.',
  ],
  [
    'a spot symbol whose pair has no perpetual',
    'symbol',
    { symbol: 'SOL/USDT' },
    'SOL/USDT names a spot market, and positionType is FUTURES: sandbox has no perpetual of SOL. Perpetuals there are BTC/USDT:USDT, ETH/USDT:USDT; or choose SPOT.',
  ],
  [
    'a perpetual for SPOT',
    'symbol',
    { symbol: 'BTC/USDT:USDT', positionType: 'SPOT' },
    'BTC/USDT:USDT names a perpetual, and positionType is SPOT: did you mean BTC/USDT? Or choose FUTURES.',
  ],
  [
    'a leverage above the market’s',
    'leverage',
    { symbol: 'ETH/USDT:USDT', leverage: 51, stopLossPerc: '1' },
    'leverage must be at most 50 for ETH/USDT:USDT on sandbox; it is 51.',
  ],
  [
    'a leverage that no market has, told once and by the market',
    'leverage',
    { symbol: 'ETH/USDT:USDT', leverage: 126, stopLossPerc: '1' },
    'leverage must be at most 50 for ETH/USDT:USDT on sandbox; it is 126.',
  ],
  [
    'a leverage below 1, told by the range',
    'leverage',
    { leverage: 0 },
    'leverage must be a whole number, at least 1 and at most 125; it is 0.',
  ],
  [
    'a short that would take its profit below 0',
    'takeProfitPerc',
    { direction: 'SHORT', takeProfitPerc: '150' },
    'would have to fall to 0 or less; it is 150.',
  ],
  [
    'LIVE where it is not proven',
    'mode',
    { exchange: 'mexc', mode: 'LIVE' },
    'LIVE FUTURES is not offered on mexc yet; choose PAPER, or another exchange.',
  ],
  [
    'transfers of a PAPER bot',
    'autoTransferFunds',
    { autoTransferFunds: true, transferAmount: '10' },
    'autoTransferFunds needs mode LIVE: a PAPER bot has no wallets to move money between. Turn it off, or choose LIVE.',
  ],
  [
    'an order below the smallest, with its leverage',
    'positionSizeFixed',
    { leverage: 2, positionSizeFixed: '20' },
    'positionSizeFixed must be at least 25 USDT: 2 times that is 50 USDT',
  ],
])('%s is refused with what to change', async (_what, field, changes, sentence) => {
  const result = await create(changes)
  expect(result).toMatchObject({ __typename: 'ValidationError' })
  expect(result.issues).toEqual([{ path: [field], message: expect.stringContaining(sentence) }])
  const dry = await ada.run(VALIDATE, { input: futuresInput(changes) })
  expect(dry.data.validateBot).toEqual(result.issues)
})

test('a backtest is refused with the same sentence as the bot', async () => {
  const config = futuresInput({ leverage: 20, stopLossPerc: '5' })
  const { data } = await ada.run(
    `mutation ($input: BacktestInput!) { startBacktest(input: $input) {
      __typename ... on ValidationError { issues { path message } } } }`,
    { input: { config, csv: 'openTimeMs,open,high,low,close,volume\n1767225600000,1,2,0.5,1.5,10' } },
  )
  const message = expect.stringContaining('Lower stopLossPerc below 4.6184 or leverage to at most 18.')
  expect(data.startBacktest).toMatchObject({
    __typename: 'ValidationError',
    issues: [{ path: ['config', 'stopLossPerc'], message }],
  })
})

const REFUSED =
  'apiKeyId is used by the bot "First" for BTC/USDT:USDT already, and an exchange keeps one position per key and perpetual. Choose another key or another market, or delete that bot.'

test('a second bot on the same key and perpetual is refused, and named is the first', async () => {
  const live = { mode: 'LIVE', apiKeyId: key }
  const first = await create({ ...live, name: 'First' })
  expect(first.__typename).toBe('Bot')
  const issues = [{ path: ['apiKeyId'], message: REFUSED }]
  expect((await create({ ...live, name: 'Second' })).issues).toEqual(issues)
  expect((await ada.run(VALIDATE, { input: futuresInput(live) })).data.validateBot).toEqual(issues)
  const elsewhere = await create({ mode: 'LIVE', apiKeyId: other, name: 'Elsewhere' })
  expect(elsewhere.__typename).toBe('Bot')
  const moved = await ada.run(UPDATE, { input: { id: elsewhere.id, revision: 1, apiKeyId: key } })
  expect(moved.data.updateBot.issues).toEqual(issues)
  // Its own key is none of another bot.
  const kept = await ada.run(UPDATE, { input: { id: first.id, revision: 1, apiKeyId: key, name: 'First 1' } })
  expect(kept.data.updateBot.__typename).toBe('Bot')
  const spot = await ada.run(CREATE_BOT, { input: botInput(live) })
  expect(spot.data.createBot.__typename).toBe('Bot')
  await ada.run('mutation ($id: ID!) { deleteBot(id: $id) { __typename } }', { id: first.id })
  expect((await create({ ...live, name: 'Second' })).__typename).toBe('Bot')
})

test('of two that are saved at once, Postgres lets one in, and the other is told the same', async () => {
  const third = await aKey('Third', null)
  const made = await Promise.all(
    Array.from({ length: 4 }, () => create({ mode: 'LIVE', apiKeyId: third, name: 'First' })),
  )
  const refused = made.filter(({ __typename }) => __typename === 'ValidationError')
  expect(refused).toHaveLength(3)
  for (const { issues } of refused) expect(issues).toEqual([{ path: ['apiKeyId'], message: REFUSED }])
})

test('funds move only with a key that may transfer; one that nobody asked about is not refused', async () => {
  const moving = { mode: 'LIVE', autoTransferFunds: true, transferAmount: '10', symbol: 'ETH/USDT:USDT' }
  const sentence =
    'autoTransferFunds needs a key that may transfer; "Main" may not. Allow transfers for it at the exchange and replace the key here, choose another key, or turn it off.'
  const issues = [{ path: ['autoTransferFunds'], message: sentence }]
  expect((await create({ ...moving, apiKeyId: key })).issues).toEqual(issues)
  const still = await create({ ...moving, apiKeyId: key, autoTransferFunds: false })
  const on = await ada.run(UPDATE, { input: { id: still.id, revision: 1, autoTransferFunds: true } })
  expect(on.data.updateBot.issues).toEqual(issues)
  expect((await create({ ...moving, apiKeyId: await aKey('New', null) })).__typename).toBe('Bot')
  expect((await create({ ...moving, apiKeyId: other })).__typename).toBe('Bot')
})

test('a change of leverage or stop loss is held against liquidation too', async () => {
  const { id } = await create({ leverage: 5, stopLossPerc: '5' })
  const update = async (changes: object) =>
    (await ada.run(UPDATE, { input: { id, revision: 1, ...changes } })).data.updateBot
  expect((await update({ leverage: 20 })).issues).toEqual([
    { path: ['stopLossPerc'], message: expect.stringContaining('leverage to at most 18.') },
  ])
  expect((await update({ leverage: 20, stopLossPerc: '4' })).__typename).toBe('Bot')
})

test('the picker gets markets of one kind, what is traded most first, with leverage limit, volume and age', async () => {
  const ask = async (args: string) =>
    (
      await ada.run(
        `{ markets(exchange: "sandbox"${args}) { symbol type volume24h maxLeverage maintenanceMarginPerc stale updatedAt } }`,
      )
    ).data.markets
  const symbols = async (args: string) => (await ask(args)).map((market: { symbol: string }) => market.symbol)
  expect(await ask(', type: FUTURES, orderBy: VOLUME, first: 1')).toEqual([
    {
      symbol: 'BTC/USDT:USDT',
      type: 'FUTURES',
      volume24h: '9000',
      maxLeverage: 125,
      maintenanceMarginPerc: '0.4',
      stale: false,
      updatedAt: expect.any(String),
    },
  ])
  expect(await symbols(', orderBy: VOLUME')).toEqual([
    'BTC/USDT:USDT',
    'ETH/USDT:USDT',
    'BTC/USDT',
    'ETH/USDT',
    'SOL/USDT',
    'ETH/BTC',
  ])
  expect(await symbols(', search: "eth", orderBy: VOLUME')).toEqual(['ETH/USDT:USDT', 'ETH/USDT', 'ETH/BTC'])
  expect(await symbols(''), 'as ever').toEqual((await symbols(', orderBy: VOLUME')).toSorted())
  expect(await symbols(', search: "%"')).toEqual([])
})

test('markets that cannot be read anew are answered as stale; unknown ones are still refused', async () => {
  const { pool } = server.db
  const stale = async () => {
    const { data } = await ada.run('{ markets(exchange: "sandbox", search: "ETH/USDT") { type stale } }')
    return data.markets
  }
  const fresh = [
    { type: 'SPOT', stale: false },
    { type: 'FUTURES', stale: false },
  ]
  const old = fresh.map(({ type }) => ({ type, stale: true }))
  expect(await stale()).toEqual(fresh)
  await pool.query(
    `UPDATE venues SET refreshed_at = tradebot_now() - interval '25 hours' WHERE exchange = 'sandbox'`,
  )
  expect(await stale()).toEqual(old)
  await pool.query(`UPDATE venues SET refreshed_at = tradebot_now() WHERE exchange = 'sandbox'`)
  expect(await stale()).toEqual(fresh)
  await recordVenueError(pool, 'sandbox', 'It did not answer.')
  expect(await stale()).toEqual(old)
  await pool.query(`UPDATE venues SET error = NULL, stale_types = '{FUTURES}' WHERE exchange = 'sandbox'`)
  expect(await stale(), 'one kind could be read').toEqual([fresh[0], old[1]])
  await pool.query(`UPDATE venues SET stale_types = '{}' WHERE exchange = 'sandbox'`)
  const { errors } = await ada.run('{ markets(exchange: "okx") { symbol } }')
  expect(errors[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE' })
})

test('funding is listed and summed, and exchanges say what they offer for futures', async () => {
  const { id } = await create({ leverage: 3 })
  const { pool } = server.db
  await pool.query(
    `INSERT INTO funding_payments (bot_id, exchange, account, symbol, venue_id, amount, currency, paid_at, recorded_at)
     VALUES ($1, 'sandbox', 'paper', 'BTC/USDT:USDT', '1', 0.5, 'USDT', '2026-11-20T08:00:00Z', '2026-11-20T08:00:02Z'),
            ($1, 'sandbox', 'paper', 'BTC/USDT:USDT', '2', -0.75, 'USDT', '2026-11-20T16:00:00Z', '2026-11-20T16:00:02Z')`,
    [id],
  )
  await pool.query(
    `INSERT INTO bot_days (bot_id, day, start_equity, funding) VALUES ($1, '2026-11-20', 1000, -0.25)`,
    [id],
  )
  await pool.query(`UPDATE bot_states SET mark_price = 60001.5 WHERE bot_id = $1`, [id])
  const { data } = await ada.run(
    `query ($id: ID!) { bot(id: $id) { totalFunding fundings(last: 1) { amount currency paidAt recordedAt } days { funding } state { markPrice } orders { edges { node { reduceOnly origin type } } } } }`,
    { id },
  )
  expect(data.bot).toEqual({
    totalFunding: '-0.25',
    fundings: [
      {
        amount: '-0.75',
        currency: 'USDT',
        paidAt: '2026-11-20T16:00:00.000Z',
        recordedAt: '2026-11-20T16:00:02.000Z',
      },
    ],
    days: [{ funding: '-0.25' }],
    state: { markPrice: '60001.5' },
    orders: { edges: [] },
  })
  const exchanges = (await ada.run('{ exchanges { id liveFutures transfers oneWallet } }')).data.exchanges
  expect(exchanges).toContainEqual({ id: 'sandbox', liveFutures: true, transfers: true, oneWallet: false })
  expect(exchanges).toContainEqual({ id: 'mexc', liveFutures: false, transfers: false, oneWallet: false })
})
