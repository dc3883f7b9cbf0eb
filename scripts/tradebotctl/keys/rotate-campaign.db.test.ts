import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, watch } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '#prisma/migrate.ts'
import { readMasterKeyFile } from '#trading/config/master-key.ts'
import { masterKeyFingerprint } from '#trading/config/secrets.ts'
import { whyUnusable } from '#trading/store/database-check.ts'
import { claimMasterKey, readMasterKeyState } from '#trading/store/master-key.ts'
import { makePool, type Db, type Pool, type Tx } from '#trading/store/pool.ts'
import { ensureDatabase, startPostgres } from '../../postgres/server.ts'
import { makeInstallation, type Installation } from '../../started-process.ts'
import { MAIN, tradebotctl } from '../testing/run.ts'
import { addSecrets, openSecrets, type Secrets } from './keys.fixture.ts'

// The embedded database, killed as people's machines kill it. `npm run rotate-campaign` is the long version.
const KEYS = Number(process.env['ROTATE_KEYS'] ?? 60)
const KILLS = Number(process.env['ROTATE_KILLS'] ?? 6)

const ROOT = path.join(import.meta.dirname, '..', '..', '..')

let place: Installation
let secrets: Secrets

beforeAll(async () => {
  place = await makeInstallation()
  const masterKey = readMasterKeyFile(place.dataDir)
  const server = await startPostgres(place.dataDir)
  await migrate(await ensureDatabase(server, 'tradebot'))
  await withPool(async (pool) => {
    await claimMasterKey(pool, masterKey)
    secrets = await addSecrets(pool, masterKey, KEYS)
  })
}, 180_000)
afterAll(() => place.remove())

test(
  `killed ${KILLS} times while it changes the key of ${KEYS} API keys, no secret is ever unreadable`,
  { timeout: 60_000 + KILLS * 40_000 },
  async () => {
    const found = { underWay: 0, mixed: 0, notInUse: 0, untouched: 0, rotations: 0 }
    let kills = 0
    while (kills < KILLS) {
      const killed = await runAndKill(kills)
      if (killed) kills++
      await checkMiddle(found)
      if (killed && kills % 10 === 0) process.stderr.write(`${JSON.stringify({ kills, ...found })}\n`)
      // Most of the time another kill follows; sometimes it may finish.
      if (killed && kills % 3 !== 0) continue
      await finish()
      found.rotations++
      await checkWhole()
    }
    if (kills % 3 !== 0) await finish()
    await checkWhole()
    process.stderr.write(`${JSON.stringify({ keys: KEYS, secrets: secrets.size, kills, ...found })}\n`)
    expect(found.underWay).toBeGreaterThan(1)
    expect(found.mixed).toBeGreaterThan(0)
  },
)

/**
 * When it is killed: while it waits for a row that we hold, with pages before it written; while it waits to lock the tables, with all written;
 * when the old key's second file appears, which is after the last commit and before the new key is in use; a moment after the new key's file
 * is there, or after it has connected; at any time from its start.
 */
const TRIGGERS = ['AT_ROW', 'AT_TABLES', 'RETIRED', 'NEXT', 'CONNECTED', 'TIME'] as const

/** False when it had ended before. */
async function runAndKill(turn: number): Promise<boolean> {
  const wanted = TRIGGERS[turn % TRIGGERS.length] ?? 'TIME'
  // A change that goes on makes no new key.
  const isThere = existsSync(path.join(place.dataDir, 'master.key.next'))
  const retired = randomInt(2) === 0 ? /retired-\w+\.draft$/ : /retired-\w+$/
  const trigger = wanted === 'NEXT' && isThere ? 'CONNECTED' : wanted
  return withPool(async (pool) => {
    const held = trigger.startsWith('AT_') ? await hold(pool, trigger === 'AT_ROW') : undefined
    const child = spawn(process.execPath, [MAIN, 'keys', 'rotate', '--yes'], {
      cwd: ROOT,
      env: place.env,
      stdio: 'ignore',
    })
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('exit', (_code, signal) => resolve(signal)),
    )
    const kill = () => child.kill('SIGKILL')
    const soon = () => setTimeout(kill, randomInt(20 + KEYS))
    const watcher = watch(place.dataDir, (_event, name) => {
      if (trigger === 'NEXT' && name === 'master.key.next') soon()
      if (trigger === 'RETIRED' && retired.test(name ?? '')) kill()
    })
    if (trigger === 'TIME') setTimeout(kill, randomInt(2_500)).unref()
    if (held !== undefined) await seen(held, `SELECT 1 FROM pg_locks WHERE NOT granted`, ended, kill)
    if (trigger === 'CONNECTED')
      await seen(pool, `SELECT 1 FROM pg_stat_activity WHERE application_name = 'tradebotctl'`, ended, soon)
    const signal = await ended
    // It may have come to its end, and stopped the database.
    held?.release(true)
    watcher.close()
    return signal === 'SIGKILL'
  })
}

