import { expect, test } from 'vitest'
import { blockScope } from '#trading/store/venue-limits.ts'
import { recordAnswering, recordMaintenance } from '#trading/store/venue-status.ts'
import { MOST_UPLOAD_BYTES } from './http/upload-limit.ts'
import { botInput, CREATE_BOT, withTestServer } from './testing.ts'

const server = withTestServer()

test('without a credential everything but viewer, signUp and signIn is UNAUTHENTICATED', async () => {
  const fields = (
    await server.call(`{ __schema {
    queryType { fields { name args { name type { kind name ofType { kind name } } } type { ...t } } }
    mutationType { fields { name args { name type { kind ofType { name } } } type { ...t } } } } }
    fragment t on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`)
  ).data.__schema
  expect(fields.queryType.fields.length + fields.mutationType.fields.length).toBeGreaterThan(25)
  const operations = [
    'query { bot(id: "1") { id } }',
    'query { bots { totalCount } }',
    'query { apiKeys { id } }',
    'query { apiTokens { id } }',
    'query { exchanges { id } }',
    'query { markets(exchange: "sandbox") { symbol } }',
    'query { strategies { id } }',
    'query { candles(exchange: "sandbox", symbol: "BTC/USDT", timeframe: "1m") { openTime } }',
    'query { validateBot(input: {name: "a", exchange: "b", symbol: "c", timeframe: "d", initialCapital: 1, positionSizeFixed: 1, stopLossPerc: 1, takeProfitPerc: 1}) { path } }',
    'mutation { signOut }',
    'mutation { createApiToken(name: "x") { __typename } }',
    'mutation { deleteApiToken(id: "1") { __typename } }',
    'mutation { addApiKey(input: {exchange: "sandbox", label: "x", apiKey: "k", secretKey: "s"}) { __typename } }',
    'mutation { replaceApiKey(input: {id: "1", apiKey: "k", secretKey: "s"}) { __typename } }',
    'mutation { deleteApiKey(id: "1") { __typename } }',
    'mutation { createBot(input: {name: "a", exchange: "b", symbol: "c", timeframe: "d", initialCapital: 1, positionSizeFixed: 1, stopLossPerc: 1, takeProfitPerc: 1}) { __typename } }',
    'mutation { updateBot(input: {id: "1", revision: 1}) { __typename } }',
    ...['deleteBot', 'startBot', 'pauseBot', 'resumeBot', 'stopBot'].map(
      (name) => `mutation { ${name}(id: "1") { __typename } }`,
    ),
    'mutation { haltTrading { id } }',
    'mutation { resumeTrading { id } }',
    'mutation { resolveOrder(input: {id: "1", outcome: PLACED}) { __typename } }',
    'mutation { resolveTransfer(input: {id: "1", outcome: PLACED}) { __typename } }',
    'query { events { edges { cursor } } }',
    'query { orders { edges { cursor } } }',
    'query { alertChannels { id } }',
    'query { alerts { edges { cursor } } }',
    'mutation { addAlertChannel(input: {kind: WEBHOOK, name: "x", url: "https://example.com"}) { __typename } }',
    'mutation { updateAlertChannel(input: {id: "1"}) { __typename } }',
    'query { backtest(id: "1") { id } }',
    'query { backtests { edges { cursor } } }',
    'mutation { startBacktest(input: {botId: "1"}) { __typename } }',
    ...['deleteAlertChannel', 'testAlertChannel', 'cancelBacktest', 'deleteBacktest'].map(
      (name) => `mutation { ${name}(id: "1") { __typename } }`,
    ),
  ]
  const named = new Set(operations.map((operation) => /\{ (\w+)/.exec(operation)?.[1]))
  const all = [...fields.queryType.fields, ...fields.mutationType.fields].map(
    (field: { name: string }) => field.name,
  )
  expect(all.filter((name) => !named.has(name)).toSorted()).toEqual(['signIn', 'signUp', 'viewer'])
  for (const operation of operations) {
    const { errors } = await server.call(operation)
    expect(errors.map((error) => error.extensions?.['code'])).toEqual(['UNAUTHENTICATED'])
  }
  expect((await server.call('{ viewer { id } }')).data).toEqual({ viewer: null })
})

test('a value of the wrong type is BAD_USER_INPUT with its path, in a variable and in the document', async () => {
  const ada = await server.account('ada')
  const wrong = async (changes: object) => (await ada.run(CREATE_BOT, { input: botInput(changes) })).errors[0]
  const bad = (path: string[]) => ({ extensions: { code: 'BAD_USER_INPUT', path } })
  expect(await wrong({ initialCapital: 0.1 })).toMatchObject(bad(['input', 'initialCapital']))
  expect(await wrong({ initialCapital: '1e3' })).toMatchObject(bad(['input', 'initialCapital']))
  expect(await wrong({ stopLossPerc: '0.0000000000000000001' })).toMatchObject(bad(['input', 'stopLossPerc']))
  expect(await wrong({ initialCapital: '123456789012345678901' })).toMatchObject(
    bad(['input', 'initialCapital']),
  )
  expect(await wrong({ emaFast: '12' })).toMatchObject(bad(['input', 'emaFast']))
  expect(await wrong({ mode: 'REAL' })).toMatchObject(bad(['input', 'mode']))
  expect(await wrong({ name: undefined })).toMatchObject(bad(['input', 'name']))
  expect(await wrong({ strategyParams: [{ name: 'x', value: true }] })).toMatchObject(
    bad(['input', 'strategyParams', '0', 'value']),
  )
  const inDocument = await ada.run(
    'mutation { updateBot(input: {id: "1", revision: 1, stopLossPerc: 1.5, emaFast: "x"}) { __typename } }',
  )
  expect(inDocument.errors).toMatchObject([
    bad(['updateBot', 'input', 'stopLossPerc']),
    bad(['updateBot', 'input', 'emaFast']),
  ])
  const { rows } = await server.db.pool.query('SELECT 1 FROM bot_configs')
  expect(rows).toEqual([])
})

test('only JSON of a reasonable size is read, and GET never writes', async () => {
  const bob = await server.account('bob')
  const post = async (body: string, type: string, cookie = bob.cookie) =>
    (
      await fetch(`${server.url()}/graphql`, {
        method: 'POST',
        headers: { 'content-type': type, cookie, 'x-tradebot-csrf': '1' },
        body,
      })
    ).status
  expect(await post('query=mutation{haltTrading{id}}', 'application/x-www-form-urlencoded')).toBe(415)
  expect(await post('--x\r\n\r\n--x--', 'multipart/form-data; boundary=x')).toBe(415)
  expect(await post('mutation { haltTrading { id } }', 'application/graphql')).toBe(415)
  expect(await post('{"query":', 'application/json')).toBe(400)
  // Who is signed in may send the candles of a backtest.
  const long = (bytes: number) => JSON.stringify({ query: `{ viewer { id } } #${'x'.repeat(bytes)}` })
  expect(await post(long(300_000), 'application/json', '')).toBe(413)
  expect(await post(long(300_000), 'application/json')).toBe(200)
  expect(await post(long(MOST_UPLOAD_BYTES), 'application/json')).toBe(413)
  const get = await fetch(
    `${server.url()}/graphql?query=${encodeURIComponent('mutation { haltTrading { id } }')}`,
    {
      headers: { cookie: bob.cookie, 'x-tradebot-csrf': '1' },
    },
  )
  expect(get.status).toBe(405)
  const { rows } = await server.db.pool.query('SELECT 1 FROM users WHERE halted_at IS NOT NULL')
  expect(rows).toEqual([])
})

test('a query that is too deep, too wide or too long is refused, and no name is suggested', async () => {
  const carl = await server.account('carl')
  const refused = async (query: string) => {
    const error = (await carl.run(query)).errors[0]
    return error === undefined ? 'answered' : `${String(error.extensions?.['code'])} ${error.message}`
  }
  const deep = 'ofType { '.repeat(40)
  expect(
    await refused(
      `{ bots { edges { node { orders { edges { node { ${'__typename '.repeat(6_000)} } } } } } } }`,
    ),
  ).toMatch(/^QUERY_TOO_LARGE .*token/i)
  expect(
    await refused(
      `mutation { ${Array.from({ length: 40 }, (_, n) => `a${n}: haltTrading { id }`).join(' ')} }`,
    ),
  ).toMatch(/^QUERY_TOO_LARGE .*alias/i)
  expect(await refused(`{ __type(name: "Bot") { ${deep} name ${'}'.repeat(40)} } }`)).not.toBe('answered')
  expect(await refused('{ bots(first: 1000000) { totalCount } }')).toMatch(
    /^QUERY_TOO_LARGE .*at most 500 rows/,
  )
  expect(await refused('{ viewer { emial } }')).not.toMatch(/did you mean/i)
  const { rows } = await server.db.pool.query('SELECT 1 FROM users WHERE halted_at IS NOT NULL')
  expect(rows).toEqual([])
})

test('an unexpected failure is masked behind a request id', async () => {
  const dora = await server.account('dora')
  await server.db.pool.query('ALTER TABLE api_tokens RENAME TO gone')
  const { errors } = await dora.run('{ apiTokens { id } }')
  await server.db.pool.query('ALTER TABLE gone RENAME TO api_tokens')
  expect(errors).toHaveLength(1)
  expect(errors[0]?.extensions).toMatchObject({
    code: 'INTERNAL_SERVER_ERROR',
    requestId: expect.any(String),
  })
  expect(errors[0]?.message).not.toMatch(/api_tokens|prisma/i)
})

test('text that PostgreSQL cannot keep is refused as the client’s mistake', async () => {
  const finn = await server.account('finn')
  const nul = 'a\u0000b'
  const named = await finn.run(
    'mutation ($name: String!) { createApiToken(name: $name) { ... on ValidationError { issues { path } } } }',
    { name: nul },
  )
  expect(named.data.createApiToken.issues).toEqual([{ path: ['name'] }])
  const bot = await finn.run(CREATE_BOT, { input: botInput({ name: nul }) })
  expect(bot.data.createBot.issues[0].path).toEqual(['name'])
  for (const query of [
    'query ($text: String!) { bots(search: $text) { totalCount edges { cursor } } }',
    'query ($text: String!) { candles(exchange: "sandbox", symbol: $text, timeframe: "1m") { close } }',
    'mutation ($text: String!) { signIn(input: {email: $text, password: "x"}) { __typename } }',
  ]) {
    const { errors } = await finn.run(query, { text: nul })
    expect(errors[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
  }
})

test('what only a worker knows is said to need one', async () => {
  const eve = await server.account('eve')
  const candles = await eve.run(
    '{ candles(exchange: "sandbox", symbol: "BTC/USDT", timeframe: "1m") { close } }',
  )
  expect(candles.errors[0]).toMatchObject({
    message: expect.stringContaining('No worker is running'),
    extensions: { code: 'UNAVAILABLE' },
  })
  const markets = await eve.run('{ markets(exchange: "binance") { symbol } }')
  expect(markets.errors[0]?.message).toContain('No worker is running')
  const known = await eve.run(
    '{ markets(exchange: "sandbox", search: "btc") { symbol type minCost amountStep priceTick } }',
  )
  expect(known.data.markets).toEqual([
    { symbol: 'BTC/USDT', type: 'SPOT', minCost: '10', amountStep: '0.00001', priceTick: null },
  ])
  const exchanges = await eve.run('{ exchanges { id live realMoney timeframes minCheckIntervalSeconds } }')
  expect(exchanges.data.exchanges[0]).toEqual({
    ...{
      id: 'sandbox',
      live: true,
      realMoney: false,
      timeframes: ['1s', '1m', '1h'],
      minCheckIntervalSeconds: 1,
    },
  })
})

test('an exchange that is being maintained, or told us to wait, says so and since when', async () => {
  const dan = await server.account('dan')
  const states = async () => {
    const { data } = await dan.run('{ exchanges { id status statusMessage statusSince } }')
    return new Map(data.exchanges.map((one: { id: string }) => [one.id, one]))
  }
  expect((await states()).get('sandbox')).toMatchObject({ status: 'OK', statusMessage: null })
  const { pool } = server.db
  expect(await recordMaintenance(pool, 'sandbox', 'System upgrade.')).toBe(true)
  expect(await recordMaintenance(pool, 'sandbox', 'System upgrade, still.')).toBe(false)
  expect((await states()).get('sandbox')).toMatchObject({
    status: 'MAINTENANCE',
    statusMessage: 'System upgrade.',
    statusSince: expect.any(String),
  })
  await blockScope(pool, 'sandbox', 60_000, 'Too much request weight used.')
  expect((await states()).get('sandbox')).toMatchObject({ status: 'MAINTENANCE' })
  expect(await recordAnswering(pool, 'sandbox')).toBe(true)
  expect((await states()).get('sandbox')).toMatchObject({
    status: 'RATE_LIMITED',
    statusMessage: expect.stringContaining('Too much request weight used. Nothing is sent until'),
  })
  await pool.query('DELETE FROM venue_limits')
  expect((await states()).get('sandbox')).toMatchObject({ status: 'OK', statusMessage: null })
})

test('/healthz says what is healthy and what is not', async () => {
  const health = async () => {
    const response = await fetch(`${server.url()}/healthz`)
    return { status: response.status, body: await response.json() }
  }
  expect(await health()).toMatchObject({
    status: 503,
    body: {
      status: 'degraded',
      database: { ok: true },
      worker: { ok: false, alive: 0 },
      listen: { ok: true },
    },
  })
  await server.db.pool.query(
    `INSERT INTO worker_heartbeats (worker_id, host, pid, started_at, beat_at, last_job_at) VALUES ('w', 'h', 1, now(), now(), now() - interval '7 seconds')`,
  )
  const alive = await health()
  expect(alive).toMatchObject({ status: 200, body: { status: 'ok', worker: { ok: true, alive: 1 } } })
  expect(alive.body).toMatchObject({ jobs: { lastFinishedAgeSeconds: expect.closeTo(7, 0) } })
})
