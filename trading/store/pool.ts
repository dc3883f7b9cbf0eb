import pg from 'pg'
import { makeLogger, type Logger } from '../config/logger.ts'

export type Pool = pg.Pool
/** A client inside a transaction, as `inTransaction` gives it. */
export type Tx = pg.PoolClient
/** Whatever can run one query: the pool, or a transaction. */
export type Db = pg.Pool | pg.PoolClient

export type PoolOptions = {
  /** Connections at most. */
  max: number
  /** Shown in pg_stat_activity. */
  applicationName: string
  statementTimeoutMs?: number
  logger?: Logger
}

// pg writes a Date parameter in the host's time zone, and a `date` column would take that zone's day.
pg.defaults.parseInputDatesAsUTC = true

/**
 * A pool whose sessions cannot hold a row for ever: a frozen or vanished process loses its transaction after 5 s. Sessions are in UTC.
 * numeric and int8 come as strings, timestamptz as Date, date as 'YYYY-MM-DD'.
 */
export function makePool(connectionString: string, options: PoolOptions): Pool {
  const { url, startupOptions } = splitOptions(connectionString)
  const statementTimeout = options.statementTimeoutMs ?? 15_000
  const logger = options.logger ?? makeLogger(options.applicationName)
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    application_name: options.applicationName,
    options: [startupOptions, ...sessionSettings.map((setting) => `-c ${setting}`)].join(' ').trim(),
    statement_timeout: statementTimeout,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 5_000,
    // The server's limit cannot help when the network is gone; the client's own comes a little later.
    query_timeout: statementTimeout + 5_000,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    types: { getTypeParser },
  })
  // An idle connection that breaks is an event of the pool; unheard, it would end the process. The pool replaces it by itself.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection broke'))
  return pool
}

/**
 * Runs `work` in one transaction: commits what it did, or rolls all of it back and rethrows. A connection that cannot even roll back is
 * thrown away.
 */
export async function inTransaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const tx = await pool.connect()
  let broken: Error | undefined
  // While it is checked out, a client's broken connection is reported here; the query under way rejects as well, which is what we act on.
  const onError = (error: Error) => {
    broken = error
  }
  tx.on('error', onError)
  try {
    await tx.query('BEGIN')
    const result = await work(tx)
    const commit = await tx.query('COMMIT')
    // Postgres answers COMMIT of a failed transaction with ROLLBACK and no error: an error that `work` swallowed must not look like success.
    if (commit.command !== 'COMMIT')
      throw new Error('The transaction had failed and was rolled back at COMMIT.')
    return result
  } catch (error) {
    await tx.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError
    })
    throw error
  } finally {
    tx.off('error', onError)
    tx.release(broken)
  }
}

const sessionSettings = [
  'timezone=UTC',
  'tcp_keepalives_idle=5',
  'tcp_keepalives_interval=2',
  'tcp_keepalives_count=3',
]

/** An address may carry `options` of its own, which would replace ours: both are wanted. */
function splitOptions(connectionString: string): { url: string; startupOptions: string } {
  const url = new URL(connectionString)
  const startupOptions = url.searchParams.get('options') ?? ''
  url.searchParams.delete('options')
  return { url: url.href, startupOptions }
}

const dateOid = pg.types.builtins.DATE

/** pg would make a `date` midnight of the host's zone. */
function getTypeParser(...[oid, format]: Parameters<typeof pg.types.getTypeParser>): unknown {
  if (oid === dateOid && format !== 'binary') return (text: string) => text
  return pg.types.getTypeParser(oid, format)
}
