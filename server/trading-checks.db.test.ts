import { expect, test } from 'vitest'
import { anOrder, aSavedBot, lead } from '#trading/store/bot.fixture.ts'
import { botInput, CREATE_BOT, withTestServer } from './testing.ts'

const server = withTestServer()

const BOT = `query ($id: ID!) { bot(id: $id) { revision state { dailyPnl dailyTradeCount notice noticeMessage }
  notTradingBecause { code message } tradingChecks { code label passed message }
  revisions { revision actor changes { field from to } } orders { edges { node { revision type origin } } } } }`
const UPDATE = `mutation ($input: UpdateBotInput!) { updateBot(input: $input) { __typename ... on Error { message } } }`

async function aBot(name: string, changes = {}) {
  const account = await server.account(name)
  const { id } = (await account.run(CREATE_BOT, { input: botInput(changes) })).data.createBot
  const read = async () => (await account.run(BOT, { id })).data.bot
  return { account, id, read }
}

const sql = (text: string, values: unknown[] = []) => server.db.pool.query(text, values)

async function aWorker(): Promise<void> {
  await sql(
    `INSERT INTO worker_heartbeats (worker_id, host, pid, started_at, beat_at) VALUES ('w', 'h', 1, now(), clock_timestamp())
     ON CONFLICT (worker_id) DO UPDATE SET beat_at = clock_timestamp()`,
  )
}

test('a bot answers why it is not trading, the first thing that bites first, alone and in a list', async () => {
  const { account, id, read } = await aBot('ada')
  await sql('DELETE FROM worker_heartbeats')
  expect((await read()).notTradingBecause).toMatchObject({ code: 'WORKER_NONE' })
  await aWorker()
  expect((await read()).notTradingBecause).toMatchObject({
    code: 'BOT_STATUS',
    message: 'The bot is stopped. Start it to let it trade.',
  })
  await lead(server.db.pool, id, 'RUNNING')
  await sql(`UPDATE bot_states SET next_tick_at = tradebot_now() WHERE bot_id = $1`, [id])
  expect((await read()).notTradingBecause).toMatchObject({ code: 'DATA_STALE' })
  await sql(
    `INSERT INTO candle_series (exchange, symbol, timeframe, refreshed_at) VALUES ('sandbox', 'BTC/USDT', '1m', tradebot_now())`,
  )
  expect((await read()).notTradingBecause).toMatchObject({ code: 'SIGNAL_NONE' })
  expect((await read()).tradingChecks.filter((check: { passed: boolean }) => !check.passed)).toHaveLength(1)

  await account.run('mutation { haltTrading { id } }')
  const listed = await account.run('{ bots { edges { node { id notTradingBecause { code } } } } }')
  expect(listed.data.bots.edges).toEqual([{ node: { id, notTradingBecause: { code: 'TRADING_HALTED' } } }])
  await account.run('mutation { resumeTrading { id } }')

  await sql(
    `UPDATE bot_states SET notice = 'BALANCE_INSUFFICIENT', notice_message = '3 USDT are free.' WHERE bot_id = $1`,
    [id],
  )
  expect(await read()).toMatchObject({
    state: { notice: 'BALANCE_INSUFFICIENT', noticeMessage: '3 USDT are free.' },
    notTradingBecause: { code: 'BALANCE_INSUFFICIENT', message: '3 USDT are free.' },
  })
})

test("a LIVE bot's balance counts what other orders of the account have reserved and not yet given back", async () => {
  const account = await server.account('grace')
  await aWorker()
  const { rows } = await sql(
    `INSERT INTO api_keys (user_id, exchange, label, key_hint, encrypted_key, encrypted_secret) VALUES ($1, 'sandbox', 'k', 'abcd', 'x', 'x') RETURNING id`,
    [account.id],
  )
  const key = String(rows[0].id)
  const actor = { userId: account.id, label: 'user' }
  const id = await aSavedBot(server.db.pool, actor, { mode: 'LIVE', apiKeyId: key })
  const read = async () => (await account.run(BOT, { id })).data.bot
  await sql(
    `INSERT INTO account_balances (api_key_id, asset, free, total, read_at) VALUES ($1, 'USDT', 150, 150, tradebot_now())`,
    [key],
  )
  const balance = async () =>
    (await read()).tradingChecks.find((check: { label: string }) => check.label === 'Balance')
  expect(await balance()).toMatchObject({ passed: true, message: 'The account has 150 USDT free.' })
  const orderId = await anOrder(server.db.pool, id, { status: 'FILLED', mode: 'LIVE', apiKeyId: key })
  await sql(
    `INSERT INTO reservations (api_key_id, asset, bot_id, order_id, amount, created_at) VALUES ($1, 'USDT', $2, $3, 60, tradebot_now())`,
    [key, id, orderId],
  )
  expect(await balance()).toMatchObject({
    passed: false,
    code: 'BALANCE_INSUFFICIENT',
    message: 'The account has 90 USDT free; an entry takes 100.',
  })
  await sql(`UPDATE reservations SET released_at = tradebot_now() - interval '1 hour'`)
  expect(await balance()).toMatchObject({ passed: true })
})

test("the day's figures are of the day that it is, also while the bot does not tick", async () => {
  const { id, read } = await aBot('bob')
  await sql(`UPDATE bot_states SET equity = 990, daily_pnl = -10, daily_trade_count = 2 WHERE bot_id = $1`, [
    id,
  ])
  await sql(
    `INSERT INTO bot_days (bot_id, day, start_equity, trade_count) VALUES ($1, tradebot_today() - 1, 1000, 2)`,
    [id],
  )
  expect((await read()).state).toMatchObject({ dailyPnl: '0', dailyTradeCount: 0 })
  await sql(
    `INSERT INTO bot_days (bot_id, day, start_equity, trade_count) VALUES ($1, tradebot_today(), 995, 1)`,
    [id],
  )
  expect((await read()).state).toMatchObject({ dailyPnl: '-5', dailyTradeCount: 1 })
})

test('each configuration is kept with what changed, by whom; a bot from before that tells its first change too', async () => {
  const { account, id, read } = await aBot('eve', { strategy: 'EMA_RSI' })
  expect((await read()).revisions).toEqual([{ revision: 1, actor: 'user', changes: [] }])
  const update = async (changes: object) => {
    const { revision } = await read()
    const answer = await account.run(UPDATE, { input: { id, revision, ...changes } })
    expect(answer.data.updateBot).toEqual({ __typename: 'Bot' })
  }
  await update({ stopLossPerc: '3.50', maxDailyTrades: 4 })
  await update({ maxDailyTrades: null, resumeNextDay: false })
  expect((await read()).revisions).toEqual([
    {
      revision: 3,
      actor: 'user',
      changes: [
        { field: 'maxDailyTrades', from: '4', to: null },
        { field: 'resumeNextDay', from: 'true', to: 'false' },
      ],
    },
    {
      revision: 2,
      actor: 'user',
      changes: [
        { field: 'maxDailyTrades', from: null, to: '4' },
        { field: 'stopLossPerc', from: '2', to: '3.5' },
      ],
    },
    { revision: 1, actor: 'user', changes: [] },
  ])
  await sql('DELETE FROM bot_revisions')
  await update({ name: 'Renamed' })
  expect((await read()).revisions).toEqual([
    { revision: 4, actor: 'user', changes: [{ field: 'name', from: 'Trend', to: 'Renamed' }] },
    { revision: 3, actor: 'not recorded', changes: [] },
  ])
})
