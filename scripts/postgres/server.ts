import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import type { ProcessIdentity } from '#trading/config/run-file.ts'
import { freePort } from '../free-port.ts'
import { identify, isAlive } from '../process-identity.ts'
import { openCluster, postgresEnvironment, type Cluster } from './cluster.ts'
import { disownStalePidFile, findPostmaster, stopPostmaster } from './postmaster.ts'

export type PostgresServer = {
  process: ProcessIdentity
  port: number
  folder: string
  /** The address of one of its databases. */
  urlOf: (database: string) => string
  /** Fast shutdown; resolves when the process is gone. Calling it again is harmless. */
  stop: () => Promise<void>
}

export type StartOptions = {
  /** Of postgresql.conf; they come on top of ours. */
  settings?: Record<string, string>
  /** A free one unless given. */
  port?: number
}

/**
 * A running PostgreSQL over the data dir's cluster, on 127.0.0.1 and a free port: made when there is none, adopted when it still runs.
 * It is detached: no signal of the terminal and no end of this process reaches it, only `stop`.
 * @throws Error with PostgreSQL's own words when it does not come up
 */
export async function startPostgres(dataDir: string, options: StartOptions = {}): Promise<PostgresServer> {
  const cluster = await openCluster(path.resolve(dataDir))
  const running = findPostmaster(cluster.folder)
  if (running) {
    const server = describe(cluster, running, running.port)
    if (await answers(server, 10_000)) return server
    await stopPostmaster(running)
  }
  let failure: unknown
  // Another process may take the free port before PostgreSQL does, and backends of a killed postmaster take a moment to notice.
  for (let attempt = 0; attempt < 4; attempt++) {
    try {
      return await launch(cluster, dataDir, options)
    } catch (error) {
      failure = error
      if (
        !(error instanceof Error) ||
        !/could not bind|Address already in use|shared memory/.test(error.message)
      )
        break
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  throw failure
}

/** Makes the database if it is not there. */
export async function ensureDatabase(server: PostgresServer, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server.urlOf('postgres') })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
  return server.urlOf(name)
}

async function launch(cluster: Cluster, dataDir: string, start: StartOptions): Promise<PostgresServer> {
  disownStalePidFile(cluster.folder)
  const port = start.port ?? (await freePort())
  const options = { ...defaultSettings, ...start.settings, port: String(port) }
  const args = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const logFile = path.join(dataDir, 'postgres.log')
  const log = openSync(logFile, 'a', 0o600)
  const logStart = fstatSync(log).size
  const child = spawn(cluster.binaries.postgres, ['-D', cluster.folder, ...args], {
    ...cluster.account,
    cwd: '/',
    env: postgresEnvironment,
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const failedToSpawn = new Promise<never>((_, reject) => child.once('error', reject))
  if (child.pid === undefined) return failedToSpawn
  child.unref()
  const server = describe(cluster, identify(child.pid), port)
  if (await Promise.race([answers(server, 60_000), failedToSpawn])) return server
  await server.stop()
  const words = readFileSync(logFile)
    .subarray(logStart)
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(-5)
    .join('\n')
  throw new Error(`PostgreSQL did not start: ${words}`)
}

const defaultSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
  fsync: 'on',
  synchronous_commit: 'on',
  log_checkpoints: 'off', // one line each 5 minutes, for ever, that nobody needs
}

function describe(cluster: Cluster, process: ProcessIdentity, port: number): PostgresServer {
  const password = encodeURIComponent(cluster.password)
  return {
    process: { pid: process.pid, startTime: process.startTime },
    port,
    folder: cluster.folder,
    urlOf: (database) => `postgres://tradebot:${password}@127.0.0.1:${port}/${database}`,
    stop: () => stopPostmaster(process),
  }
}

/** Whether it lets us in within the time; false at once when its process is gone. Recovery after a crash takes its time. */
async function answers(server: PostgresServer, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (isAlive(server.process) && performance.now() < deadline) {
    const client = new pg.Client({
      connectionString: server.urlOf('postgres'),
      connectionTimeoutMillis: 2_000,
    })
    client.on('error', () => undefined) // The failure that matters is the one of connect() below.
    try {
      await client.connect()
      return true
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 30))
    } finally {
      await client.end()
    }
  }
  return false
}
