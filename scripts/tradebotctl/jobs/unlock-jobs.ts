import { inTransaction } from '#trading/store/pool.ts'
import { readHolders, releaseJobsOf } from '#trading/store/queue-jobs.ts'
import type { JobsUnlockInput, JobsUnlockResult } from '../commands/jobs-unlock.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { withQueue } from './queue.ts'

/** Releases jobs. @throws RefusedError WORKER_ALIVE, CouldNotError WORKER_UNKNOWN */
export async function runJobsUnlock(
  { worker, dead, force }: JobsUnlockInput,
  context: Context,
): Promise<{ exitCode: 0; result: JobsUnlockResult; text: string }> {
  return withQueue(context, async ({ pool, settings }) => {
    const released = await inTransaction(pool, async (tx) => {
      const holders = await readHolders(tx, settings.timing.deadAfterMs)
      const unknown = worker.filter((id) => !holders.some(({ workerId }) => workerId === id))
      if (unknown.length > 0)
        throw new CouldNotError('WORKER_UNKNOWN', `No job is held by ${unknown.join(', ')}.`, {
          hint: 'tradebotctl jobs list shows who holds what.',
        })
      const meant = holders.filter(({ workerId, alive }) =>
        dead ? !alive || force : worker.includes(workerId),
      )
      const alive = meant.filter((one) => one.alive)
      if (alive.length > 0 && !force)
        throw new RefusedError(
          'WORKER_ALIVE',
          `${alive.map(({ workerId }) => workerId).join(', ')} gave a sign of life within ${Math.round(settings.timing.deadAfterMs / 1000)} s, so its jobs are being done.`,
          { hint: 'Stop the worker, or wait until it is silent; --force releases them all the same.' },
        )
      await releaseJobsOf(
        tx,
        meant.map(({ workerId }) => workerId),
      )
      return meant.map(({ workerId, alive: lives, jobs }) => ({ worker: workerId, alive: lives, jobs }))
    })
    const text =
      released.length === 0
        ? 'No dead worker holds a job.'
        : released
            .map(({ worker: id, jobs }) => `Released ${jobs} ${jobs === 1 ? 'job' : 'jobs'} of ${id}.`)
            .join('\n')
    return { exitCode: 0, result: { released }, text }
  })
}
