import { migrate } from '#prisma/migrate.ts'
import { diffSchema } from '#prisma/schema-drift.ts'
import { withScratchPostgres } from './postgres/scratch.ts'

// Part of `npm run check`: the migrations, applied to an empty database, lead to what schema.prisma says.
const drift = await withScratchPostgres(async (databaseUrl) => {
  await migrate(databaseUrl)
  return diffSchema(databaseUrl)
})
if (drift !== '') {
  process.stderr.write(
    `The migrations and schema.prisma differ; \`npm run new-migration -- NAME\` would write:\n${drift}\n`,
  )
  process.exit(1)
}
