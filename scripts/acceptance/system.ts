/**
 * A whole TradeBot for the acceptance tests, started as `npm start` starts it, in a data dir and on ports of its own. These tests know of it
 * only what any client can: HTTP, WebSocket, its log files, and Postgres where an operator would use psql. No code of the app is imported.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { until } from './until.ts'

export type System = {
  url: string
  sandboxUrl: string
  /** The log file of a part: server, worker, sandbox. */
  log(part: string): string
  /** The process of a part, as it is now. */
  pid(part: string): number
  postgresPid(): number
  /** One more worker beside the supervisor's own. */
  addWorker(): Promise<{ log(): string; signal(name: NodeJS.Signals): void }>
  /** What an operator would do with psql. */
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  connect(): Promise<pg.Client>
  stop(): Promise<void>
}

const root = path.join(import.meta.dirname, '..', '..')
const runSchema = z.looseObject({
  databaseUrl: z.string(),
  postgres: z.object({ pid: z.number() }).optional(),
  children: z.record(z.string(), z.object({ pid: z.number() })),
})

export async function startSystem(
  options: { args?: string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<System> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tradebot-acceptance-'))
  const [port, sandboxPort] = [await freePort(), await freePort()]
  const env = {
    ...process.env,
    DATABASE_URL: '',
    TRADEBOT_MASTER_KEY: '',
    HOST: '127.0.0.1',
    PORT: String(port),
    SANDBOX_PORT: String(sandboxPort),
    TRADEBOT_DATA_DIR: dataDir,
    TRADEBOT_SIGNUP: 'open',
    TRADEBOT_EXCHANGES: 'sandbox,binance,mexc',
    LOG_LEVEL: 'info',
    ...options.env,
  }
  const supervisor = start('scripts/start.ts', options.args ?? [], env)
  const extra: ReturnType<typeof start>[] = []
  const clients: pg.Client[] = []
  const run = () => runSchema.parse(JSON.parse(readFileSync(path.join(dataDir, 'run.json'), 'utf8')))

  const system: System = {
    url: `http://127.0.0.1:${port}`,
    sandboxUrl: `http://127.0.0.1:${sandboxPort}`,
    log(part) {
      const file = path.join(dataDir, 'logs', `${part}.log`)
      return existsSync(file) ? readFileSync(file, 'utf8') : ''
    },
    pid(part) {
      const child = run().children[part]
      if (!child) throw new Error(`The ${part} does not run.`)
      return child.pid
    },
    postgresPid() {
      const { postgres } = run()
      if (!postgres) throw new Error('PostgreSQL does not run.')
      return postgres.pid
    },
    async addWorker() {
      const worker = start('worker/main.ts', [], env)
      extra.push(worker)
      await until('the second worker is ready', () => worker.output().includes('the worker is ready'), 30_000)
      return { log: worker.output, signal: (name) => void worker.process.kill(name) }
    },
    async sql(text, values = []) {
      const client = await system.connect()
      const { rows } = await client.query(text, values)
      await client.end()
      return rows
    },
    async connect() {
      const client = new pg.Client({ connectionString: run().databaseUrl })
      await client.connect()
      clients.push(client)
      return client
    },
    async stop() {
      for (const worker of extra) await end(worker.process)
      for (const client of clients) await client.end()
      const code = await end(supervisor.process)
      rmSync(dataDir, { recursive: true, force: true })
      if (code !== 0) throw new Error(`The system did not stop cleanly (${code}):\n${supervisor.output()}`)
    },
  }
  try {
    await until(
      'TradeBot is ready',
      () => {
        if (supervisor.process.exitCode !== null)
          throw new Error(`TradeBot did not start:\n${supervisor.output()}`)
        return supervisor.output().includes('TradeBot is ready at')
      },
      120_000,
    )
  } catch (error) {
    const logs = ['server', 'worker', 'sandbox'].map((part) => `${part}: ${system.log(part).slice(-2_000)}`)
    await system.stop().catch(() => undefined)
    throw new Error(`${supervisor.output()}\n${logs.join('\n')}`, { cause: error })
  }
  return system
}

function start(file: string, args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  return { process: child, output: () => output }
}

/** SIGTERM, and SIGKILL after the 10 s that stopping may take. */
async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 12_000)
  await exited
  clearTimeout(timer)
  return child.exitCode
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('No port.')),
      )
    })
  })
}
