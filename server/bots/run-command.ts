import type { Actor } from '#trading/domain/actor.ts'
import { ValidationError } from '#trading/domain/errors.ts'
import { hintChange } from '#trading/store/events.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import type { Context } from '../context.ts'
import { viewerOf } from '../schema/viewer.ts'

/** Runs a command of the viewer in one transaction, then tells this server's and the others' subscribers to look. */
export async function runCommand<T>(
  context: Context,
  work: (tx: Tx, actor: Actor) => Promise<T>,
): Promise<T> {
  const { pool, feeds, logger } = context.services
  const { actor } = viewerOf(context)
  try {
    return await inTransaction(pool, (tx) => work(tx, actor))
  } catch (error) {
    throw nameTaken(error) ?? error
  } finally {
    feeds.beat()
    // Only a hint, after the commit: the answer does not wait for it.
    hintChange(pool, actor.userId).catch((error: unknown) =>
      logger.warn({ err: error }, 'could not hint at a change'),
    )
  }
}

/** Two that save the same name at the same moment pass the check both; the unique index tells the second one. */
function nameTaken(error: unknown): ValidationError | null {
  if (!(error instanceof Error) || !('constraint' in error)) return null
  if (error.constraint !== 'bot_configs_name_live') return null
  return new ValidationError([
    { path: ['name'], message: 'You have a bot of that name already; choose another name.' },
  ])
}
