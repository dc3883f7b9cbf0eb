import { expect, test } from 'vitest'
import { beginAlert } from '#trading/store/alerts.ts'
import { writeBeats } from '#trading/store/heartbeats.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestServer } from './testing.ts'

const server = withTestServer()

const ADD = `mutation ($input: AddAlertChannelInput!) { addAlertChannel(input: $input) {
  __typename
  ... on AddedAlertChannel { secret channel { id kind name targetHint kinds enabled lastSentAt lastError } }
  ... on ValidationError { issues { path message } } } }`
const UPDATE = `mutation ($input: UpdateAlertChannelInput!) { updateAlertChannel(input: $input) {
  __typename ... on AlertChannel { name enabled kinds targetHint } ... on ValidationError { issues { path message } } } }`
const DELETE = `mutation ($id: ID!) { deleteAlertChannel(id: $id) { __typename } }`
const TEST = `mutation ($id: ID!) { testAlertChannel(id: $id) {
  __typename ... on AlertChannelTest { delivered message } ... on RateLimitedError { retryAfterSeconds } } }`
const ALERTS = `query ($first: Int, $after: String) { alerts(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor }
  edges { node { id kind botId botName message endedAt deliveries { status attempts error channel { id name } } } } } }`

const hook = { kind: 'WEBHOOK', name: 'Ops', url: 'https://hooks.example.com/services/secret-path' }
const telegram = {
  kind: 'TELEGRAM',
  name: 'Phone',
  botToken: '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  chatId: '-100123',
}

type Account = Awaited<ReturnType<typeof server.account>>
const add = async (account: Account, input: object) =>
  (await account.run(ADD, { input })).data.addAlertChannel

test('a channel shows where it leads and never its secrets; a secret made here is shown once', async () => {
  const user = await server.account('channels')
  const added = await add(user, { ...hook, kinds: ['BOT_ERROR'] })
  expect(added.channel).toMatchObject({
    kind: 'WEBHOOK',
    targetHint: 'hooks.example.com',
    kinds: ['BOT_ERROR'],
    enabled: true,
    lastSentAt: null,
  })
  expect(added.secret.length).toBeGreaterThanOrEqual(32)
  expect((await add(user, { ...hook, secret: 'a-secret-of-my-own-choice' })).secret).toBeNull()
  expect((await add(user, telegram)).channel.targetHint).toBe('chat -100123')
  const { rows } = await server.db.pool.query('SELECT * FROM alert_channels')
  const stored = JSON.stringify(rows)
  for (const hidden of [added.secret, 'secret-path', telegram.botToken, 'a-secret-of-my-own'])
    expect(stored).not.toContain(hidden)
  const list = await user.run('{ alertChannels { name targetHint } }')
  expect(list.data.alertChannels.map((channel: { name: string }) => channel.name)).toEqual([
    'Phone',
    'Ops',
    'Ops',
  ])
})

test('what cannot be a channel is refused, each value by its field', async () => {
  const user = await server.account('refused')
  const fields = async (input: object) =>
    (await add(user, input)).issues.map((issue: { path: string[] }) => issue.path.join('.'))
  expect(await fields({ kind: 'WEBHOOK', name: 'x' })).toEqual(['url'])
  expect(await fields({ ...hook, name: '', url: 'ftp://x.example' })).toEqual(['name', 'url'])
  expect(await fields({ ...hook, secret: 'short' })).toEqual(['secret'])
  expect(await fields({ ...hook, chatId: '1' })).toEqual(['chatId'])
  expect(await fields({ kind: 'TELEGRAM', name: 'x' })).toEqual(['botToken', 'chatId'])
  expect(await fields({ ...telegram, botToken: 'no', chatId: 'no' })).toEqual(['botToken', 'chatId'])
})

test('an eleventh channel is refused, also when several come at once', async () => {
  const user = await server.account('many')
  const answers = await Promise.all(Array.from({ length: 13 }, () => add(user, hook)))
  expect(answers.filter((answer) => answer.__typename === 'AddedAlertChannel').length).toBe(10)
})

