import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { writeRunFile } from '#trading/config/run-file.ts'
import { claimMasterKey } from '#trading/store/master-key.ts'
import { insertApiKey } from '#trading/store/api-keys.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { answerRequest } from '#trading/store/worker-requests.ts'
import { freePort } from '../../free-port.ts'
import { identify } from '../../process-identity.ts'
import { makeInstallation, type Installation } from '../../started-process.ts'
import { doctorResult } from '../commands/doctor.ts'
import { tradebotctl } from '../testing/run.ts'

// Each test starts several processes, one a whole system.
vi.setConfig({ testTimeout: 120_000 })

const db = withTestDatabase()
const masterKey = Buffer.alloc(32, 3)
let dataDir: string
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'tradebot-doctor-'))
  env = {
    DATABASE_URL: db.url,
    TRADEBOT_MASTER_KEY: masterKey.toString('base64'),
    TRADEBOT_DATA_DIR: dataDir,
    PORT: String(await freePort()),
    SANDBOX_PORT: String(await freePort()),
  }
  await claimMasterKey(db.pool, masterKey)
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))
beforeEach(() => db.pool.query('DELETE FROM worker_heartbeats'))

test('of a system that runs all is well; a key that others can read, and a stop, are told', async () => {
  const place = await makeInstallation()
  try {
    Object.assign(place.env, { TRADEBOT_EXCHANGES: 'sandbox' })
    const started = place.start('direct', { TRADEBOT_EXCHANGES: 'sandbox' })
    await started.ready()
    writeBackup(place)
    const well = await examine(place.env)
    expect(well.result.checks.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(well.code).toBe(0)
    expect(well.of('exchange:sandbox')[0]?.found).toMatch(/^answers in \d+ ms, clocks \d+ ms apart$/)
    expect(well.of('worker')).toHaveLength(1)
    expect(well.of('disk-of-database')).toHaveLength(1)

    const { postgres } = place.run()
    if (postgres === undefined) throw new Error('No database of its own runs.')
    process.kill(postgres.pid, 'SIGSTOP')
    const hung = await examine(place.env).finally(() => process.kill(postgres.pid, 'SIGCONT'))
    expect(hung.of('database')).toMatchObject([
      {
        found: `The embedded database at 127.0.0.1:${postgres.port} does not answer: timeout expired.`,
        advice: `Restart TradeBot: Ctrl-C where npm start runs, then npm start. See ${path.join(place.dataDir, 'postgres.log')}.`,
      },
    ])

    chmodSync(path.join(place.dataDir, 'master.key'), 0o644)
    const people = await tradebotctl(['doctor'], { env: place.env })
    expect(people.code).toBe(1)
    expect(people.stdout).toMatch(/^ {2}bad {6}master-key-file {3,}\S+master\.key has mode 0644: others/m)
    expect(people.stdout).toMatch(/^ {10,}→ chmod 600 \S+master\.key/m)
    expect(people.stdout).toMatch(/\nNot healthy: 1 bad, \d+ ok\.\n$/)
    chmodSync(path.join(place.dataDir, 'master.key'), 0o600)

    started.process.kill('SIGTERM')
    await started.exit()
    const stopped = await examine(place.env)
    expect(stopped.code).toBe(1)
    expect(stopped.of('database')).toMatchObject([
      {
        status: 'bad',
        found: 'not running, for TradeBot does not run: no bot is looked after',
        advice: 'Start TradeBot: npm start.',
      },
    ])
    expect(stopped.of('master-key-file')).toMatchObject([{ status: 'ok' }])
    expect(stopped.of('exchanges')).toMatchObject([{ status: 'unknown' }])

    writeFileSync(path.join(place.dataDir, 'master.key.next'), `${masterKey.toString('base64')}\n`)
    const stranger = createServer((_request, response) => response.end(JSON.stringify(HEALTH)))
    stranger.listen(Number(place.env['PORT']), '127.0.0.1')
    const rotating = await examine(place.env).finally(() => stranger.close())
    expect(rotating.of('server')).toMatchObject([
      { status: 'bad', found: `another TradeBot answers at ${place.url}, not this one` },
    ])
    expect(rotating.of('master-key')).toMatchObject([
      {
        status: 'bad',
        found: expect.stringContaining('master.key.next is there'),
        advice: expect.stringContaining('tradebotctl keys rotate'),
      },
    ])
    expect(rotating.of('supervisor')).toMatchObject([
      { advice: expect.stringMatching(/^Finish the change of the master key first/) },
    ])
  } finally {
    await place.remove()
  }
})

test('each trouble in the books is told by its name, with what to do', async () => {
  const { rows } = await db.pool.query<{ id: string }>(
    `INSERT INTO users (email, username, username_key, password_hash, halted_at) VALUES ('a@b.c', 'ann', 'ann', '-', now()) RETURNING id::text`,
  )
  const userId = rows[0]?.id ?? ''
  const keyId = await inTransaction(db.pool, (tx) =>
    insertApiKey(tx, masterKey, userId, {
      exchange: 'sandbox',
      label: 'main',
      acceptWithdraw: false,
      credentials: { apiKey: 'k', secretKey: 's', passphrase: null },
    }),
  )
  await db.pool.query(`UPDATE api_keys SET check_error = 'Wrong signature.', checked_at = now()`)
  const broken = await addBot(userId, 'broken', { status: 'ERROR' })
  const late = await addBot(userId, 'late', { status: 'RUNNING', lateSeconds: 600 })
  const live = await addBot(userId, 'live', { keyId })
  await db.pool.query(
    `INSERT INTO positions (bot_id, side, amount, average_price, entry_amount, entry_notional, cost, best_price, opened_at)
     VALUES ($1, 'BUY', 1, 100, 1, 100, 100, 100, now() - interval '1 hour')`,
    [live],
  )
  await db.pool.query(
    `INSERT INTO orders (bot_id, user_id, api_key_id, exchange, symbol, mode, revision, client_order_id, side, purpose, status, amount, reference_price, reason, unknown_since)
     VALUES ($1, $2, $3, 'sandbox', 'BTC/USDT', 'LIVE', 1, 'c1', 'SELL', 'EXIT', 'UNKNOWN', 1, 100, '-', now() - interval '5 minutes')`,
    [live, userId, keyId],
  )
  await db.pool.query(
    `INSERT INTO worker_heartbeats (worker_id, host, pid, started_at, beat_at) VALUES ('w1', 'far', 77, now(), now() - interval '10 minutes')`,
  )
  await db.pool.query(`UPDATE api_keys SET encrypted_secret = 'v1:' || repeat('A', 80) WHERE id = $1`, [
    keyId,
  ])
  const name = '20261130021231_maintenance'
  const removed = await db.pool.query(`DELETE FROM _prisma_migrations WHERE migration_name = $1`, [name])
  expect(removed.rowCount).toBe(1)

  const { code, of } = await examine(env)
  expect(code).toBe(1)
  const told = (id: string) => of(id).map(({ status, found }) => `${status}: ${found}`)
  expect(told('workers')).toEqual(['bad: none is alive: no bot is looked after'])
  expect(told('worker')).toEqual(['warning: process 77 on far is dead: silent for 10 minutes'])
  expect(told('migrations')).toEqual([`bad: not applied: ${name}`])
  expect(told('exchanges')).toEqual(['unknown: no worker is alive that could ask them'])
  expect(told('bot-error')).toEqual([`bad: "broken" (id ${broken}) of ann is in ERROR: The market is gone.`])
  expect(told('bot-late')).toEqual([
    `bad: "late" (id ${late}) of ann was due 10 minutes ago; it should be looked after every 30 s`,
  ])
  expect(told('position-unprotected')).toEqual([
    `bad: "live" (id ${live}) of ann holds BTC/USDT with no stop at the exchange`,
  ])
  expect(told('order-unknown')).toEqual([
    expect.stringMatching(/^warning: order \d+ of bot "live".* 5 minutes$/),
  ])
  expect(told('key')).toEqual([`bad: sandbox key "main" (id ${keyId}) of ann is refused: Wrong signature.`])
  expect(told('halted')).toEqual([expect.stringMatching(/^warning: trading of ann is halted since /)])
  expect(told('master-key')).toEqual([
    `bad: does not open API key "main" (id ${keyId}, user ${userId}), encrypted_secret`,
  ])
  expect(told('backup')).toEqual([expect.stringMatching(/^unknown: there is none in /)])
  await db.pool.query('DELETE FROM orders')
})

test('the answer of a worker is told by exchange; another key, and a change of it that was interrupted, are bad', async () => {
  await db.pool.query(
    `INSERT INTO worker_heartbeats (worker_id, host, pid, started_at, beat_at) VALUES ('w1', 'far', 78, now(), now() + interval '1 hour')`,
  )
  await db.pool.query(
    `INSERT INTO settings (key, value) VALUES ('master_key_rotation', '{"from":"aa","to":"bb","finishedAt":null}')`,
  )
  const answering = answerWhenAsked()
  const { of } = await examine(env)
  await answering
  await db.pool.query(`DELETE FROM settings WHERE key = 'master_key_rotation'`)
  expect(of('exchange:okx')).toMatchObject([{ status: 'ok', found: 'answers in 80 ms, clocks 40 ms apart' }])
  expect(of('exchange:kraken')).toMatchObject([{ status: 'bad', found: 'System maintenance.' }])
  expect(of('exchange:binance')).toMatchObject([
    { status: 'warning', found: 'answers in 90 ms; the clock of far is 8000 ms behind' },
  ])
  expect(of('master-key')).toMatchObject([
    { status: 'bad', advice: expect.stringContaining('tradebotctl keys rotate') },
  ])
})

test('workers that are silent while TradeBot runs are to be restarted, with their log named; old databases too', async () => {
  writeRunFile(dataDir, {
    instanceId: 'i',
    url: 'http://127.0.0.1:1',
    state: 'ready',
    databaseUrl: db.url,
    supervisor: identify(process.pid),
    children: {},
  })
  const kept = `${new URL(db.url).pathname.slice(1)}_before_restore_20261130041500`
  await db.pool.query(`CREATE DATABASE ${kept}`)
  const { of } = await examine(env).finally(() => rmSync(path.join(dataDir, 'run.json')))
  await db.pool.query(`DROP DATABASE ${kept}`)
  expect(of('old-databases')).toMatchObject([{ status: 'ok', found: expect.stringContaining(`${kept} (`) }])
  expect(of('workers')).toMatchObject([
    { status: 'bad', advice: expect.stringMatching(/^Restart TradeBot: .*\/logs\/worker\.log\.$/) },
  ])
})

test('settings that are wrong and a database that is away hide nothing of the rest', async () => {
  const { code, result, of } = await examine({
    ...env,
    PORT: '80000',
    TRADEBOT_MASTER_KEY: 'short',
    DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${await freePort()}/none`,
  })
  expect(code).toBe(1)
  expect(of('settings').map(({ found }) => found)).toEqual([
    expect.stringMatching(/^PORT must be/),
    expect.stringMatching(/^TRADEBOT_MASTER_KEY must be/),
  ])
  expect(of('database')).toMatchObject([{ status: 'bad', found: expect.stringContaining('ECONNREFUSED') }])
  expect(of('disk')).toHaveLength(1)
  expect(of('bots')).toMatchObject([{ status: 'unknown' }])
  expect(JSON.stringify(result)).not.toMatch(/hunter2|short/)
})

/** What another TradeBot says of itself. */
const HEALTH = {
  status: 'ok',
  instance: 'another',
  version: '1',
  database: { ok: true },
  worker: { ok: true },
  listen: { ok: true },
}

async function examine(given: NodeJS.ProcessEnv) {
  const ran = await tradebotctl(['doctor', '--json'], { env: given })
  expect(ran.stderr).toBe('')
  const result = doctorResult.parse(ran.json().result)
  return {
    code: ran.code,
    result,
    of: (id: string) => result.checks.filter((check) => check.id === id),
  }
}

/** What a worker does, with figures of our own. */
async function answerWhenAsked(): Promise<void> {
  for (;;) {
    const { rows } = await db.pool.query<{ id: string }>(
      `SELECT id::text FROM worker_requests WHERE kind = 'EXCHANGES' AND answered_at IS NULL`,
    )
    const id = rows[0]?.id
    const well = { ok: true, message: null }
    if (id !== undefined)
      return answerRequest(db.pool, id, {
        answer: {
          host: 'far',
          exchanges: [
            { exchange: 'okx', ...well, latencyMs: 80, clockDifferenceMs: 40 },
            { exchange: 'binance', ...well, latencyMs: 90, clockDifferenceMs: -8000 },
            {
              exchange: 'kraken',
              ok: false,
              latencyMs: null,
              clockDifferenceMs: null,
              message: 'System maintenance.',
            },
          ],
        },
      })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function addBot(
  userId: string,
  name: string,
  state: { status?: 'RUNNING' | 'ERROR'; lateSeconds?: number; keyId?: string } = {},
): Promise<string> {
  const { rows } = await db.pool.query<{ id: string }>(
    `INSERT INTO bot_configs (user_id, name, exchange, symbol, timeframe, initial_capital, position_size_fixed, stop_loss_perc, take_profit_perc, mode, api_key_id)
     VALUES ($1, $2, 'sandbox', 'BTC/USDT', '1m', 1000, 100, 2, 4, $3, $4) RETURNING id::text`,
    [userId, name, state.keyId === undefined ? 'PAPER' : 'LIVE', state.keyId ?? null],
  )
  const id = rows[0]?.id ?? ''
  await db.pool.query('INSERT INTO bot_states (bot_id, equity, peak_equity) VALUES ($1, 1, 1)', [id])
  if (state.status === undefined) return id
  for (const status of ['PENDING', 'RUNNING', ...(state.status === 'ERROR' ? ['ERROR'] : [])])
    await db.pool.query(
      `UPDATE bot_states SET status = $2, error_code = $3, error_message = $3, next_tick_at = now() - $4 * interval '1 second' WHERE bot_id = $1`,
      [id, status, status === 'ERROR' ? 'The market is gone.' : null, state.lateSeconds ?? 0],
    )
  return id
}

function writeBackup({ dataDir: folder }: Installation): void {
  mkdirSync(path.join(folder, 'backups'))
  writeFileSync(path.join(folder, 'backups', 'one.backup'), 'encrypted')
}
