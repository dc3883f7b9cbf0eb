import { expect, test } from 'vitest'
import { botInput, CREATE_BOT, withTestServer } from './testing.ts'

const server = withTestServer()

const UPDATE = `mutation ($input: UpdateBotInput!) { updateBot(input: $input) { __typename
  ... on Bot { revision name stopLossPerc takeProfitPerc maxDailyTrades apiKey { id } } ... on Error { code message }
  ... on ValidationError { issues { path message } } ... on StaleRevisionError { currentRevision } } }`
const COMMANDS = ['startBot', 'pauseBot', 'resumeBot', 'stopBot', 'deleteBot'] as const
const command = (name: string) =>
  `mutation ($id: ID!) { ${name}(id: $id) { __typename ${name === 'deleteBot' ? '' : '... on Bot { isActive allowedCommands state { status } }'} ... on Error { code message }
    ... on InvalidTransitionError { status command } } }`

type Account = Awaited<ReturnType<typeof server.account>>
const create = async (account: Account, changes = {}) =>
  (await account.run(CREATE_BOT, { input: botInput(changes) })).data.createBot
const count = async (table: string) =>
  (await server.db.pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n

test('a bot is saved with the defaults of the contract, and null means the default', async () => {
  const ada = await server.account('ada')
  const created = await create(ada, {
    leverage: null,
    paperFeePerc: null,
    initialCapital: 1000,
    stopLossPerc: '2.50',
  })
  const { data } = await ada.run(
    `query ($id: ID!) { bot(id: $id) { name exchange symbol timeframe mode apiKey { id } isActive initialCapital dailyTargetPerc maxDailyLossPerc
       maxDailyTrades onDailyLimit resumeNextDay maxDrawdownPerc positionSizeFixed stopLossPerc takeProfitPerc trailingStopPerc paperFeePerc
       paperSlippagePerc emaFast emaSlow rsiPeriod rsiOverbought rsiOversold strategy strategyParams { name } positionType direction leverage
       transferAmount autoTransferFunds checkIntervalSeconds cooldownSeconds maxOrderValue maxOrdersPerMinute priceCollarPerc revision
       state { status pauseReason closing dailyPnl dailyTradeCount totalPnl equity lastPrice version } allowedCommands position { side }
       orders { edges { cursor } } trades { edges { cursor } } events { edges { node { type toStatus actor botId cursor } } } days { date } transfers { id } } }`,
    { id: created.id },
  )
  expect(data.bot).toEqual({
    ...{
      name: 'Trend',
      exchange: 'sandbox',
      symbol: 'BTC/USDT',
      timeframe: '1m',
      mode: 'PAPER',
      apiKey: null,
    },
    ...{
      isActive: false,
      initialCapital: '1000',
      dailyTargetPerc: null,
      maxDailyLossPerc: null,
      maxDailyTrades: null,
    },
    ...{
      onDailyLimit: 'KEEP',
      resumeNextDay: true,
      maxDrawdownPerc: null,
      positionSizeFixed: '100',
      stopLossPerc: '2.5',
    },
    ...{
      takeProfitPerc: '4',
      trailingStopPerc: null,
      paperFeePerc: '0.1',
      paperSlippagePerc: '0.05',
      emaFast: 12,
    },
    ...{
      emaSlow: 26,
      rsiPeriod: 14,
      rsiOverbought: '70',
      rsiOversold: '30',
      strategy: 'EMA_RSI',
      strategyParams: [],
    },
    ...{
      positionType: 'SPOT',
      direction: 'LONG',
      leverage: 1,
      transferAmount: null,
      autoTransferFunds: false,
    },
    ...{ checkIntervalSeconds: 30, cooldownSeconds: null, maxOrderValue: null, maxOrdersPerMinute: null },
    ...{ priceCollarPerc: null, revision: 1, allowedCommands: ['START', 'UPDATE', 'DELETE'], position: null },
    state: {
      ...{
        status: 'STOPPED',
        pauseReason: null,
        closing: false,
        dailyPnl: '0',
        dailyTradeCount: 0,
        totalPnl: '0',
      },
      ...{ equity: '1000', lastPrice: null, version: '1' },
    },
    ...{ orders: { edges: [] }, trades: { edges: [] }, days: [], transfers: [] },
    events: {
      edges: [
        { node: { type: 'CREATED', toStatus: 'STOPPED', actor: 'user', botId: created.id, cursor: '1' } },
      ],
    },
  })
})

test.each([
  ['name', { name: ' ' }, 'name must have 1 to 100 characters.'],
  ['exchange', { exchange: 'mtgox' }, 'The exchange "mtgox" is not offered here.'],
  ['symbol', { symbol: 'BTCUSDT' }, 'symbol must be like BTC/USDT for SPOT; "BTCUSDT" is not.'],
  ['symbol', { symbol: 'DOGE/USDT' }, 'sandbox has no market DOGE/USDT.'],
  ['symbol', { symbol: 'OLD/USDT' }, 'OLD/USDT is not traded on sandbox now.'],
  ['timeframe', { timeframe: '7m' }, 'sandbox has no candles of 7m; it has 1s, 1m, 1h.'],
  [
    'initialCapital',
    { initialCapital: '0', positionSizeFixed: '0' },
    'initialCapital must be more than 0 and',
  ],
  ['positionSizeFixed', { positionSizeFixed: '5' }, 'positionSizeFixed must be at least 10 USDT'],
  [
    'positionSizeFixed',
    { positionSizeFixed: '1000.01' },
    'positionSizeFixed must be at most initialCapital.',
  ],
  ['stopLossPerc', { stopLossPerc: '0' }, 'stopLossPerc must be more than 0 and less than 100; it is 0.'],
  ['takeProfitPerc', { takeProfitPerc: '-1' }, 'takeProfitPerc must be at least 0'],
  ['emaFast', { emaFast: 26 }, 'emaFast must be less than emaSlow.'],
  ['checkIntervalSeconds', { exchange: 'kraken', checkIntervalSeconds: 5 }, 'must be at least 30 on kraken.'],
  [
    'exchange',
    { exchange: 'kraken', positionType: 'FUTURES', symbol: 'BTC/USD:USD', checkIntervalSeconds: 30 },
    "Kraken's perpetuals are traded at krakenfutures, with API keys of its own: choose the exchange krakenfutures.",
  ],
  ['mode', { exchange: 'mexc', mode: 'LIVE' }, 'LIVE is not offered on mexc yet; choose PAPER, or another'],
  ['strategy', { strategy: 'ASTROLOGY' }, 'The strategy "ASTROLOGY" is not known'],
  ['apiKeyId', { apiKeyId: '99' }, 'apiKeyId is not one of your API keys.'],
  ['apiKeyId', { apiKeyId: 'x; DROP' }, 'apiKeyId is not one of your API keys.'],
])('createBot refuses a wrong %s by its name, and writes nothing', async (field, changes, message) => {
  const account = await server.account(`wrong${Math.random().toString(36).slice(2, 10)}`)
  const before = [await count('bot_configs'), await count('bot_events')]
  const result = await create(account, changes)
  expect(result).toMatchObject({ __typename: 'ValidationError', code: 'VALIDATION' })
  expect(result.issues).toContainEqual({ path: [field], message: expect.stringContaining(message) })
  const dry = await account.run(
    'query ($input: CreateBotInput!) { validateBot(input: $input) { path message } }',
    { input: botInput(changes) },
  )
  expect(dry.data.validateBot).toEqual(result.issues)
  expect([await count('bot_configs'), await count('bot_events')]).toEqual(before)
})

test('updateBot changes only what is given, clears with null, and refuses an older revision', async () => {
  const bob = await server.account('bob')
  const { id } = await create(bob, { maxDailyTrades: 5 })
  const update = async (input: object) => (await bob.run(UPDATE, { input: { id, ...input } })).data.updateBot
  expect(await update({ revision: 1, stopLossPerc: '3', maxDailyTrades: null })).toMatchObject({
    ...{
      __typename: 'Bot',
      revision: 2,
      name: 'Trend',
      stopLossPerc: '3',
      takeProfitPerc: '4',
      maxDailyTrades: null,
    },
  })
  expect(await update({ revision: 1, stopLossPerc: '4' })).toMatchObject({
    ...{ __typename: 'StaleRevisionError', code: 'STALE_REVISION', currentRevision: 2 },
  })
  const refused = await update({ revision: 2, stopLossPerc: null, emaSlow: 3, apiKeyId: '12' })
  expect(refused.issues.map((issue: { path: string[] }) => issue.path)).toEqual([
    ['stopLossPerc'],
    ['apiKeyId'],
    ['emaFast'],
  ])
  expect((await update({ revision: 2, name: null })).issues[0].message).toContain('name cannot be null')
  expect(await update({ revision: 2, name: '  Trend 2 ' })).toMatchObject({
    revision: 3,
    name: 'Trend 2',
    stopLossPerc: '3',
  })
})

test('a name is a label, not a key: two bots of one account may share it', async () => {
  const carl = await server.account('carl')
  const [one, two] = await Promise.all([create(carl), create(carl)])
  expect([one.__typename, two.__typename]).toEqual(['Bot', 'Bot'])
  expect(one.id).not.toBe(two.id)
})

test("another user's bot is not found by any command, and nothing of it changes", async () => {
  const eve = await server.account('eve')
  const mallory = await server.account('mallory')
  const { id } = await create(eve)
  const rows = () =>
    server.db.pool.query(
      `SELECT b::text, s::text FROM bot_configs b JOIN bot_states s ON s.bot_id = b.id WHERE b.id = $1`,
      [id],
    )
  const before = (await rows()).rows
  for (const name of COMMANDS) {
    for (const unknown of [id, '0', '-1', 'x', '99999999999999999999999']) {
      const { data, errors } = await mallory.run(command(name), { id: unknown })
      expect(errors).toEqual([])
      expect(data[name]).toEqual({
        __typename: 'NotFoundError',
        code: 'NOT_FOUND',
        message: 'There is no such bot.',
      })
    }
  }
  const update = await mallory.run(UPDATE, { input: { id, revision: 1, name: 'Mine' } })
  expect(update.data.updateBot.__typename).toBe('NotFoundError')
  const resolve = 'mutation ($id: ID!) { resolveOrder(input: {id: $id, outcome: NOT_PLACED}) { __typename } }'
  for (const order of ['1', 'x'])
    expect((await mallory.run(resolve, { id: order })).data.resolveOrder.__typename).toBe('NotFoundError')
  const settle =
    'mutation ($id: ID!) { resolveTransfer(input: {id: $id, outcome: NOT_PLACED}) { __typename } }'
  for (const transfer of ['1', 'x'])
    expect((await mallory.run(settle, { id: transfer })).data.resolveTransfer.__typename).toBe(
      'NotFoundError',
    )
  expect((await mallory.run('query ($id: ID!) { bot(id: $id) { id } }', { id })).data.bot).toBeNull()
  expect((await mallory.run('{ bots { totalCount edges { node { id } } } }')).data.bots).toEqual({
    totalCount: 0,
    edges: [],
  })
  expect((await rows()).rows).toEqual(before)
})

test('start, stop and delete answer the new state; what the lifecycle refuses says so', async () => {
  const finn = await server.account('finn')
  const { id } = await create(finn)
  const run = async (name: string) => (await finn.run(command(name), { id })).data[name]
  expect(await run('pauseBot')).toMatchObject({
    ...{
      __typename: 'InvalidTransitionError',
      code: 'INVALID_TRANSITION',
      status: 'STOPPED',
      command: 'PAUSE',
    },
  })
  expect(await run('startBot')).toEqual({
    ...{ __typename: 'Bot', isActive: true, allowedCommands: ['STOP'], state: { status: 'PENDING' } },
  })
  const jobs = await server.db.pool.query(`SELECT 1 FROM graphile_worker.jobs WHERE key = $1`, [
    `run_bot:${id}`,
  ])
  expect(jobs.rowCount).toBe(1)
  expect(await run('startBot')).toMatchObject({
    __typename: 'InvalidTransitionError',
    status: 'PENDING',
    command: 'START',
  })
  expect(await run('deleteBot')).toMatchObject({ __typename: 'InvalidTransitionError', command: 'DELETE' })
  expect(await run('stopBot')).toMatchObject({
    __typename: 'Bot',
    isActive: false,
    state: { status: 'STOPPED' },
  })
  expect((await run('deleteBot')).__typename).toBe('Deleted')
  expect(await run('startBot')).toMatchObject({ __typename: 'NotFoundError' })
  expect((await finn.run('{ bots { totalCount } }')).data.bots.totalCount).toBe(0)
})

test('halting shows on the user, and a second halt keeps the first moment', async () => {
  const gwen = await server.account('gwen')
  const halt = async () => (await gwen.run('mutation { haltTrading { haltedAt } }')).data.haltTrading.haltedAt
  const first = await halt()
  expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(await halt()).toBe(first)
  expect((await gwen.run('mutation { resumeTrading { haltedAt } }')).data.resumeTrading.haltedAt).toBeNull()
})

test('lists are newest first, page by cursor, and count what the filters match', async () => {
  const hugo = await server.account('hugo')
  for (const name of ['Alpha', 'Beta_1', 'Gamma', 'alphabet']) {
    await create(hugo, { name, symbol: name === 'Gamma' ? 'ETH/USDT' : 'BTC/USDT' })
  }
  const list = async (args: string) =>
    (
      await hugo.run(
        `{ bots${args} { totalCount edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
      )
    ).data.bots
  const names = (page: { edges: { node: { name: string } }[] }) => page.edges.map((edge) => edge.node.name)
  const first = await list('(first: 3)')
  expect(names(first)).toEqual(['alphabet', 'Gamma', 'Beta_1'])
  expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true, hasPreviousPage: false } })
  const rest = await list(`(first: 3, after: "${first.pageInfo.endCursor}")`)
  expect(names(rest)).toEqual(['Alpha'])
  expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  expect(names(await list('(search: "ALPHA")'))).toEqual(['alphabet', 'Alpha'])
  expect(await list('(search: "eth/", first: 0)')).toMatchObject({ totalCount: 1, edges: [] })
  expect(names(await list('(search: "_")'))).toEqual(['Beta_1'])
  expect((await list('(status: RUNNING)')).totalCount).toBe(0)
  for (const bad of ['(first: -1)', '(first: 501)', '(after: "x")']) {
    const { errors } = await hugo.run(`{ bots${bad} { totalCount } }`)
    expect(errors[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
  }
})
