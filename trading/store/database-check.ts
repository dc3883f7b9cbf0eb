import { claimMasterKey, whyMasterKeyRefused } from './master-key.ts'
import type { Pool } from './pool.ts'

const UNDEFINED_TABLE = '42P01'

/** Why a process must not start on this database, in one sentence that says what to do; null when it may: it answers, is migrated, and of this master key. */
export async function whyUnusable(pool: Pool, masterKey: Buffer): Promise<string | null> {
  try {
    return (await claimMasterKey(pool, masterKey)) ? null : await whyMasterKeyRefused(pool, masterKey)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) {
      return 'The database is not migrated: run npm run migrate first.'
    }
    return `The database cannot be reached (DATABASE_URL): ${reasonOf(error)}`
  }
}

/** A refused connection to a name with several addresses is an AggregateError without a message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
