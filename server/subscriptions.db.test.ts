import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createApiToken } from '#trading/store/api-tokens.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { writeEvents } from '#trading/store/events.ts'
import { botInput, CREATE_BOT, subscribe, untilHeard, withTestServer } from './testing.ts'

const server = withTestServer()
type Account = Awaited<ReturnType<typeof server.account>>

const EVENTS =
  'subscription ($after: String) { botEvents(after: $after) { cursor botId type message toStatus } }'
const CHANGED =
  'subscription ($id: ID!, $afterVersion: String) { botChanged(id: $id, afterVersion: $afterVersion) { name revision state { status version equity } allowedCommands } }'

const create = async (account: Account, name: string): Promise<string> =>
  (await account.run(CREATE_BOT, { input: botInput({ name }) })).data.createBot.id
const run = (account: Account, command: string, id: string) =>
  account.run(`mutation ($id: ID!) { ${command}(id: $id) { __typename } }`, { id })
const emit = (account: Account, botId: string, messages: string[]) =>
  inTransaction(server.db.pool, (tx) =>
    writeEvents(
      tx,
      { userId: account.id, label: 'worker' },
      messages.map((message) => ({ botId, type: 'TEST', message })),
    ),
  )

test('botEvents brings every later event in order, and after a reconnect those that were missed', async () => {
  const ada = await server.account('ada')
  const id = await create(ada, 'One')
  const first = server.socket({ cookie: ada.cookie })
  const live = subscribe(first, EVENTS)
  let last = (await untilHeard(live, () => emit(ada, id, ['heard']))).data.botEvents
  await emit(ada, id, ['next'])
  for (let n = 0; n < 20 && last.message !== 'next'; n++) {
    const event = (await live.next()).data.botEvents
    expect(Number(event.cursor)).toBe(Number(last.cursor) + 1)
    last = event
  }
  await first.dispose()

  await emit(
    ada,
    id,
    Array.from({ length: 700 }, (_, n) => `missed ${n}`),
  )
  const second = server.socket({ cookie: ada.cookie })
  const resumed = subscribe(second, EVENTS, { after: last.cursor })
  const seen: string[] = []
  for (let n = 0; n < 350; n++) seen.push((await resumed.next()).data.botEvents.message)
  await emit(ada, id, ['live 0', 'live 1'])
  for (let n = 0; n < 352; n++) seen.push((await resumed.next()).data.botEvents.message)
  expect(seen).toEqual([...Array.from({ length: 700 }, (_, n) => `missed ${n}`), 'live 0', 'live 1'])
  await second.dispose()
})

test('events written by many at once come gapless and once to every subscriber, and to no other account', async () => {
  const bob = await server.account('bob')
  const eve = await server.account('eve')
  const ids = await Promise.all(['A', 'B', 'C'].map((name) => create(bob, name)))
  const client = server.socket({ cookie: bob.cookie })
  const foreign = server.socket({ cookie: eve.cookie })
  const readers = Array.from({ length: 5 }, () => subscribe(client, EVENTS, { after: '3' }))
  const other = subscribe(foreign, EVENTS, { after: '0' })
  await Promise.all(ids.flatMap((id) => Array.from({ length: 20 }, (_, n) => emit(bob, id, [`${id} ${n}`]))))
  for (const reader of readers) {
    const cursors: number[] = []
    for (let n = 0; n < 60; n++) cursors.push(Number((await reader.next()).data.botEvents.cursor))
    expect(cursors).toEqual(Array.from({ length: 60 }, (_, n) => n + 4))
  }
  const quiet = await Promise.race([
    other.next().catch(() => 'nothing'),
    new Promise((resolve) => setTimeout(() => resolve('nothing'), 300)),
  ])
  expect(quiet).toBe('nothing')
  await Promise.all([client.dispose(), foreign.dispose()])
})