test('a channel is changed in part, and keeps the rest', async () => {
  const user = await server.account('changes')
  const { channel } = await add(user, hook)
  const change = async (input: object) =>
    (await user.run(UPDATE, { input: { id: channel.id, ...input } })).data.updateAlertChannel
  expect(await change({ name: 'Night', enabled: false, kinds: ['BOT_LATE'] })).toMatchObject({
    name: 'Night',
    enabled: false,
    kinds: ['BOT_LATE'],
    targetHint: 'hooks.example.com',
  })
  expect(await change({ url: 'http://other.example:8080/x' })).toMatchObject({
    name: 'Night',
    targetHint: 'other.example:8080',
  })
  expect((await change({ chatId: '5' })).issues[0].path).toEqual(['chatId'])
})

test("another user's channel is not found, by any command, and their alerts are not listed", async () => {
  const owner = await server.account('owner')
  const other = await server.account('other')
  const { channel } = await add(owner, hook)
  for (const [name, query, variables] of [
    ['updateAlertChannel', UPDATE, { input: { id: channel.id, name: 'Mine' } }],
    ['deleteAlertChannel', DELETE, { id: channel.id }],
    ['testAlertChannel', TEST, { id: channel.id }],
  ] as const) {
    const answer = await other.run(query, variables)
    expect(answer.data[name].__typename, name).toBe('NotFoundError')
  }
  await raise(owner.id, 'Only for the owner.')
  expect((await other.run(ALERTS)).data.alerts.edges).toEqual([])
  expect((await owner.run(ALERTS)).data.alerts.edges.length).toBe(1)
  expect((await server.call('{ alertChannels { id } }')).errors[0]?.extensions?.['code']).toBe(
    'UNAUTHENTICATED',
  )
})

test('alerts come newest first, in pages, with what became of each delivery; a deleted channel stays named', async () => {
  const user = await server.account('lists')
  const { channel } = await add(user, { ...hook, kinds: ['BOT_ERROR'] })
  for (const message of ['One.', 'Two.', 'Three.']) await raise(user.id, message)
  await user.run(DELETE, { id: channel.id })
  const first = (await user.run(ALERTS, { first: 2 })).data.alerts
  expect(first.edges.map((edge: { node: { message: string } }) => edge.node.message)).toEqual([
    'Three.',
    'Two.',
  ])
  expect(first.edges[0].node).toMatchObject({
    kind: 'BOT_ERROR',
    botId: null,
    botName: null,
    deliveries: [{ status: 'FAILED', error: 'The channel was deleted.', channel: { name: 'Ops' } }],
  })
  const second = (await user.run(ALERTS, { first: 2, after: first.pageInfo.endCursor })).data.alerts
  expect(second.edges.map((edge: { node: { message: string } }) => edge.node.message)).toEqual(['One.'])
  expect((await user.run('{ alertChannels { id } }')).data.alertChannels).toEqual([])
})

test('a test says what became of it, says that no worker runs, and has a limit', async () => {
  const user = await server.account('tests')
  const { channel } = await add(user, hook)
  const run = async () => (await user.run(TEST, { id: channel.id })).data.testAlertChannel
  expect(await run()).toMatchObject({ delivered: false, message: expect.stringContaining('No worker') })
  const beat = { host: 'here', pid: 1, startedAt: new Date(), lastJobAgeMs: null, jobsDone: 0 }
  await writeBeats(server.db.pool, [{ ...beat, workerId: 'w' }])
  // What a worker would do, seen from here.
  const deliver = (assignment: string) =>
    setTimeout(
      () =>
        void server.db.pool.query(
          `UPDATE alert_deliveries SET ${assignment} WHERE channel_id = $1 AND status = 'PENDING'`,
          [channel.id],
        ),
      150,
    )
  deliver(`status = 'SENT'`)
  expect(await run()).toEqual({
    __typename: 'AlertChannelTest',
    delivered: true,
    message: 'The test has arrived.',
  })
  deliver(`status = 'FAILED', error = 'The receiver answered 404.'`)
  expect(await run()).toMatchObject({ delivered: false, message: 'The receiver answered 404.' })
  await server.db.pool.query('DELETE FROM worker_heartbeats')
  for (let i = 0; i < 7; i++) await run()
  expect(await run()).toEqual({ __typename: 'RateLimitedError', retryAfterSeconds: 60 })
})

let troubles = 0
const raise = (userId: string, message: string) =>
  inTransaction(server.db.pool, (tx) =>
    beginAlert(
      tx,
      { userId, botId: null, at: null },
      { kind: 'BOT_ERROR', key: `trouble ${++troubles}`, message },
    ),
  )