/** A transaction that keeps the last key's row, or the tables, from what is to be killed. */
async function hold(pool: Pool, row: boolean): Promise<Tx> {
  const tx = await pool.connect()
  tx.on('error', () => undefined) // What it is for is over then; the process has ended.
  await tx.query('BEGIN')
  await tx.query(
    row
      ? 'SELECT 1 FROM api_keys ORDER BY id DESC LIMIT 1 FOR UPDATE'
      : 'LOCK TABLE alert_channels IN ROW EXCLUSIVE MODE',
  )
  return tx
}

/** Does it once the query has a row; not when the process ends before. */
async function seen(db: Db, sql: string, ended: Promise<unknown>, react: () => void): Promise<void> {
  let over = false
  void ended.then(() => (over = true))
  while (!over) {
    const found = await db.query(sql).catch((error: unknown) => {
      if (!over) throw error
    })
    if (found?.rowCount) return react()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function checkMiddle(counts: Record<string, number>): Promise<void> {
  await withPool(async (pool) => {
    const onDisk = keysOnDisk()
    const opened = await openSecrets(pool, onDisk)
    expect(opened).toEqual({ secrets, unreadable: [] })
    const { fingerprint, rotation } = await readMasterKeyState(pool)
    const fingerprints = onDisk.map(masterKeyFingerprint)
    const current = readMasterKeyFile(place.dataDir)
    const readable = (await openSecrets(pool, [current])).secrets.size
    // Whoever may start reads everything with the key that it is given.
    const refused = await whyUnusable(pool, current)
    if (refused === null) {
      expect(readable).toBe(secrets.size)
      count(counts, 'untouched')
      return
    }
    expect(refused).toContain('tradebotctl keys rotate')
    expect(fingerprints).toContain(rotation?.from)
    expect(fingerprints).toContain(rotation?.to)
    expect(fingerprint).toBe(rotation?.finishedAt === null ? rotation.from : rotation?.to)
    count(counts, rotation?.finishedAt === null ? 'underWay' : 'notInUse')
    if (readable > 0 && readable < secrets.size) count(counts, 'mixed')
  })
}

async function finish(): Promise<void> {
  const ran = await tradebotctl(['keys', 'rotate', '--resume', '--yes', '--json'], {
    cwd: ROOT,
    env: place.env,
  })
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
}

async function checkWhole(): Promise<void> {
  await withPool(async (pool) => {
    const current = readMasterKeyFile(place.dataDir)
    expect(await whyUnusable(pool, current)).toBeNull()
    expect(await openSecrets(pool, [current])).toEqual({ secrets, unreadable: [] })
    expect(existsSync(path.join(place.dataDir, 'master.key.next'))).toBe(false)
    for (const name of keyFiles()) expect(statSync(path.join(place.dataDir, name)).mode & 0o777).toBe(0o600)
  })
}

function keyFiles(): string[] {
  return readdirSync(place.dataDir).filter((name) => /^master\.key(\.next|\.retired-\w+)?$/.test(name))
}

function keysOnDisk(): Buffer[] {
  return keyFiles().map((name) => Buffer.from(readFileSync(path.join(place.dataDir, name), 'utf8'), 'base64'))
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1
}

/** The database where it runs, and started where a run has stopped it. */
async function withPool<T>(use: (pool: Pool) => Promise<T>): Promise<T> {
  const server = await startPostgres(place.dataDir)
  const pool = makePool(server.urlOf('tradebot'), { max: 2, applicationName: 'campaign' })
  try {
    return await use(pool)
  } finally {
    await pool.end()
  }
}
