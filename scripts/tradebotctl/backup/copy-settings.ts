import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'

/** So that COPY writes the same text on every server, and reads what another has written. */
export const COPY_SETTINGS = `
  SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';
  SET extra_float_digits = 1; SET client_encoding = 'UTF8'; SET synchronize_seqscans = off; SET statement_timeout = 0; SET lock_timeout = '10s'`

/**
 * One connection, which may take hours over one statement. What is asked of the pool goes to it, one after the other: a transaction of many
 * parts can be run over it. A frozen process does not keep its snapshot for ever.
 */
export function openSession(url: string): pg.Pool {
  const session = new pg.Pool({
    connectionString: url,
    max: 1,
    idleTimeoutMillis: 0,
    application_name: 'tradebotctl',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    idle_in_transaction_session_timeout: 60_000,
  })
  session.on('error', () => undefined) // The next statement fails as well, and is what is told.
  return session
}

/** The rows of a table as COPY writes them, in the order in which they lie on disk. */
export function copyOut(client: pg.ClientBase, table: string, columns: readonly string[]) {
  return client.query(copyTo(`COPY ${qualified(table)} (${columnList(columns)}) TO STDOUT`))
}

export function qualified(table: string): string {
  return `public.${pg.escapeIdentifier(table)}`
}

export function columnList(columns: readonly string[]): string {
  return columns.map((column) => pg.escapeIdentifier(column)).join(', ')
}
