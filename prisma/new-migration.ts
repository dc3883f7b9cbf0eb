import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { migrate } from './migrate.ts'
import { migrationsFolder } from './migration-folder.ts'
import { diffSchema } from './schema-drift.ts'
import { ensureDatabase, startPostgres } from '#scripts/postgres/server.ts'

// `node prisma/new-migration.ts NAME`: writes the SQL from where the migrations lead to what schema.prisma says into a new migration. Read it,
// and add what Prisma cannot say (CHECK, triggers, partial indexes) by hand.
const [name] = process.argv.slice(2)
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  process.stderr.write('Usage: node prisma/new-migration.ts NAME, of a-z, 0-9 and _.\n')
  process.exit(1)
}

const dataDir = mkdtempSync(path.join(tmpdir(), 'tradebot-migration-'))
const server = await startPostgres(dataDir, { settings: { fsync: 'off' } })
try {
  const databaseUrl = await ensureDatabase(server, 'tradebot')
  await migrate(databaseUrl)
  const sql = await diffSchema(databaseUrl)
  if (sql === '') process.stdout.write('The migrations and schema.prisma agree: nothing to do.\n')
  else {
    const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
    const file = path.join(migrationsFolder, `${stamp}_${name}`, 'migration.sql')
    mkdirSync(path.dirname(file))
    writeFileSync(file, sql)
    process.stdout.write(`${sql}\nWritten to ${path.relative(process.cwd(), file)}.\n`)
  }
} finally {
  await server.stop()
  for (const folder of [server.folder, dataDir]) rmSync(folder, { recursive: true, force: true })
}
