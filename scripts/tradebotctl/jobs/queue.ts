import { hasQueue } from '#trading/store/queue-jobs.ts'
import { type OpenedDatabase, withDatabase } from '../database/open-database.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError } from '../frame/errors.ts'

/** The database with its queue. @throws CouldNotError QUEUE_NONE where no worker has ever run */
export function withQueue<T>(context: Context, use: (database: OpenedDatabase) => Promise<T>): Promise<T> {
  return withDatabase(context, async (database) => {
    if (!(await hasQueue(database.pool)))
      throw new CouldNotError('QUEUE_NONE', 'This database has no queue of jobs yet.', {
        hint: 'Start TradeBot once, or bring the database up to date (npm run migrate in a clone).',
      })
    return use(database)
  })
}
