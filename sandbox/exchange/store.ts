import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Hold } from '../market/holds.ts'
import type { Anchor } from '../market/open-market.ts'
import { type Account, accountSchema, type Order, orderSchema, type Trade, tradeSchema } from './records.ts'

/** A record of another part of the exchange (futures, transfers), written as it is when it is saved. */
type Row = { kind: string; id: string; value: object }

/** Everything that one request or one step of matching changed; written in one transaction before anyone is answered. */
export type Changes = {
  accounts: Set<Account>
  orders: Set<Order>
  trades: Trade[]
  /** By kind and id. */
  rows: Map<string, Row>
}

export const noChanges = (): Changes => ({
  accounts: new Set(),
  orders: new Set(),
  trades: [],
  rows: new Map(),
})

/** Notes a record of another part, to be written with the rest. */
export const touchRow = (changes: Changes, kind: string, id: string, value: object): void => {
  changes.rows.set(`${kind} ${id}`, { kind, id, value })
}

/** Zero-padded, so that text order is numeric order. */
export const numbered = (symbol: string, id: number): string => `${symbol} ${String(id).padStart(15, '0')}`

export type Store = {
  load(): { accounts: Account[]; orders: Order[]; trades: Trade[]; holds: Hold[] }
  /** All records of a kind, in order of id. */
  read<T>(kind: string, schema: z.ZodType<T>): T[]
  save(changes: Changes): void
  saveHolds(holds: readonly Hold[]): void
  /** The kept anchor of this recording at this bar length, or the proposed one, now kept. */
  anchorOf(proposed: Anchor): Anchor
  close(): void
}

const holdSchema = z.object({
  symbol: z.string(),
  from: z.number(),
  to: z.number().nullable(),
  price: z.number(),
  apart: z.boolean().optional(),
})
const anchorSchema = z.object({
  symbol: z.string(),
  fingerprint: z.string(),
  barMs: z.number(),
  originMs: z.number(),
})
const rowSchema = z.object({ value: z.string() })

/**
 * The sandbox's memory of its own: an SQLite file under `dir`, or nothing but memory without one. SQLite's
 * write-ahead log makes a commit survive kill -9 of this process, and its exclusive lock keeps a second
 * sandbox out of the same folder.
 */
export const openStore = (dir: string | undefined): Store => {
  if (dir !== undefined) {
    // Only the last folder is the sandbox's own to close off; others live in the one above.
    mkdirSync(dirname(dir), { recursive: true })
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  }
  const file = dir === undefined ? ':memory:' : join(dir, 'exchange.db')
  let db: DatabaseSync
  try {
    db = new DatabaseSync(file, { timeout: 1000 })
    db.exec(`PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS records (kind TEXT, id TEXT, value TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;`)
  } catch (cause) {
    const locked = cause instanceof Error && cause.message.includes('locked')
    const why = locked
      ? 'another sandbox is using it'
      : cause instanceof Error
        ? cause.message
        : String(cause)
    throw new Error(`cannot open ${file}: ${why}`, { cause })
  }
  const put = db.prepare('INSERT OR REPLACE INTO records (kind, id, value) VALUES (?, ?, ?)')
  const all = db.prepare('SELECT value FROM records WHERE kind = ? ORDER BY id')
  const one = db.prepare('SELECT value FROM records WHERE kind = ? AND id = ?')

  const read = <T>(kind: string, schema: z.ZodType<T>): T[] =>
    all.all(kind).map((row) => schema.parse(JSON.parse(rowSchema.parse(row).value)))

  const inTransaction = (write: () => void) => {
    try {
      db.exec('BEGIN IMMEDIATE')
      write()
      db.exec('COMMIT')
    } catch (cause) {
      // Memory is now ahead of the disk. Nothing may be answered from it any more: the process ends, and begins again from the disk.
      const failure = new Error(`cannot write ${file}`, { cause })
      setImmediate(() => {
        throw failure
      })
      throw failure
    }
  }
  // Twelve digits, as these kinds have always had: their order in the file must not change.
  const numberedHere = (symbol: string, id: number) => `${symbol} ${String(id).padStart(12, '0')}`

  return {
    read,
    load: () => ({
      accounts: read('account', accountSchema),
      orders: read('order', orderSchema),
      trades: read('trade', tradeSchema),
      holds: read('hold', holdSchema),
    }),
    save: (changes) => {
      if (changes.accounts.size + changes.orders.size + changes.trades.length + changes.rows.size === 0)
        return
      inTransaction(() => {
        for (const account of changes.accounts) put.run('account', account.apiKey, JSON.stringify(account))
        for (const order of changes.orders)
          put.run('order', numberedHere(order.symbol, order.orderId), JSON.stringify(order))
        for (const trade of changes.trades)
          put.run('trade', numberedHere(trade.symbol, trade.id), JSON.stringify(trade))
        for (const { kind, id, value } of changes.rows.values()) put.run(kind, id, JSON.stringify(value))
      })
    },
    saveHolds: (holds) =>
      inTransaction(() => {
        for (const hold of holds) put.run('hold', numberedHere(hold.symbol, hold.from), JSON.stringify(hold))
      }),
    anchorOf: (proposed) => {
      const id = `${proposed.symbol} ${proposed.fingerprint} ${proposed.barMs}`
      const kept = one.get('anchor', id)
      if (kept) return anchorSchema.parse(JSON.parse(rowSchema.parse(kept).value))
      put.run('anchor', id, JSON.stringify(proposed))
      return proposed
    },
    close: () => db.close(),
  }
}
