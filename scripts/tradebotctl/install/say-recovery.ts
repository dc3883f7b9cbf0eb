import { CouldNotError } from '../frame/errors.ts'
import type { Recovery } from './recover.ts'
import type { Work } from './work.ts'

/** Tells what became of a command that was killed, before this one does its own work. */
export function sayRecovery({ context }: Work, recovery: Recovery): void {
  if (recovery.outcome === 'nothing') return
  const { kind, to, from } = recovery.journal
  const what = `An earlier ${kind} (${to}) was interrupted`
  if (recovery.outcome === 'undone') context.note(`${what}; what it had begun is undone.`)
  if (recovery.outcome === 'finished') context.note(`${what}; it is finished now.`)
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
