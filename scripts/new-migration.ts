import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { migrate } from '#prisma/migrate.ts'
import { migrationsFolder } from '#prisma/migration-folder.ts'
import { diffSchema } from '#prisma/schema-drift.ts'
import { withScratchPostgres } from './postgres/scratch.ts'

// `npm run new-migration -- NAME`: writes the SQL from where the migrations lead to what schema.prisma says into a new migration. Read it,
// and add what Prisma cannot say (CHECK, triggers, partial indexes) by hand.
const [name] = process.argv.slice(2)
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  process.stderr.write('Usage: npm run new-migration -- NAME, of a-z, 0-9 and _.\n')
  process.exit(1)
}

const sql = await withScratchPostgres(async (databaseUrl) => {
  await migrate(databaseUrl)
  return diffSchema(databaseUrl)
})
if (sql === '') process.stdout.write('The migrations and schema.prisma agree: nothing to do.\n')
else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const file = path.join(migrationsFolder, `${stamp}_${name}`, 'migration.sql')
  mkdirSync(path.dirname(file))
  writeFileSync(file, sql)
  process.stdout.write(`${sql}\nWritten to ${path.relative(process.cwd(), file)}.\n`)
}
