import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { writeRunFile } from '#trading/config/run-file.ts'
import { encryptSecret, masterKeyFingerprint } from '#trading/config/secrets.ts'
import { insertApiKey } from '#trading/store/api-keys.ts'
import { whyUnusable } from '#trading/store/database-check.ts'
import { claimMasterKey, readMasterKeyState } from '#trading/store/master-key.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { apiKeyData, SECRET_TABLES } from '#trading/store/secrets-at-rest.ts'
import { makeTestDatabase, type TestDatabase } from '#trading/store/testing.ts'
import { identify } from '../../process-identity.ts'
import { rotateResult } from '../commands/keys-rotate.ts'
import { MAIN, tradebotctl } from '../testing/run.ts'
import { addSecrets, openSecrets, type Secrets } from './keys.fixture.ts'

// Each test starts several processes.
vi.setConfig({ testTimeout: 120_000 })

const old = Buffer.alloc(32, 1)
let db: TestDatabase
let folder: string
let env: NodeJS.ProcessEnv
let secrets: Secrets

beforeEach(async () => {
  db = await makeTestDatabase()
  folder = mkdtempSync(path.join(tmpdir(), 'tradebot-rotate-'))
  env = {
    DATABASE_URL: db.url,
    TRADEBOT_MASTER_KEY: old.toString('base64'),
    TRADEBOT_DATA_DIR: path.join(folder, 'data'),
  }
  await claimMasterKey(db.pool, old)
  secrets = await addSecrets(db.pool, old, 120)
})
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await db.close()
})

test('every column that says it is encrypted is known', async () => {
  const { rows } = await db.pool.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name LIKE '%encrypted%' ORDER BY 1`,
  )
  const known = SECRET_TABLES.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`))
  expect(rows.map(({ name }) => name)).toEqual(known.toSorted())
})

