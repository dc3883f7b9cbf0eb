import { readFileSync } from 'node:fs'
import path from 'node:path'
import { runMigrations } from 'graphile-worker'
import type pg from 'pg'
import { z } from 'zod'
import { whatContracts, type Contraction } from './expand-only.ts'
import { listMigrations, migrationsFolder } from './migration-folder.ts'

export type ContractingMigration = Contraction & { migration: string }

/** What keeps a migration of ours from being purely expanding; empty when it is. */
export async function judgeMigration(name: string): Promise<ContractingMigration[]> {
  const names = listMigrations()
  const earlier = names.slice(0, names.indexOf(name)).map(read)
  return (await whatContracts(read(name), earlier)).map((each) => ({ migration: name, ...each }))
}

function read(name: string): string {
  return readFileSync(path.join(migrationsFolder, name, 'migration.sql'), 'utf8')
}

const prefix = 'expanding:'

/**
 * Notes that a migration only expands, for releases that do not know it: they may run on it. Only the release that brings it can tell. Inside
 * the transaction that applies it.
 */
export async function noteExpanding(pool: pg.Pool, name: string): Promise<void> {
  if ((await judgeMigration(name)).length > 0) return
  await pool.query(`INSERT INTO settings (key, value) VALUES ($1, 'true') ON CONFLICT (key) DO NOTHING`, [
    `${prefix}${name}`,
  ])
}

/** Those of the migrations, which this release does not know, that the newer one did not note as expanding. */
export async function withoutExpanding(pool: pg.Pool, unknown: string[]): Promise<string[]> {
  if (unknown.length === 0) return []
  const { rows } = await pool.query<{ key: string }>('SELECT key FROM settings WHERE key = ANY($1)', [
    unknown.map((name) => `${prefix}${name}`),
  ])
  const noted = new Set(rows.map(({ key }) => key.slice(prefix.length)))
  return unknown.filter((name) => !noted.has(name))
}

/** What graphile-worker would apply that its earlier versions do not survive, by its own word. */
export async function judgeQueue(pool: pg.Pool, databaseUrl: string): Promise<ContractingMigration[]> {
  const { rows } = await pool.query(`SELECT to_regclass('graphile_worker.migrations')::text AS name`)
  if (rows[0]?.name == null) return []
  const applied = await pool.query<{ id: number }>('SELECT id FROM graphile_worker.migrations')
  const there = new Set(applied.rows.map(({ id }) => id))
  const breaking = (await breakingMigrations(databaseUrl)).filter((id) => !there.has(id))
  return breaking.map((id) => ({
    migration: `graphile-worker ${id}`,
    statement: `migration ${id} of graphile-worker`,
    reason: 'graphile-worker calls it breaking',
  }))
}

class Seen extends Error {}

/** It tells this to plugins only, and only when it is about to migrate: so it is stopped right there. */
async function breakingMigrations(databaseUrl: string): Promise<number[]> {
  let breaking: number[] = []
  const name = 'tradebot-look-before-migrating'
  const premigrate = (context: unknown) => {
    breaking = z
      .object({ breakingMigrationNumbers: z.array(z.number()) })
      .parse(context).breakingMigrationNumbers
    throw new Seen()
  }
  const preset = { plugins: [{ name, version: '1', worker: { hooks: { premigrate } } }] }
  try {
    await runMigrations({ connectionString: databaseUrl, preset })
  } catch (error) {
    if (!(error instanceof Seen)) throw error
  }
  return breaking
}