test('botChanged brings the bot at once if it is newer, then its latest state within a second, and ends with the bot', async () => {
  const carl = await server.account('carl')
  const id = await create(carl, 'One')
  const client = server.socket({ cookie: carl.cookie })
  const reader = subscribe(client, CHANGED, { id })
  const first = (await reader.next()).data.botChanged
  expect(first).toMatchObject({
    name: 'One',
    state: { status: 'STOPPED' },
    allowedCommands: ['START', 'UPDATE', 'DELETE'],
  })
  await run(carl, 'startBot', id)
  const begun = performance.now()
  const second = (await reader.next()).data.botChanged
  expect(second).toMatchObject({ state: { status: 'PENDING' }, allowedCommands: ['STOP'] })
  expect(performance.now() - begun).toBeLessThan(1_000)

  // A write of another process, without any hint, is found all the same.
  await server.db.pool.query('UPDATE bot_states SET equity = equity + 1 WHERE bot_id = $1', [id])
  expect((await reader.next()).data.botChanged.state.equity).toBe('1001')
  const known = subscribe(client, CHANGED, { id, afterVersion: second.state.version })
  const caughtUp = (await known.next()).data.botChanged
  expect(caughtUp.state.equity).toBe('1001')
  const upToDate = subscribe(client, CHANGED, { id, afterVersion: caughtUp.state.version })
  await new Promise((resolve) => setTimeout(resolve, 200))
  await run(carl, 'stopBot', id)
  for (const each of [reader, known, upToDate])
    expect((await each.next()).data.botChanged.state.status).toBe('STOPPED')
  await run(carl, 'deleteBot', id)
  const last: unknown[] = []
  for (let n = 0; n < 3 && last.at(-1) !== 'done'; n++) last.push(await reader.next())
  expect(last.at(-1)).toBe('done')
  await client.dispose()
})

test("botsChanged brings any of the viewer's bots, and another user's bot is not found", async () => {
  const dora = await server.account('dora')
  const finn = await server.account('finn')
  const [one, two] = [await create(dora, 'One'), await create(dora, 'Two')]
  const client = server.socket({ cookie: dora.cookie })
  const reader = subscribe(client, 'subscription { botsChanged { id revision state { status } } }')
  const touch = () =>
    server.db.pool.query('UPDATE bot_states SET equity = equity + 1 WHERE bot_id = $1', [one])
  expect((await untilHeard(reader, touch)).data.botsChanged).toMatchObject({ id: one })
  await run(finn, 'startBot', one)
  await run(dora, 'startBot', two)
  expect((await reader.next()).data.botsChanged).toMatchObject({ id: two, state: { status: 'PENDING' } })
  await dora.run(
    'mutation ($id: ID!) { updateBot(input: {id: $id, revision: 1, name: "New"}) { __typename } }',
    { id: one },
  )
  expect((await reader.next()).data.botsChanged).toMatchObject({ id: one, revision: 2 })
  await client.dispose()

  const foreign = server.socket({ cookie: finn.cookie })
  const refused = await subscribe(foreign, CHANGED, { id: one }).next()
  expect(refused.errors[0].extensions.code).toBe('NOT_FOUND')
  await foreign.dispose()
})

test('candleChanged asks for the series and brings the forming candle as it moves, and each as it closes', async () => {
  const gwen = await server.account('gwen')
  const client = server.socket({ cookie: gwen.cookie })
  const write = (minute: number, close: string, closed: boolean) =>
    server.db.pool.query(
      `INSERT INTO candles (exchange, symbol, timeframe, open_time, closed, open, high, low, close, volume, updated_at)
       VALUES ('sandbox', 'BTC/USDT', '1m', $1, $2, 1, 9, 1, $3, 5, clock_timestamp())
       ON CONFLICT (exchange, symbol, timeframe, open_time) DO UPDATE SET close = EXCLUDED.close, closed = EXCLUDED.closed, updated_at = clock_timestamp()`,
      [new Date(Date.UTC(2026, 0, 1, 0, minute)), closed, close],
    )
  await write(0, '5', false)
  const reader = subscribe(
    client,
    'subscription { candleChanged(exchange: "sandbox", symbol: "BTC/USDT", timeframe: "1m") { openTime closed close } }',
  )
  const next = async () => (await reader.next()).data.candleChanged
  expect(await next()).toEqual({ openTime: '2026-01-01T00:00:00.000Z', closed: false, close: '5' })
  const { rows } = await server.db.pool.query(
    `SELECT 1 FROM candle_series WHERE wanted_until > now() + interval '50 seconds'`,
  )
  expect(rows).toHaveLength(1)
  await write(0, '6.50', false)
  expect(await next()).toMatchObject({ closed: false, close: '6.5' })
  await write(0, '7', true)
  await write(1, '7.1', false)
  expect([await next(), await next()]).toMatchObject([
    { openTime: '2026-01-01T00:00:00.000Z', closed: true, close: '7' },
    { openTime: '2026-01-01T00:01:00.000Z', closed: false, close: '7.1' },
  ])
  const wrong = await subscribe(
    client,
    'subscription { candleChanged(exchange: "sandbox", symbol: "NO/NE", timeframe: "1m") { close } }',
  ).next()
  expect(wrong.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', path: ['symbol'] })
  await client.dispose()
})

test('the LISTEN connection comes back after it was cut, and nothing is lost meanwhile', async () => {
  const hugo = await server.account('hugo')
  const id = await create(hugo, 'One')
  const client = server.socket({ cookie: hugo.cookie })
  const reader = subscribe(client, EVENTS, { after: '1' })
  await server.db.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tradebot-listen' AND datname = current_database()`,
  )
  await emit(hugo, id, ['while it was away'])
  expect((await reader.next()).data.botEvents.message).toBe('while it was away')
  await expect.poll(async () => (await (await fetch(`${server.url()}/healthz`)).json()).listen.ok).toBe(true)
  await client.dispose()
})

