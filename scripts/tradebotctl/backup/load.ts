import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { from as copyFrom, type CopyStreamQuery } from 'pg-copy-streams'
import type pg from 'pg'
import { applyMigration } from '#prisma/migrate.ts'
import { listMigrations } from '#prisma/migration-folder.ts'
import type { Timing } from '#trading/config/env.ts'
import type { Tx } from '#trading/store/pool.ts'
import { RefusedError } from '../frame/errors.ts'
import { cancelOnAbort } from './cancel-on-abort.ts'
import { columnList, copyOut, COPY_SETTINGS, qualified } from './copy-settings.ts'
import { bufferOf, tablesInOrder } from './dump.ts'
import type { Unlock } from './envelope.ts'
import { makeSafe, type Safety } from './make-safe.ts'
import type { OpenedBackup, Summary } from './read-backup.ts'
import { type BackupRecord, type Manifest, type TableEnd, type TableStart, unreadable } from './records.ts'

export type LoadPlan = {
  backup: OpenedBackup
  unlock: Unlock
  timing: Timing
  signal: AbortSignal
  onProgress: (label: string, done: number, total: number) => void
  /** The one connection to an empty database; asked for when the manifest has been read and may be loaded. */
  open: (manifest: Manifest) => Promise<pg.Pool>
  /** Everything is in place, and COMMIT comes next. */
  beforeCommit: (manifest: Manifest) => void
}

export type Loaded = Summary & Safety & { migrated: string[] }

/**
 * One transaction: the schema as it was by its migrations, every row, all of it read back and compared, the migrations since, and what makes
 * old books safe. Broken off anywhere, the database is as empty as before. Needs no more than to own it.
 */
export async function loadBackup(plan: LoadPlan): Promise<Loaded> {
  let stopCancelling: (() => Promise<void>) | undefined
  const open = async (manifest: Manifest) => {
    const session = await plan.open(manifest)
    stopCancelling = await cancelOnAbort(session, plan.signal)
    return session
  }
  try {
    return await load({ ...plan, open })
  } finally {
    await stopCancelling?.()
  }
}

async function load(plan: LoadPlan): Promise<Loaded> {
  const { backup, unlock, signal, onProgress } = plan
  let loader: Loader | undefined
  try {
    const summary = await backup.read(
      unlock,
      async (record) => {
        if (record.kind === 'manifest') {
          checkMigrations(record.value)
          loader = await beginLoad(await plan.open(record.value), record.value)
        } else await loader?.take(record)
      },
      { signal, onProgress: (done) => onProgress('Restoring', done, backup.bytes) },
    )
    if (loader === undefined) throw unreadable('its manifest is missing')
    await loader.compare((done) => {
      onProgress('Comparing', done, summary.rows)
      signal.throwIfAborted()
    })
    const { manifest } = summary
    const migrated = await loader.finishSchema()
    signal.throwIfAborted()
    const safety = await loader.commit(async (tx) => {
      const safe = await makeSafe(tx, manifest.createdAt, plan.timing)
      signal.throwIfAborted()
      plan.beforeCommit(manifest)
      return safe
    })
    return { ...summary, ...safety, migrated }
  } catch (error) {
    loader?.giveUp()
    throw error
  }
}

/** @throws RefusedError BACKUP_NEWER */
function checkMigrations({ migrations, tradebotVersion }: Manifest): void {
  const ours = listMigrations()
  const strange = migrations.filter(({ name }, index) => ours[index] !== name).map(({ name }) => name)
  if (strange.length === 0) return
  throw new RefusedError(
    'BACKUP_NEWER',
    `The backup is of TradeBot ${tradebotVersion}, whose database this one does not know (${strange.join(', ')}).`,
    { hint: 'Restore it with that version, or update TradeBot first.' },
  )
}

type Loader = Awaited<ReturnType<typeof beginLoad>>

