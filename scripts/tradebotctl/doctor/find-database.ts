import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { makeLogger } from '#trading/config/logger.ts'
import { readRunFile } from '#trading/config/run-file.ts'
import { makePool, type Pool } from '#trading/store/pool.ts'
import { findPostmaster } from '../../postgres/postmaster.ts'
import { isAlive } from '../../process-identity.ts'
import { sayUnusable } from '../database/say-database.ts'
import { missingAdvice, startAdvice } from './advice.ts'
import { bad, ok, unknown, type Check } from './check.ts'
import type { Told } from './told.ts'

export type FoundDatabase = { check: Check; pool: Pool | null }

/** The database where it runs; a doctor starts nothing. */
export async function findDatabase(told: Told): Promise<FoundDatabase> {
  const where = whereIsIt(told)
  if ('check' in where) return { check: where.check, pool: null }
  const client = new pg.Client({ connectionString: where.url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined) // The failure that matters is the one of connect() below.
  try {
    await client.connect()
  } catch (error) {
    const named = told.settings.databaseUrl !== undefined
    const advice = named
      ? 'See that PostgreSQL runs and that DATABASE_URL is right; no bot is looked after meanwhile.'
      : missingAdvice(told, 'postgres.log')
    return { check: bad('database', sayUnusable(error, where.url, named), advice), pool: null }
  } finally {
    await client.end()
  }
  const { host, pathname } = new URL(where.url)
  const options = { max: 3, applicationName: 'tradebotctl', logger: makeLogger('tradebotctl', 'silent') }
  return {
    check: ok('database', `${pathname.slice(1)} at ${host} answers`),
    pool: makePool(where.url, options),
  }
}

function whereIsIt(told: Told): { url: string } | { check: Check } {
  const { settings, databaseUrlWrong } = told
  if (settings.databaseUrl !== undefined) return { url: settings.databaseUrl }
  if (databaseUrlWrong)
    return { check: unknown('database', 'DATABASE_URL cannot be read', 'Mend DATABASE_URL.') }
  const run = readRunFile(settings.dataDir)
  if (run?.postgres !== undefined && isAlive(run.postgres)) return { url: run.databaseUrl }
  const note = path.join(settings.dataDir, 'postgres.json')
  if (!existsSync(note))
    return {
      check: bad(
        'database',
        `there is none yet in ${settings.dataDir}: TradeBot was never started`,
        startAdvice(told),
      ),
    }
  const { folder, password } = noteSchema.parse(JSON.parse(readFileSync(note, 'utf8')))
  const postmaster = findPostmaster(folder)
  if (postmaster === undefined)
    return {
      check: bad(
        'database',
        'not running, for TradeBot does not run: no bot is looked after',
        startAdvice(told),
      ),
    }
  return {
    url: `postgres://tradebot:${encodeURIComponent(password)}@127.0.0.1:${postmaster.port}/tradebot`,
  }
}

const noteSchema = z.object({ folder: z.string(), password: z.string() })
