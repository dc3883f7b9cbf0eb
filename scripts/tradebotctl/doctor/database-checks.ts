import { listMigrations } from '#prisma/migration-folder.ts'
import type { Pool } from '#trading/store/pool.ts'
import { ago, bad, ok, warning, type Check } from './check.ts'

/** Version, and the settings that keep what was committed through a power cut. */
export async function checkServerSettings(pool: Pool): Promise<Check[]> {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes')`,
  )
  const setting = (name: string) => rows.find((row) => row.name === name)?.setting ?? 'unknown'
  const version = setting('server_version')
  const off = ['fsync', 'full_page_writes', 'synchronous_commit'].filter((name) => setting(name) === 'off')
  return [
    Number.parseInt(version) >= 14
      ? ok('database-version', `PostgreSQL ${version}`)
      : bad('database-version', `PostgreSQL ${version}`, 'TradeBot needs 14 or later.'),
    off.length === 0
      ? ok('database-durability', 'what is committed survives a power cut')
      : bad(
          'database-durability',
          `${off.join(', ')} ${off.length === 1 ? 'is' : 'are'} off: a power cut loses orders that were noted, or all of it`,
          `Set ${off.map((name) => `${name} = on`).join(', ')} in postgresql.conf.`,
        ),
  ]
}

export async function checkConnections(pool: Pool): Promise<Check[]> {
  const { rows } = await pool.query<{ used: number; most: number }>(
    `SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS used,
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most`,
  )
  const { used = 0, most = 0 } = rows[0] ?? {}
  const found = `${used} of ${most} connections used`
  const advice = 'Raise max_connections, or run fewer workers or a smaller WORKER_CONCURRENCY.'
  if (most - used < 5) return [bad('connections', found, advice)]
  return [most - used < 20 ? warning('connections', found, advice) : ok('connections', found)]
}

/** What this release expects of the database, against what was applied. */
export async function checkMigrations(pool: Pool): Promise<Check[]> {
  const table = await pool.query<{ name: string | null }>(
    `SELECT to_regclass('_prisma_migrations')::text AS name`,
  )
  const { rows } =
    table.rows[0]?.name == null
      ? { rows: [] }
      : await pool.query<{ name: string; done: boolean }>(
          `SELECT migration_name AS name, finished_at IS NOT NULL AS done FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
        )
  const expected = listMigrations()
  const done = rows.filter((row) => row.done).map(({ name }) => name)
  const failed = rows.filter((row) => !row.done).map(({ name }) => name)
  const missing = expected.filter((name) => !done.includes(name))
  const newer = done.filter((name) => !expected.includes(name))
  if (failed.length > 0)
    return [
      bad(
        'migrations',
        `${failed.join(', ')} was begun by another program and not finished`,
        'Restore a backup, or repair it with prisma migrate resolve.',
      ),
    ]
  if (newer.length > 0)
    return [
      bad(
        'migrations',
        `the database is newer than this TradeBot: it has ${newer.join(', ')}`,
        'Update TradeBot here.',
      ),
    ]
  if (missing.length > 0)
    return [
      bad(
        'migrations',
        `not applied: ${missing.join(', ')}`,
        'Start TradeBot, which applies them, or npm run migrate.',
      ),
    ]
  return [ok('migrations', `all ${expected.length} are applied`)]
}

/** This machine's clock against the database's. */
export async function checkClock(pool: Pool): Promise<Check[]> {
  await pool.query('SELECT 1') // Connects first, so that only the question is timed.
  const asked = Date.now()
  const { rows } = await pool.query<{ now: number }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  )
  return [judgeClock(Math.round((asked + Date.now()) / 2 - (rows[0]?.now ?? 0)))]
}

/** Milliseconds that this machine is ahead of the database; negative: behind. */
export function judgeClock(difference: number): Check {
  const found = `this machine is ${Math.abs(difference)} ms ${difference < 0 ? 'behind' : 'ahead of'} the database`
  const advice = 'Let both follow a time server (timedatectl set-ntp true).'
  if (Math.abs(difference) < 2_000) return ok('clock', found)
  const far = `this machine is ${ago(Math.abs(difference))} ${difference < 0 ? 'behind' : 'ahead of'} the database`
  return Math.abs(difference) < 30_000 ? warning('clock', found, advice) : bad('clock', far, advice)
}

/** What restores with --replace kept beside; nothing drops them by itself. */
export async function checkOldDatabases(pool: Pool): Promise<Check[]> {
  const { rows } = await pool.query<{ name: string; size: string }>(
    `SELECT datname AS name, pg_size_pretty(pg_database_size(oid)) AS size FROM pg_database
     WHERE starts_with(datname, left(current_database(), 34)) AND datname ~ '_before_restore_[0-9]{14}$' AND pg_has_role(datdba, 'MEMBER')
     ORDER BY datname`,
  )
  if (rows.length === 0) return []
  const names = rows.map(({ name, size }) => `${name} (${size})`).join(', ')
  return [
    ok('old-databases', `kept by restores: ${names}; when all is well, drop them (DROP DATABASE "name")`),
  ]
}

/** Where its files are, when the role may know. */
export async function databaseFolder(pool: Pool): Promise<string | null> {
  const { rows } = await pool.query<{ setting: string | null }>(
    `SELECT setting FROM pg_settings WHERE name = 'data_directory'`,
  )
  return rows[0]?.setting ?? null
}