test('the new key is made where it is asked for; whoever still has the old one is told', async () => {
  const file = path.join(folder, 'new.key')
  const ran = await rotate(['--generate-to', file, '--yes', '--json'])
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
  const key = keyIn(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(rotateResult.parse(ran.json().result)).toMatchObject({
    state: 'ROTATED',
    oldKey: expect.stringContaining('--under-master-key'),
    rotated: secrets.size,
    already: 0,
    unreadable: [],
    oldFingerprint: masterKeyFingerprint(old),
    newFingerprint: masterKeyFingerprint(key),
    newKey: file,
  })
  expect(ran.stdout).not.toContain(key.toString('base64'))
  expect(await openSecrets(db.pool, [key])).toEqual({ secrets, unreadable: [] })
  expect(await whyUnusable(db.pool, key)).toBeNull()
  expect(await whyUnusable(db.pool, old)).toMatch(/^The master key was changed/)
  const late = inTransaction(db.pool, (tx) => addKey(tx, old))
  await expect(late).rejects.toThrow('The master key was changed while this process ran')

  const back = path.join(folder, 'old.key')
  writeFileSync(back, `${old.toString('base64')}\n`)
  const people = await rotate(['--new-key-file', back, '-y'], {
    ...env,
    TRADEBOT_MASTER_KEY: key.toString('base64'),
  })
  expect(people.code).toBe(0)
  expect(people.stdout).toMatch(
    new RegExp(
      `^${secrets.size} secrets put under the new master key\\.\nOld key {2}\\w{8} .*\nNew key {2}\\w{8} .*old\\.key\nSet TRADEBOT_MASTER_KEY`,
    ),
  )
  expect(await openSecrets(db.pool, [old])).toEqual({ secrets, unreadable: [] })
})

test('it is refused while a worker lives or a server is connected, and without saying which key', async () => {
  const bare = await rotate(['--yes'])
  expect({ code: bare.code, stderr: bare.stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('--generate-to FILE'),
  })
  const file = path.join(folder, 'new.key')
  await db.pool.query(
    `INSERT INTO worker_heartbeats (worker_id, host, pid, started_at, beat_at) VALUES ('w', 'far', 7, now(), now() + interval '1 hour')`,
  )
  const alive = await rotate(['--generate-to', file, '--yes', '--json'])
  expect(alive.code).toBe(4)
  expect(alive.json().error).toMatchObject({
    code: 'TRADEBOT_RUNNING',
    message: expect.stringContaining('a worker on far (process 7)'),
    hint: expect.stringContaining('tradebotctl stop'),
  })
  expect(existsSync(file)).toBe(false)
  expect((await readMasterKeyState(db.pool)).rotation).toBeNull()
})

test('what a killed supervisor left is named, with a way to end it that there is', async () => {
  const dataDir = path.join(folder, 'data')
  mkdirSync(dataDir, { recursive: true })
  const own = identify(process.pid)
  writeRunFile(dataDir, {
    instanceId: 'i',
    url: 'http://127.0.0.1:1',
    state: 'ready',
    databaseUrl: db.url,
    supervisor: { ...own, startTime: '1' },
    children: { worker: own },
  })
  const ran = await rotate(['--generate-to', path.join(folder, 'new.key'), '--yes', '--json'])
  expect(ran.json()).toMatchObject({
    exitCode: 4,
    error: {
      code: 'TRADEBOT_RUNNING',
      message: `TradeBot must be stopped for this: its supervisor is gone, but worker (process ${process.pid}) still runs here.`,
      hint: expect.stringMatching(new RegExp(`npm start.*stop that with Ctrl-C; or: kill ${process.pid}\\.`)),
    },
  })
})

test('a secret that does not decrypt is named and holds it up, until it is to be left', async () => {
  await db.pool.query(`UPDATE api_keys SET encrypted_secret = 'v1:' || repeat('A', 80) WHERE label = 'key 7'`)
  secrets.delete([...secrets].find(([, plain]) => plain === 'secret-of-7-ключ')?.[0] ?? '')
  const file = path.join(folder, 'new.key')
  const refused = await rotate(['--generate-to', file, '--yes'])
  expect(refused.code).toBe(4)
  expect(refused.stderr).toMatch(
    /^A secret does not decrypt .*\n {2}API key "key 7" \(id \d+, user \d+\), encrypted_secret\n/,
  )
  expect(refused.stderr).toContain('--leave-unreadable')
  expect((await openSecrets(db.pool, [old])).secrets).toEqual(secrets)

  const left = await rotate(['--generate-to', file, '--yes', '--leave-unreadable', '--json'])
  expect(left.code).toBe(0)
  expect(left.json().result).toMatchObject({ rotated: secrets.size, unreadable: [{ name: 'key 7' }] })
  expect((await openSecrets(db.pool, [keyIn(file)])).secrets).toEqual(secrets)
})

test('Ctrl-C in the middle puts every secret back under the old key', async () => {
  const held = await hold('SELECT 1 FROM api_keys ORDER BY id DESC LIMIT 1 FOR UPDATE')
  const run = start(['--generate-to', path.join(folder, 'new.key'), '--yes'])
  await waiting(held)
  expect((await readMasterKeyState(db.pool)).rotation?.finishedAt).toBeNull()
  expect(await whyUnusable(db.pool, old)).toContain('run tradebotctl keys rotate again')
  run.child.kill('SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 200))
  await held.query('ROLLBACK')
  held.release()
  expect(await run.ended).toBe(130)
  expect(await openSecrets(db.pool, [old])).toEqual({ secrets, unreadable: [] })
  expect(await whyUnusable(db.pool, old)).toBeNull()
})

test('what somebody writes under the old key meanwhile is moved too', async () => {
  const held = await hold('LOCK TABLE alert_channels IN ROW EXCLUSIVE MODE')
  const file = path.join(folder, 'new.key')
  const run = start(['--generate-to', file, '--yes'])
  await waiting(held)
  // As a server would that did not notice that it must not: by another way than ours.
  const { rows } = await held.query<{ id: string; user_id: string }>(
    `INSERT INTO alert_channels (user_id, kind, name, target_hint, encrypted_target, kinds, created_at)
     SELECT min(id), 'TELEGRAM', 'late', '-', '-', '{}', now() FROM users RETURNING id::text, user_id::text`,
  )
  const { id = '', user_id: userId = '' } = rows[0] ?? {}
  const sealed = encryptSecret(old, 'late', `user:${userId}:alert_channel:${id}`)
  await held.query('UPDATE alert_channels SET encrypted_target = $2 WHERE id = $1', [id, sealed])
  await held.query('COMMIT')
  held.release()
  expect(await run.ended).toBe(0)
  secrets.set(`alert_channels ${id} encrypted_target`, 'late')
  expect(await openSecrets(db.pool, [keyIn(file)])).toEqual({ secrets, unreadable: [] })
  expect(apiKeyData('1', '2')).toBe('user:1:api_key:2') // What is on people's disks is bound to this.
})

test('killed in the middle, another key does not go on with it, and the same one finishes', async () => {
  const held = await hold('SELECT 1 FROM api_keys ORDER BY id DESC LIMIT 1 FOR UPDATE')
  const file = path.join(folder, 'new.key')
  const run = start(['--generate-to', file, '--yes'])
  await waiting(held)
  run.child.kill('SIGKILL')
  await run.ended
  await held.query('ROLLBACK')
  held.release()
  const other = await rotate(['--generate-to', path.join(folder, 'other.key'), '--yes', '--json'])
  expect(other.code).toBe(4)
  expect(other.json().error).toMatchObject({ code: 'ROTATION_KEY_MISSING' })
  const again = await rotate(['--new-key-file', '-', '--resume', '--json'], env, readFileSync(file))
  expect(again.code).toBe(0)
  const { state, rotated, already } = rotateResult.parse(again.json().result)
  expect({ state, sum: rotated + already }).toEqual({ state: 'FINISHED', sum: secrets.size })
  expect(already).toBeGreaterThan(0)
  expect(await openSecrets(db.pool, [keyIn(file)])).toEqual({ secrets, unreadable: [] })
})

function rotate(args: string[], given = env, stdin?: Buffer) {
  return tradebotctl(['keys', 'rotate', ...args], { env: given, ...(stdin && { stdin }) })
}

function start(args: string[]) {
  const child = spawn(process.execPath, [MAIN, 'keys', 'rotate', ...args], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { child, ended }
}

/** A transaction in the way. */
async function hold(sql: string): Promise<Tx> {
  const tx = await db.pool.connect()
  await tx.query('BEGIN')
  await tx.query(sql)
  return tx
}

/** Until it waits for a lock; the transaction in the way would end if nothing were asked of it. */
async function waiting(tx: Tx): Promise<void> {
  const sql = `SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tradebotctl' AND wait_event_type = 'Lock' AND query NOT LIKE '%advisory%'`
  while ((await db.pool.query(sql)).rowCount === 0) {
    await tx.query('SELECT 1')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function addKey(tx: Tx, masterKey: Buffer) {
  return insertApiKey(tx, masterKey, '1', {
    exchange: 'sandbox',
    label: 'late',
    acceptWithdraw: false,
    credentials: { apiKey: 'a', secretKey: 'b', passphrase: null },
  })
}

function keyIn(file: string): Buffer {
  return Buffer.from(readFileSync(file, 'utf8'), 'base64')
}
