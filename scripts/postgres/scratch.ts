import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureDatabase, startPostgres } from './server.ts'

/** An empty database on a server of its own, for as long as `use` takes; nothing of it remains. */
export async function withScratchPostgres<T>(use: (databaseUrl: string) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tradebot-scratch-'))
  const server = await startPostgres(dataDir, { settings: { fsync: 'off' } })
  try {
    return await use(await ensureDatabase(server, 'tradebot'))
  } finally {
    await server.stop()
    for (const folder of [server.folder, dataDir]) rmSync(folder, { recursive: true, force: true })
  }
}
