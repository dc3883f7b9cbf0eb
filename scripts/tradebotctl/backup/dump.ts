import { createHash } from 'node:crypto'
import pg from 'pg'
import type { Tx } from '#trading/store/pool.ts'
import packageJson from '../../../package.json' with { type: 'json' }
import { RefusedError } from '../frame/errors.ts'
import { copyOut, COPY_SETTINGS, qualified } from './copy-settings.ts'
import { encodeRecord, type Manifest } from './records.ts'
import { countRows } from './read-backup.ts'

/**
 * Tables that no backup carries: what they hold is about processes that run now. Jobs (the schema graphile_worker) are none of it either:
 * the dispatcher makes each anew from the table that it is about, and the answers of those that it does not make nobody waits for any more.
 */
const NOT_CARRIED = ['_prisma_migrations', 'worker_heartbeats']

export type DumpPlan = {
  /** The master key that goes into the backup; null in one under it. */
  inside: Buffer | null
  createdAt: string
  /** Counted while it goes on. */
  counts: { tables: number; rows: number }
  /** Looks at the same snapshot first. @throws when it is not to be backed up */
  approve: (tx: Tx) => Promise<void>
}

export type DumpProgress = (table: string, bytes: number, total: number) => void

/**
 * The records of a backup, all of one snapshot: whatever is written meanwhile is in none of it. The client is in that transaction until the
 * generator has ended.
 */
export async function* dumpDatabase(
  client: Tx,
  { inside, createdAt, counts, approve }: DumpPlan,
  onProgress: DumpProgress,
): AsyncGenerator<Buffer> {
  await client.query(COPY_SETTINGS)
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')
  const migrations = await appliedMigrations(client)
  await approve(client)
  const order = await tablesInOrder(client)
  const manifest: Manifest = {
    product: 'tradebot',
    format: 1,
    tradebotVersion: packageJson.version,
    createdAt,
    serverVersion: await textOf(client, 'SHOW server_version'),
    migrations,
    tables: order.map((table) => table.name),
    sequences: await positions(client),
    masterKeyFingerprint: await fingerprintOf(client),
    masterKey: inside?.toString('base64') ?? null,
  }
  yield encodeRecord({ kind: 'manifest', value: manifest })
  const total = order.reduce((sum, table) => sum + table.bytes, 0)
  let bytes = 0
  for (const { name, columns } of order) {
    yield encodeRecord({ kind: 'table', value: { name, columns } })
    const hash = createHash('sha256')
    const end = { rows: 0, bytes: 0 }
    const stream = copyOut(client, name, columns)
    for await (const chunk of stream) {
      const part = bufferOf(chunk)
      hash.update(part)
      end.bytes += part.length
      end.rows += countRows(part)
      onProgress(name, bytes + end.bytes, total)
      yield encodeRecord({ kind: 'rows', value: part })
    }
    if (stream.rowCount !== end.rows)
      throw new Error(`COPY of ${name} sent ${end.rows} of ${stream.rowCount} rows`)
    yield encodeRecord({ kind: 'tableEnd', value: { ...end, sha256: hash.digest('hex') } })
    counts.tables += 1
    counts.rows += end.rows
    bytes += end.bytes
  }
  yield encodeRecord({ kind: 'end', value: { ...counts } })
  await client.query('COMMIT')
}

/** A stream's chunk, whose type nobody declares. */
export function bufferOf(chunk: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk
  throw new TypeError('COPY gave something that is no bytes')
}

type Table = { name: string; columns: string[]; bytes: number }

/** Whoever is referred to comes first, so that rows can be loaded in this order. */
export async function tablesInOrder(client: pg.ClientBase): Promise<Table[]> {
  const { rows: tables } = await client.query<Table>(
    `SELECT c.relname AS name, pg_relation_size(c.oid)::float8 AS bytes,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
     FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($1) ORDER BY c.relname`,
    [NOT_CARRIED],
  )
  const { rows: references } = await client.query<{ source: string; target: string }>(
    `SELECT s.relname AS source, t.relname AS target FROM pg_constraint f
     JOIN pg_class s ON s.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid
     WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace AND s.oid <> t.oid`,
  )
  const ordered: Table[] = []
  const waiting = new Set(tables)
  while (waiting.size > 0) {
    const names = new Set([...waiting].map((table) => table.name))
    const free = [...waiting].filter(
      ({ name }) => !references.some(({ source, target }) => source === name && names.has(target)),
    )
    if (free.length === 0)
      throw new Error(`these tables refer to each other in a circle: ${[...names].join(', ')}`)
    for (const table of free) waiting.delete(table)
    ordered.push(...free)
  }
  return ordered
}

async function appliedMigrations(client: Tx): Promise<Manifest['migrations']> {
  const found = await client.query<{ name: string | null }>(
    `SELECT to_regclass('public._prisma_migrations')::text AS name`,
  )
  const { rows } =
    found.rows[0]?.name == null
      ? { rows: [] }
      : await client.query<{ name: string; checksum: string }>(
          `SELECT migration_name AS name, checksum FROM public._prisma_migrations
           WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
        )
  if (rows.length > 0) return rows
  throw new RefusedError(
    'DATABASE_EMPTY',
    'There is nothing to back up: this database has no tables of TradeBot.',
  )
}

/** Not bound to the snapshot: they are never behind it, and being ahead costs numbers only. */
async function positions(client: Tx): Promise<Manifest['sequences']> {
  const { rows: sequences } = await client.query<{ name: string }>(
    `SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1`,
  )
  const all: Manifest['sequences'] = []
  for (const { name } of sequences) {
    const { rows } = await client.query<{ last_value: string; is_called: boolean }>(
      `SELECT last_value, is_called FROM ${qualified(name)}`,
    )
    if (rows[0] !== undefined) all.push({ name, lastValue: rows[0].last_value, isCalled: rows[0].is_called })
  }
  return all
}

async function fingerprintOf(client: Tx): Promise<string | null> {
  const { rows } = await client.query<{ value: string }>(
    `SELECT value FROM public.settings WHERE key = 'master_key_fingerprint'`,
  )
  return rows[0]?.value ?? null
}

async function textOf(client: pg.Client, sql: string): Promise<string> {
  const { rows } = await client.query<Record<string, string>>(sql)
  return Object.values(rows[0] ?? {})[0] ?? ''
}
