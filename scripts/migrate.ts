import { migrate } from '#prisma/migrate.ts'
import { loadDatabaseUrl, readEnvOrExit } from '#trading/config/env.ts'
import { exitWithSentence } from './exit-with-sentence.ts'

// `npm run migrate`: brings the database to what this code expects. Safe to run at any time and twice.
const databaseUrl = readEnvOrExit(loadDatabaseUrl)
try {
  const applied = await migrate(databaseUrl)
  process.stdout.write(
    applied.length > 0 ? `Applied ${applied.join(', ')}.\n` : 'The database is up to date.\n',
  )
} catch (error) {
  exitWithSentence(error, databaseUrl)
}
