import { recover, type Recovery } from './recover.ts'
import type { Work } from './work.ts'

/** What failed half way is ended as one that was killed is. @throws the failure, unless it was past all that matters */
export async function recoverFrom(work: Work, failure: unknown): Promise<Recovery> {
  let recovery: Recovery
  try {
    recovery = await recover(work)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    work.context.note(
      `What was begun could not be ended either (${words}); the next run of tradebotctl does it.`,
    )
    throw failure
  }
  if (recovery.outcome === 'undone')
    work.context.note(
      recovery.journal.kind === 'repair'
        ? 'What was put back before that stays; repair goes on from there when it is run again.'
        : 'What had been begun is undone.',
    )
  if (recovery.outcome === 'undone' || recovery.outcome === 'nothing') throw failure
  return recovery
}
