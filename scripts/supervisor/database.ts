import { randomInt } from 'node:crypto'
import pg from 'pg'
import type { Settings } from '#trading/config/env.ts'
import path from 'node:path'
import type { RunFile } from '#trading/config/run-file.ts'
import { isAlive } from '../process-identity.ts'
import { ensureDatabase, startPostgres, type PostgresServer } from '../postgres/server.ts'

export type Database = {
  url: string
  /** Undefined when DATABASE_URL named it. */
  postgres: RunFile['postgres']
  /** The folder of its data when that is not in the data dir. */
  elsewhere?: string | undefined
  stop: () => Promise<void>
}

const name = 'tradebot'

/** The database that DATABASE_URL names, or the embedded one, which is started again whenever it dies. */
export async function openDatabase(
  settings: Settings & { databaseUrl?: string | undefined },
  note: (message: string) => void,
  onRestart: (postgres: RunFile['postgres']) => void,
): Promise<Database> {
  if (settings.databaseUrl)
    return { url: settings.databaseUrl, postgres: undefined, stop: async () => undefined }
  let server = await startPostgres(settings.dataDir)
  const url = await ensureDatabase(server, name)
  let busy: Promise<void> | undefined
  const revive = async () => {
    note('PostgreSQL ended by itself; starting it again.')
    try {
      // The same port, for every process has it in its DATABASE_URL.
      server = await startPostgres(settings.dataDir, { port: server.port })
      onRestart(noteOf(server))
    } catch (error) {
      note(`PostgreSQL does not start again: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const timer = setInterval(() => {
    if (busy || isAlive(server.process)) return
    busy = revive().finally(() => (busy = undefined))
  }, 500)
  const stop = async () => {
    clearInterval(timer)
    await busy
    await server.stop()
  }
  const elsewhere = path.dirname(server.folder) === settings.dataDir ? undefined : server.folder
  return { url, postgres: noteOf(server), elsewhere, stop }
}

function noteOf({ process, port, folder }: PostgresServer): RunFile['postgres'] {
  return { ...process, port, dataDir: folder }
}

/**
 * A server that others can reach asks whoever signs up first for a code that only the person at the terminal sees. Null when none is needed:
 * only this machine reaches the server, sign-up is not for the first alone, or somebody has signed up already.
 */
export async function chooseSignupCode(settings: Settings, databaseUrl: string): Promise<string | null> {
  if (settings.signupCode !== null) return settings.signupCode
  if (settings.signup !== 'first' || isLoopback(settings.host)) return null
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM users LIMIT 1')
    return rowCount === 0 ? makeCode() : null
  } finally {
    await client.end()
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

/** 60 bits, without letters that look like digits. */
function makeCode(): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return [group(), group(), group()].join('-')
}
