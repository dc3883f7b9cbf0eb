import { readJobs, rescheduleJobs } from '#trading/store/queue-jobs.ts'
import type { JobsRetryInput, JobsRetryResult } from '../commands/jobs-retry.ts'
import type { Context } from '../frame/context.ts'
import { withQueue } from './queue.ts'

/** Lets jobs run now. Exit 1: one that was named is not there, or runs. */
export async function runJobsRetry(
  { ids, failed }: JobsRetryInput,
  context: Context,
): Promise<{ exitCode: 0 | 1; result: JobsRetryResult; text: string }> {
  return withQueue(context, async ({ pool, settings }) => {
    const jobs = await readJobs(pool, settings.timing.deadAfterMs)
    const meant = failed
      ? jobs.filter(({ state }) => state === 'FAILED').map(({ id }) => id)
      : [...new Set(ids)]
    const retried = await rescheduleJobs(pool, meant)
    const left = meant.filter((id) => !retried.includes(id))
    // Read again: a job that has ended meanwhile is gone, and needs no retry.
    const now = left.length === 0 ? [] : await readJobs(pool, settings.timing.deadAfterMs)
    const held = now.filter(({ id, lockedBy }) => left.includes(id) && lockedBy !== null)
    const running = held.map(({ id }) => id)
    const gone = left.filter((id) => !running.includes(id))
    const abandoned = held.some(({ state }) => state === 'ABANDONED')
    const text = [
      retried.length > 0 ? `Run now: ${retried.join(', ')}.` : 'No job was moved.',
      running.length > 0 ? `A worker has ${running.join(', ')}: left as they are.` : '',
      abandoned ? 'Some of these workers are dead: tradebotctl jobs unlock --dead.' : '',
      gone.length > 0 ? `Not in the queue: ${gone.join(', ')}.` : '',
    ]
    return {
      exitCode: !failed && left.length > 0 ? 1 : 0,
      result: { retried, running, gone },
      text: text.filter(Boolean).join('\n'),
    }
  })
}
