import { ContractingError, migrate, MigrationError } from '#prisma/migrate.ts'
import type { MigrateInput, MigrateResult } from '../commands/migrate.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { withDatabase } from './open-database.ts'

/** What scripts/migrate.ts does, at any place. */
export async function runMigrate(
  { expandOnly }: MigrateInput,
  context: Context,
): Promise<{ exitCode: 0; result: MigrateResult; text: string }> {
  const applied = await withDatabase(context, ({ url }) => migrate(url, { expandOnly })).catch(told)
  return {
    exitCode: 0,
    result: { applied, expandOnly },
    text: applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The database is up to date.',
  }
}

function told(error: unknown): never {
  if (error instanceof ContractingError)
    throw new RefusedError('MIGRATION_CONTRACTS', `${error.message} Nothing was applied.`, {
      cause: error,
      hint: 'Stop TradeBot, back it up, and run tradebotctl migrate of the new release without --expand-only: there is no way back then but the backup.',
    })
  if (error instanceof MigrationError)
    throw new CouldNotError('MIGRATION_FAILED', error.message, { cause: error })
  throw error
}
