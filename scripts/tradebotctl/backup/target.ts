import { existsSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import type { loadSettings } from '#trading/config/env.ts'
import { sentenceOf } from '../../exit-with-sentence.ts'
import { ensureDatabase, startPostgres } from '../../postgres/server.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { refuseWhileInUse } from '../keys/refuse-while-running.ts'
import { openSession } from './copy-settings.ts'

/** The database that a backup goes to. */
export type Target = {
  name: string
  /** Where the books go until they have taken the place. */
  url: string
  /** To an empty database: the one that is there, or a new one beside it. */
  session: pg.Pool
  /** Puts the new database in the place of the old one, in one step; answers the old one's new name, or null where it was empty. */
  takePlace: () => Promise<string | null>
  /** What was made beside and has not taken the place is dropped. */
  close: () => Promise<void>
}

export type TargetPlan = {
  databaseUrl: string | undefined
  dataDir: string
  timing: ReturnType<typeof loadSettings>['timing']
  /** Before anything else is looked at: which master key the books that are there are under. */
  onOpened: (fingerprint: string | null) => void
  signal: AbortSignal
  /** Agrees to replace what is there, or throws. */
  approveReplacing: (name: string) => Promise<void>
}

/** @throws RefusedError DATABASE_NOT_EMPTY, TRADEBOT_RUNNING; CouldNotError */
export async function openTarget(plan: TargetPlan): Promise<Target> {
  const { url, stop } = await findServer(plan)
  const session = openSession(url)
  try {
    const name = await nameOf(session, url)
    const empty = await isEmpty(session)
    plan.onOpened(empty ? null : await fingerprintOf(session))
    if (empty)
      return { name, url, session, takePlace: async () => null, close: () => closeAll(session, stop) }
    if (await hasTable(session, 'worker_heartbeats')) await refuseWhileInUse(session, plan)
    await plan.approveReplacing(name)
    plan.signal.throwIfAborted()
    return await openBeside(session, { url, name, stop, plan })
  } catch (error) {
    await closeAll(session, stop)
    throw error
  }
}

async function openBeside(
  old: pg.Pool,
  { url, name, stop, plan }: { url: string; name: string; stop: () => Promise<void>; plan: TargetPlan },
): Promise<Target> {
  await checkRights(old)
  const time = new Date().toISOString().replace(/[-:T]|\..*/g, '')
  const beside = nameWith(name, `_restoring_${time}`)
  const kept = nameWith(name, `_before_restore_${time}`)
  const { rows } = await old.query<{ datcollate: string; datctype: string }>(
    'SELECT datcollate, datctype FROM pg_database WHERE datname = current_database()',
  )
  await dropLeftovers(old, name)
  const collation = `LC_COLLATE ${pg.escapeLiteral(rows[0]?.datcollate ?? 'C')} LC_CTYPE ${pg.escapeLiteral(rows[0]?.datctype ?? 'C')}`
  await old.query(
    `CREATE DATABASE ${pg.escapeIdentifier(beside)} TEMPLATE template0 ENCODING 'UTF8' ${collation}`,
  )
  const session = openSession(urlOf(url, beside))
  let swapped = false
  return {
    name,
    url: urlOf(url, beside),
    session,
    takePlace: async () => {
      // Whoever came meanwhile would hold on to books that nobody looks at any more.
      if (await hasTable(old, 'worker_heartbeats')) await refuseWhileInUse(old, plan)
      await session.end()
      await old.end()
      plan.signal.throwIfAborted()
      await onMaintenance(url, (client) => swap(client, { name, beside, kept }))
      swapped = true
      return kept
    },
    close: async () => {
      for (const pool of [session, old]) if (!pool.ended) await pool.end()
      if (!swapped)
        await onMaintenance(url, (client) =>
          client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(beside)}`),
        )
      await stop()
    },
  }
}

/** Renaming is transactional: whoever looks sees the old database under its name, or the new one. */
async function swap(
  client: pg.Client,
  { name, beside, kept }: { name: string; beside: string; kept: string },
): Promise<void> {
  const rename = (from: string, to: string) =>
    client.query(`ALTER DATABASE ${pg.escapeIdentifier(from)} RENAME TO ${pg.escapeIdentifier(to)}`)
  try {
    await client.query('BEGIN')
    await rename(name, kept)
    await rename(beside, name)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    if (!(error instanceof pg.DatabaseError) || error.code !== OBJECT_IN_USE) throw error
    throw new RefusedError(
      'DATABASE_IN_USE',
      `Somebody is connected to the database "${name}", so it cannot be replaced; nothing was changed.`,
      {
        cause: error,
        hint: 'End what uses it (psql, a monitor, TradeBot on another machine), then run this again.',
      },
    )
  }
}

const OBJECT_IN_USE = '55006'

async function findServer({
  databaseUrl,
  dataDir,
}: TargetPlan): Promise<{ url: string; stop: () => Promise<void> }> {
  if (databaseUrl !== undefined) return { url: databaseUrl, stop: async () => undefined }
  const fresh = !existsSync(path.join(dataDir, 'postgres.json'))
  try {
    const server = await startPostgres(dataDir)
    return { url: await ensureDatabase(server, 'tradebot'), stop: server.stop }
  } catch (error) {
    throw new CouldNotError('DATABASE_UNREACHABLE', sentenceOf(error), {
      cause: error,
      ...(fresh ? {} : { hint: `See ${path.join(dataDir, 'postgres.log')}.` }),
    })
  }
}

async function nameOf(session: pg.Pool, url: string): Promise<string> {
  try {
    const { rows } = await session.query<{ name: string }>('SELECT current_database() AS name')
    return rows[0]?.name ?? ''
  } catch (error) {
    throw new CouldNotError('DATABASE_UNREACHABLE', sentenceOf(error, url), { cause: error })
  }
}

async function isEmpty(session: pg.Pool): Promise<boolean> {
  const { rows } = await session.query<{ empty: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S', 'm')) AS empty`,
  )
  return rows[0]?.empty === true
}

async function fingerprintOf(session: pg.Pool): Promise<string | null> {
  if (!(await hasTable(session, 'settings'))) return null
  const { rows } = await session.query<{ value: string }>(
    `SELECT value FROM public.settings WHERE key = 'master_key_fingerprint'`,
  )
  return rows[0]?.value ?? null
}

async function hasTable(session: pg.Pool, name: string): Promise<boolean> {
  const { rows } = await session.query<{ name: string | null }>(`SELECT to_regclass($1)::text AS name`, [
    `public.${name}`,
  ])
  return rows[0]?.name != null
}

/** @throws RefusedError DATABASE_RIGHTS */
async function checkRights(session: pg.Pool): Promise<void> {
  const { rows } = await session.query<{ may: boolean }>(
    `SELECT r.rolsuper OR (r.rolcreatedb AND pg_has_role(d.datdba, 'MEMBER')) AS may
     FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`,
  )
  if (rows[0]?.may === true) return
  throw new RefusedError(
    'DATABASE_RIGHTS',
    'To keep the old database while a new one takes its place, this role must own it and be allowed to make databases.',
    {
      hint: 'Grant it (ALTER ROLE … CREATEDB), or make an empty database and let DATABASE_URL name that one.',
    },
  )
}

/** Of restores that were killed; what somebody is connected to stays. */
async function dropLeftovers(session: pg.Pool, name: string): Promise<void> {
  const { rows } = await session.query<{ datname: string }>(
    `SELECT datname FROM pg_database d WHERE starts_with(datname, $1) AND substr(datname, length($1) + 1) ~ '^[0-9]{14}$'
       AND pg_has_role(datdba, 'MEMBER') AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)`,
    [nameWith(name, '_restoring_')],
  )
  for (const { datname } of rows) await session.query(`DROP DATABASE ${pg.escapeIdentifier(datname)}`)
}

/** Within PostgreSQL's 63 bytes, the longest ending taken away from all alike. */
function nameWith(name: string, ending: string): string {
  return `${name.slice(0, 63 - '_before_restore_'.length - 14)}${ending}`
}

/** On another database of the same server: nobody renames the one that they are in. */
async function onMaintenance<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  let failure: unknown
  for (const name of ['postgres', 'template1']) {
    const client = new pg.Client({ connectionString: urlOf(url, name), connectionTimeoutMillis: 10_000 })
    client.on('error', () => undefined) // The statement under way rejects as well.
    try {
      await client.connect()
    } catch (error) {
      failure = error
      await client.end()
      continue
    }
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }
  throw new CouldNotError('DATABASE_UNREACHABLE', sentenceOf(failure, url), { cause: failure })
}

function urlOf(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

async function closeAll(session: pg.Pool, stop: () => Promise<void>): Promise<void> {
  if (!session.ended) await session.end()
  await stop()
}