/** How a raw socket ends that opens with these, and then does this. */
function closing(
  caller: { cookie?: string; origin?: string },
  params: object,
  then: (socket: WebSocket) => unknown,
) {
  return new Promise<{ code: number; messages: string[] }>((resolve, reject) => {
    const { cookie, origin } = caller
    const headers = {
      ...(cookie === undefined ? {} : { cookie }),
      ...(origin === undefined ? {} : { origin }),
    }
    const socket = new WebSocket(`${server.url().replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers,
    })
    const messages: string[] = []
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: params })))
    socket.on('message', (data) => {
      messages.push(String(data))
      if (messages.length === 1) void then(socket)
    })
    socket.on('close', (code) => resolve({ code, messages }))
    socket.on('error', reject)
  })
}

test('a socket is closed with 4403 when its session or token ends, and refused with a token that is none', async () => {
  const ivan = await server.account('ivan')
  const signedOut = await closing({ cookie: ivan.cookie }, {}, () => ivan.run('mutation { signOut }'))
  expect(signedOut.code).toBe(4403)
  const { id, token } = await createApiToken(server.db.pool, ivan.id, 'robot')
  const deleted = await closing({}, { authorization: `Bearer ${token}` }, () =>
    server.db.pool.query('DELETE FROM api_tokens WHERE id = $1', [id]),
  )
  expect(deleted.code).toBe(4403)
  expect((await closing({}, { authorization: 'Bearer tb_none' }, () => undefined)).code).toBe(4403)
})

test("a page of another origin cannot use the visitor's cookie, nor anybody a socket without a credential", async () => {
  const judy = await server.account('judy')
  const viewerOn = async (caller: { cookie?: string; origin?: string }) => {
    const { messages } = await closing(caller, {}, (socket) => {
      socket.send(
        JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ viewer { username } }' } }),
      )
      socket.send(
        JSON.stringify({
          id: '2',
          type: 'subscribe',
          payload: { query: 'subscription { botsChanged { id } }' },
        }),
      )
      setTimeout(() => socket.close(), 400)
    })
    return messages.join('\n')
  }
  expect(await viewerOn({ cookie: judy.cookie, origin: server.url() })).toContain('"judy"')
  const foreign = await viewerOn({ cookie: judy.cookie, origin: 'https://evil.example' })
  expect(foreign).toContain('"viewer":null')
  expect(foreign).toContain('UNAUTHENTICATED')
  expect(await viewerOn({})).toContain('UNAUTHENTICATED')
})

test('a syntax error is answered to its operation and the socket lives on; crowds and giants are refused', async () => {
  const kim = await server.account('kim')
  const { code, messages } = await closing({ cookie: kim.cookie }, {}, (socket) => {
    const send = (id: string, query: string) =>
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }))
    send('broken', 'subscription {')
    send('unknown', '{ nothing }')
    for (let n = 0; n < 105; n++) send(`s${n}`, 'subscription { botsChanged { id } }')
    setTimeout(() => send('good', '{ viewer { username } }'), 300)
    setTimeout(() => socket.send('x'.repeat(300_000)), 600)
  })
  const answers = messages.map((message) => JSON.parse(message))
  expect(answers.filter(({ type }) => type === 'error').map(({ id }) => id)).toEqual(
    expect.arrayContaining(['broken', 'unknown', 's104']),
  )
  expect(answers.find(({ id }) => id === 's50')).toBeUndefined()
  expect(answers.find(({ id }) => id === 's104').payload[0].message).toContain('at most 100')
  expect(code).toBe(1009)
})
