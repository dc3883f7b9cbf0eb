import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import type { TestProject } from 'vitest/node'
import { migrate } from '#prisma/migrate.ts'
import '#trading/store/testing.ts'
import { identify, isAlive } from './process-identity.ts'
import { findPostmaster, stopPostmaster } from './postgres/postmaster.ts'
import { ensureDatabase, startPostgres, type PostgresServer } from './postgres/server.ts'

/**
 * Vitest's global setup of the projects that need a database: one embedded PostgreSQL for the whole run, with one template database built
 * by the migrations, which trading/store/testing.ts clones per test file.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users++
  shared.server ??= start()
  project.provide('testServer', (await shared.server).address)
  return async () => {
    if (--shared.users > 0) return
    await (await shared.server)?.end()
    shared.server = undefined
  }
}

type TestServer = { address: { url: string; template: string }; end: () => Promise<void> }
type Shared = { users: number; server: Promise<TestServer> | undefined }

declare global {
  var tradebotTestServer: Shared | undefined
}

// Vitest loads this file once per project; the server is one per process.
const shared: Shared = (globalThis.tradebotTestServer ??= { users: 0, server: undefined })

const prefix = 'tradebot-test-'
const ownerSchema = z.object({ pid: z.number(), startTime: z.string() })

async function start(): Promise<TestServer> {
  await sweepAbandoned()
  const dataDir = mkdtempSync(path.join(tmpdir(), prefix))
  writeFileSync(path.join(dataDir, 'owner.json'), JSON.stringify(identify(process.pid)))
  // Nothing here has to survive a power cut.
  const server = await startPostgres(dataDir, { settings: { fsync: 'off', full_page_writes: 'off' } })
  const template = 'tradebot_template'
  try {
    await migrate(await ensureDatabase(server, template))
  } catch (error) {
    await end(server, dataDir)
    throw error
  }
  return { address: { url: server.urlOf('postgres'), template }, end: () => end(server, dataDir) }
}

async function end(server: PostgresServer, dataDir: string): Promise<void> {
  await server.stop()
  for (const folder of [server.folder, dataDir]) rmSync(folder, { recursive: true, force: true })
}

/** A run that was killed leaves its detached PostgreSQL behind: end those whose run is gone. */
async function sweepAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const dataDir = path.join(tmpdir(), name)
    const owner = ownerSchema.safeParse(readJson(path.join(dataDir, 'owner.json'))).data
    if (!owner || isAlive(owner)) continue
    const note = z
      .object({ folder: z.string() })
      .safeParse(readJson(path.join(dataDir, 'postgres.json'))).data
    const postmaster = note && findPostmaster(note.folder)
    if (postmaster) await stopPostmaster(postmaster)
    for (const folder of [note?.folder, dataDir]) if (folder) rmSync(folder, { recursive: true, force: true })
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // Not ours, not yet written, or another user's: left alone.
  }
}
