import { CouldNotError } from '../frame/errors.ts'
import type { Recovery } from './recover.ts'
import type { Work } from './work.ts'

/** Tells what became of a command that was killed, before this one does its own work. */
export function sayRecovery({ context }: Work, recovery: Recovery): void {
  if (recovery.outcome === 'nothing') return
  const { kind, to, from } = recovery.journal
  if (recovery.outcome === 'unproven') {
    context.note(
      `The update to ${to} was interrupted before it proved healthy: back on ${from}. Run the update again.`,
    )
    return
  }
  const what = `An earlier ${kind} (${to}) was interrupted`
  if (recovery.outcome === 'undone')
    context.note(
      kind === 'repair'
        ? `${what}; what it has put back stays, and repair goes on when it is run again.`
        : `${what}; what it had begun is undone.${from === null ? '' : ` ${from} is the current release.`}`,
    )
  if (recovery.outcome === 'finished')
    context.note(
      `${what}; it is finished now: ${to} is the current release.${from === null || from === to ? '' : ` tradebotctl rollback --to ${from} goes back.`}`,
    )
  if (recovery.outcome === 'returned')
    context.note(`${what}; ${to} did not get healthy (${wordsOf(recovery.why)}), and ${from} is back.`)
}

/** @throws CouldNotError UPDATE_UNHEALTHY when the new release did not get healthy; the old one is the current one again */
export function refuseReturned(recovery: Recovery): void {
  if (recovery.outcome !== 'returned') return
  const { journal, why, oldFails } = recovery
  const { from, to, running } = journal
  const after =
    oldFails !== undefined
      ? `${from} is back as the current release, but it does not get healthy either: ${wordsOf(oldFails)}`
      : running
        ? `${from} is back, runs and is healthy.`
        : `${from} is back.`
  const hint = why instanceof CouldNotError ? why.hint : undefined
  throw new CouldNotError('UPDATE_UNHEALTHY', `${to} did not get healthy: ${wordsOf(why)} ${after}`, {
    cause: why,
    ...(hint === undefined ? {} : { hint }),
  })
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