async function beginLoad(session: pg.Pool, manifest: Manifest) {
  await session.query(`${COPY_SETTINGS}; SET search_path = public`)
  await session.query('BEGIN')
  for (const { name } of manifest.migrations) await applyMigration(session, name)
  await compareChecksums(session, manifest)
  const known = new Map((await use((tx) => tablesInOrder(tx))).map((table) => [table.name, table.columns]))
  const names = [...known.keys()].map(qualified)
  if (!sameSet([...known.keys()], manifest.tables))
    throw unreadable('its tables are not those of its migrations')
  // What migrations put there themselves is in the backup too.
  await session.query(`TRUNCATE ${names.join(', ')}`)
  // The guards are about changes, and what is loaded are states. Only inside this transaction, which nobody else sees.
  for (const table of names) await session.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
  const loaded: (TableStart & TableEnd)[] = []
  let current: { table: TableStart; client: Tx; stream: CopyStreamQuery; failed: Promise<never> } | undefined

  async function take(record: BackupRecord): Promise<void> {
    if (record.kind === 'table') current = await startTable(record.value)
    else if (record.kind === 'rows' && current !== undefined) {
      const { stream, failed } = current
      if (!stream.write(record.value)) await Promise.race([once(stream, 'drain'), failed])
    } else if (record.kind === 'tableEnd' && current !== undefined) {
      const { stream, failed, table, client } = current
      stream.end()
      await Promise.race([once(stream, 'finish'), failed])
      client.release()
      current = undefined
      if (stream.rowCount !== record.value.rows)
        throw new Error(`COPY took ${stream.rowCount} of ${record.value.rows} rows of ${table.name}`)
      loaded.push({ ...table, ...record.value })
    }
  }

  async function startTable(table: TableStart) {
    if (!sameSet(table.columns, known.get(table.name) ?? []))
      throw unreadable(`the columns of ${table.name} are not those of its migrations`)
    const client = await session.connect()
    const stream = client.query(
      copyFrom(`COPY ${qualified(table.name)} (${columnList(table.columns)}) FROM STDIN`),
    )
    const failed = once(stream, 'error').then(([error]): never => {
      throw error
    })
    failed.catch(() => undefined) // Whoever waits for the stream next hears of it.
    stream.on('error', () => undefined) // It says so again when its connection is closed.
    return { table, client, stream, failed }
  }

  /** A connection in the middle of COPY waits for more rows: it is closed, and the transaction with it. */
  function giveUp(): void {
    current?.client.release(true)
    current = undefined
  }

  /** Every row as the database gives it back, against the backup: rows lie on disk in the order in which they were loaded. */
  async function compare(onRows: (done: number) => void): Promise<void> {
    let done = 0
    for (const { name, columns, sha256, rows } of loaded) {
      const hash = createHash('sha256')
      await use(async (tx) => {
        for await (const chunk of copyOut(tx, name, columns)) {
          hash.update(bufferOf(chunk))
          onRows(done)
        }
      })
      if (hash.digest('hex') !== sha256)
        throw new Error(`the rows of ${name} are not those of the backup once they are loaded`)
      onRows((done += rows))
    }
    for (const { name, lastValue, isCalled } of manifest.sequences)
      await session.query('SELECT setval($1::regclass, $2, $3)', [qualified(name), lastValue, isCalled])
  }

  async function finishSchema(): Promise<string[]> {
    for (const table of names) await session.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`)
    const missing = listMigrations().slice(manifest.migrations.length)
    for (const name of missing) await applyMigration(session, name)
    return missing
  }

  async function commit<T>(last: (tx: Tx) => Promise<T>): Promise<T> {
    const result = await use(last)
    const { command } = await session.query('COMMIT')
    if (command !== 'COMMIT') throw new Error('the transaction had failed and was rolled back at COMMIT')
    return result
  }

  async function use<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await session.connect()
    let broken = true
    try {
      const result = await work(client)
      broken = false
      return result
    } finally {
      // What failed may be in the middle of something.
      client.release(broken)
    }
  }

  return { take, compare, finishSchema, commit, giveUp }
}

/** A migration of the same name that does something else would load rows into another schema. */
async function compareChecksums(session: pg.Pool, { migrations, tradebotVersion }: Manifest): Promise<void> {
  const { rows } = await session.query<{ name: string; checksum: string }>(
    'SELECT migration_name AS name, checksum FROM _prisma_migrations',
  )
  const other = migrations.filter(
    ({ name, checksum }) => rows.find((row) => row.name === name)?.checksum !== checksum,
  )
  if (other.length === 0) return
  throw new RefusedError(
    'BACKUP_OTHER_SCHEMA',
    `The backup is of a TradeBot ${tradebotVersion} whose migrations are not ours (${other.map(({ name }) => name).join(', ')}).`,
    { hint: 'Restore it with the TradeBot that made it.' },
  )
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name))
}
