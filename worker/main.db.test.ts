import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { claimMasterKey } from '#trading/store/master-key.ts'
import { withTestDatabase } from '#trading/store/testing.ts'

const db = withTestDatabase()
const running = new Set<ReturnType<typeof spawn>>()
afterEach(() => running.forEach((child) => child.kill('SIGKILL')))

const masterKey = Buffer.alloc(32, 1)

test('a worker says that it is ready, and ends in order on SIGTERM, twice or not', async () => {
  const worker = startWorker()
  await vi.waitFor(() => expect(worker.output()).toContain('the worker is ready'), { timeout: 20_000 })
  await vi.waitFor(async () => expect(await heartbeats()).toBe(4), { timeout: 5_000 })
  const asked = performance.now()
  worker.process.kill('SIGTERM')
  worker.process.kill('SIGINT')
  const [code] = await once(worker.process, 'exit')
  expect({ code, output: code === 0 ? '' : worker.output() }).toEqual({ code: 0, output: '' })
  expect(performance.now() - asked).toBeLessThan(5_500)
  expect(await heartbeats()).toBe(0)
})

test('a worker whose master key is not the database’s own exits 1 and says so', async () => {
  await claimMasterKey(db.pool, masterKey)
  const worker = startWorker({ TRADEBOT_MASTER_KEY: Buffer.alloc(32, 2).toString('base64') })
  const [code] = await once(worker.process, 'exit')
  expect(code).toBe(1)
  expect(worker.output()).toContain('TRADEBOT_MASTER_KEY is not the key of this database')
})

test('an exchange that ccxt does not know is named, with exit 1', async () => {
  const worker = startWorker({ TRADEBOT_EXCHANGES: 'sandbox,kraken,nope' })
  const [code] = await once(worker.process, 'exit')
  expect({ code, output: worker.output() }).toEqual({
    code: 1,
    output: expect.stringContaining('TRADEBOT_EXCHANGES names nope,'),
  })
})

test('a database that goes away for a moment does not silence a worker', async () => {
  const worker = startWorker()
  await vi.waitFor(() => expect(worker.output()).toContain('the worker is ready'), { timeout: 20_000 })
  await db.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tradebot-%' AND pid <> pg_backend_pid()`,
  )
  await db.pool.query('DELETE FROM worker_heartbeats')
  await vi.waitFor(async () => expect(await heartbeats()).toBe(4), { timeout: 10_000 })
  expect(worker.process.exitCode).toBeNull()
  worker.process.kill('SIGTERM')
  await once(worker.process, 'exit')
})

function startWorker(env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], {
    env: {
      ...process.env,
      DATABASE_URL: db.url,
      TRADEBOT_MASTER_KEY: masterKey.toString('base64'),
      TRADEBOT_HEARTBEAT_MS: '300',
      LOG_LEVEL: 'info',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  return { process: child, output: () => output }
}

async function heartbeats(): Promise<number> {
  const { rows } = await db.pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM worker_heartbeats',
  )
  return rows[0]?.count ?? 0
}
