import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z
  .object({
    ids: z
      .array(z.string().regex(/^\d{1,18}$/, 'must be the number of a job (tradebotctl jobs list)'))
      .default([]),
    failed: z.boolean().default(false),
  })
  .refine(({ ids, failed }) => ids.length > 0 !== failed, {
    message: 'Give the ids of jobs, or --failed for all that have failed.',
  })

const result = z.strictObject({
  retried: z.array(z.string()).describe('ids of the jobs that run now'),
  running: z.array(z.string()).describe('ids of those that a worker has: they were left as they are'),
  gone: z.array(z.string()).describe('ids that are no job, or no more'),
})
export type JobsRetryInput = z.infer<typeof input>
export type JobsRetryResult = z.infer<typeof result>

export const jobsRetry = defineCommand({
  name: 'jobs retry',
  summary: 'Let jobs run now, with all of their attempts',
  details:
    'The job itself is moved, no second one is made; and every job may run twice without harm. What a worker has just now is left as it is.',
  arguments: [['[ids...]', 'numbers of jobs, from jobs list']],
  options: [['--failed', 'all jobs that no attempt is left for']],
  examples: [
    ['tradebotctl jobs retry 4711', 'one job'],
    ['tradebotctl jobs retry --failed', 'everything that failed'],
  ],
  needs: 'packages',
  input,
  result,
  load: async () => (await import('../jobs/retry-jobs.ts')).runJobsRetry,
})
