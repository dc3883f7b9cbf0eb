import { existsSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import type { loadSettings } from '#trading/config/env.ts'
import { readRunFile } from '#trading/config/run-file.ts'
import { makePool, type Pool } from '#trading/store/pool.ts'
import { makeLogger } from '#trading/config/logger.ts'
import { isAlive } from '../../process-identity.ts'
import { ensureDatabase, startPostgres } from '../../postgres/server.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError } from '../frame/errors.ts'
import { settingsOf } from '../place/settings.ts'
import { sayUnusable } from './say-database.ts'

export type OpenedDatabase = {
  url: string
  pool: Pool
  /** What TradeBot is told at this place. */
  settings: ReturnType<typeof loadSettings>
  /** True: nobody ran it, and it is stopped again afterwards. */
  startedForThis: boolean
}

/**
 * The place's database for as long as `use` takes: the one that DATABASE_URL names; without it the embedded one that runs, or, where
 * TradeBot is stopped, the embedded one started for this and stopped again.
 * @throws CouldNotError DATABASE_NONE where TradeBot was never started here, DATABASE_UNREACHABLE, SETTINGS_WRONG
 */
export async function withDatabase<T>(
  context: Context,
  use: (database: OpenedDatabase) => Promise<T>,
  { statementTimeoutMs = 60_000, max = 4 }: { statementTimeoutMs?: number; max?: number } = {},
): Promise<T> {
  const settings = settingsOf(context)
  const found = await findDatabase(settings)
  const logger = makeLogger('tradebotctl', 'silent')
  const pool = makePool(found.url, { max, applicationName: 'tradebotctl', statementTimeoutMs, logger })
  try {
    await checkReachable(found.url, settings.databaseUrl !== undefined)
    return await use({ url: found.url, pool, settings, startedForThis: found.stop !== undefined })
  } finally {
    await pool.end()
    await found.stop?.()
  }
}

/** Whether there is a database at all: one is named, or the embedded one has been made. */
export function hasDatabase(settings: { databaseUrl?: string | undefined; dataDir: string }): boolean {
  return settings.databaseUrl !== undefined || existsSync(path.join(settings.dataDir, 'postgres.json'))
}

async function findDatabase(settings: {
  databaseUrl?: string | undefined
  dataDir: string
}): Promise<{ url: string; stop?: () => Promise<void> }> {
  if (settings.databaseUrl !== undefined) return { url: settings.databaseUrl }
  const run = readRunFile(settings.dataDir)
  if (run?.postgres !== undefined && isAlive(run.postgres)) return { url: run.databaseUrl }
  if (!hasDatabase(settings))
    throw new CouldNotError('DATABASE_NONE', `There is no database yet in ${settings.dataDir}.`, {
      hint: 'Start TradeBot once, or set DATABASE_URL.',
    })
  const server = await startPostgres(settings.dataDir)
  return { url: await ensureDatabase(server, 'tradebot'), stop: server.stop }
}

async function checkReachable(url: string, named: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined) // The failure that matters is the one of connect() below.
  try {
    await client.connect()
  } catch (error) {
    throw new CouldNotError('DATABASE_UNREACHABLE', sayUnusable(error, url, named), {
      cause: error,
      hint: 'tradebotctl doctor says how the database is, and what to do.',
    })
  } finally {
    await client.end()
  }
}
