import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { aPosition, anOrder, lead } from '#trading/store/bot.fixture.ts'
import { botInput, CREATE_BOT, withTestServer } from '#server/testing.ts'
import { tradebotctl } from '../testing/run.ts'
import { haltResult, listResult, ordersResult, showResult } from './shapes.ts'

vi.setConfig({ testTimeout: 120_000 })

// The server only makes the account and bots, and says what the API answers; the commands never meet it.
const server = withTestServer()
const folder = mkdtempSync(path.join(tmpdir(), 'tradebotctl-direct-'))
afterAll(() => rmSync(folder, { recursive: true }))

let me: Awaited<ReturnType<typeof server.account>>
let [id, token] = ['', '']

function run(args: string[], more: NodeJS.ProcessEnv = {}) {
  return tradebotctl(args, {
    env: {
      TRADEBOT_DATA_DIR: folder,
      TRADEBOT_URL: 'http://127.0.0.1:1987',
      TRADEBOT_TOKEN: '',
      DATABASE_URL: server.db.url,
      TRADEBOT_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
      ...more,
    },
  })
}

beforeAll(async () => {
  me = await server.account('trader')
  const input = botInput({ name: 'Holder', strategy: 'DONCHIAN', maxDailyTrades: 5, trailingStopPerc: '1.5' })
  id = z.string().parse((await me.run(CREATE_BOT, { input })).data.createBot.id)
  const made = await me.run('mutation { createApiToken(name: "script") { ... on IssuedApiToken { token } } }')
  token = z.string().parse(made.data.createApiToken.token)
  await lead(server.db.pool, id, 'RUNNING')
  await aPosition(server.db.pool, id)
  await anOrder(server.db.pool, id, { status: 'FILLED' })
  await anOrder(server.db.pool, id, { status: 'REJECTED' })
  await server.db.pool.query(`UPDATE bot_states SET last_price = 51000, equity = 1001 WHERE bot_id = $1`, [
    id,
  ])
})

test('in the database a bot is shown as the API shows it, to the letter', async () => {
  const viaApi = { TRADEBOT_URL: server.url(), TRADEBOT_TOKEN: token }
  const commands = [
    ['bots', 'list'],
    ['bots', 'show', 'Holder'],
    ['orders'],
    ['orders', id, '--status', 'REJECTED'],
  ]
  const schemas = [listResult, showResult, ordersResult, ordersResult]
  const ran = await Promise.all(
    commands.flatMap((args) => [run([...args, '--json'], viaApi), run([...args, '--direct', '--json'])]),
  )
  for (const [index, schema] of schemas.entries()) {
    const [api, direct] = [ran[index * 2], ran[index * 2 + 1]]
    expect(direct?.json().error).toBeNull()
    expect(schema.parse(direct?.json().result)).toEqual(schema.parse(api?.json().result))
  }
  expect(showResult.parse(ran[3]?.json().result).bot).toMatchObject({
    position: { unrealizedPnl: '1' },
    config: { strategy: 'DONCHIAN', maxDailyTrades: 5, trailingStopPerc: '1.5', maxDrawdownPerc: null },
  })
  expect(ordersResult.parse(ran[7]?.json().result).orders).toHaveLength(1)
})

test('halt and the commands work with server and workers dead, by tradebotctl, and are refused as the API refuses', async () => {
  const plain = await run(['halt'])
  expect(plain.code).toBe(3)
  expect(plain.stderr).toContain('--direct')
  const halted = await run(['halt', '--direct'])
  expect(halted).toMatchObject({ code: 0, stderr: '' })
  expect(halted.stdout).toContain('1 bot enters nothing')
  expect(halted.stdout).toContain(
    'NO worker is alive: 1 open position, and TradeBot neither guards nor closes any of them now. Start one: npm start, or tradebotctl run.',
  )
  expect(halted.stdout).not.toContain('stays guarded')
  await server.db.pool.query(
    `INSERT INTO worker_heartbeats (worker_id, host, pid, beat_at, started_at) VALUES ('w', 'h', 1, clock_timestamp(), clock_timestamp())`,
  )
  expect((await run(['halt', '--direct'])).stdout).toContain('1 open position stays guarded')
  expect((await me.run('{ viewer { haltedAt } }')).data.viewer.haltedAt).not.toBeNull()
  const [resumed, refused, stop] = await Promise.all([
    run(['resume-trading', '--direct', '--json']),
    run(['bots', 'start', 'Holder', '--direct', '--json']),
    run(['bots', 'stop', 'Holder', '--direct', '--json']),
  ])
  expect(haltResult.parse(resumed.json().result)).toMatchObject({ haltedAt: null, bots: 1, positions: 1 })
  expect(refused.json()).toMatchObject({ exitCode: 4, error: { code: 'INVALID_TRANSITION' } })
  expect(stop.json()).toMatchObject({ exitCode: 4, error: { code: 'OPEN_POSITION' } })
  const paused = await run(['bots', 'pause', 'Holder', '--direct'])
  expect(paused.stdout).toBe(`Holder (${id}): paused, PAUSED; an open position stays guarded.\n`)
  const kept = await run(['bots', 'stop', id, '--direct', '--keep'])
  expect(kept.stdout).toBe(
    `Holder (${id}): stopped. Its position (long 0.001 BTC/USDT) stays open, and TradeBot guards it no more: no stop rests at the exchange, and nobody watches it but you.\n`,
  )
  const { rows } = await server.db.pool.query(
    `SELECT type, command FROM bot_events WHERE actor = 'tradebotctl' ORDER BY seq`,
  )
  expect(rows).toEqual(
    expect.arrayContaining([
      { type: 'HALTED', command: null },
      { type: 'HALT_ENDED', command: null },
      { type: 'STATUS', command: 'PAUSE' },
      { type: 'STATUS', command: 'STOP' },
    ]),
  )
})

test('whose bots is asked for where there are several accounts, and a strange account is told', async () => {
  const stranger = await server.account('other')
  const own = '{ orders { edges { node { id } } } events { edges { node { id } } } }'
  expect((await stranger.run(own)).data).toEqual({ orders: { edges: [] }, events: { edges: [] } })
  expect((await me.run(own)).data.orders.edges).toHaveLength(2)
  const [whose, unknown, other, both] = await Promise.all([
    run(['bots', 'list', '--direct']),
    run(['bots', 'list', '--direct', '--user', 'nobody@example.com', '--json']),
    run(['bots', 'list', '--direct', '--user', 'Other@example.com']),
    run(['bots', 'list', '--direct', '--url', 'http://127.0.0.1:4000']),
  ])
  expect(whose.code).toBe(2)
  expect(whose.stderr).toContain('--user EMAIL: trader@example.com, other@example.com.')
  expect(unknown.json()).toMatchObject({ exitCode: 3, error: { code: 'USER_UNKNOWN' } })
  expect(other.stdout).toContain('There is no bot yet.')
  expect(both.code).toBe(2)
})
