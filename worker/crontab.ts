import { parseCronItems, type ParsedCronItem } from 'graphile-worker'
import { JOBS, type JobName } from '#trading/jobs/jobs.ts'

/**
 * graphile-worker reads these in UTC, whatever the zone of the host. A minute that no worker lived through is not made up for: each tick
 * does the same for its own bot.
 */
export function cronItems(): ParsedCronItem[] {
  const task: JobName = 'reactivate_bots_after_reset'
  const { priority } = JOBS[task]
  return parseCronItems([
    {
      task,
      identifier: task,
      match: '0 0 * * *',
      options: { priority, jobKey: task, maxAttempts: 3, backfillPeriod: 0 },
    },
  ])
}
