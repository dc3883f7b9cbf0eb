import type { Actor } from '#trading/domain/actor.ts'
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
  } finally {
    feeds.beat()
    // Only a hint, after the commit: the answer does not wait for it.
    hintChange(pool, actor.userId).catch((error: unknown) =>
      logger.warn({ err: error }, 'could not hint at a change'),
    )
  }
}
