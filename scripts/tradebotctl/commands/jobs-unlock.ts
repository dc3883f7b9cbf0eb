import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z
  .object({
    worker: z.array(z.string().min(1, 'give the id of a worker')).default([]),
    dead: z.boolean().default(false),
    force: z.boolean().default(false),
  })
  .refine(({ worker, dead }) => worker.length > 0 !== dead, {
    message: 'Give --dead for all dead workers, or --worker with the id of one (tradebotctl jobs list).',
  })

const result = z.strictObject({
  released: z.array(
    z.strictObject({
      worker: z.string(),
      alive: z.boolean().describe('true only with --force'),
      jobs: z.int().describe('how many it held'),
    }),
  ),
})
export type JobsUnlockInput = z.infer<typeof input>
export type JobsUnlockResult = z.infer<typeof result>

export const jobsUnlock = defineCommand({
  name: 'jobs unlock',
  summary: 'Release the jobs of workers that are dead',
  details:
    'Any living worker does that by itself within seconds; this is for when none lives. A worker that has given a sign of life lately is refused ' +
    '(exit 4): its job would run twice at the same time, which is harmless but for the work. --force does it all the same.',
  options: [
    ['--worker <id...>', 'these workers, by the ids in jobs list'],
    ['--dead', 'all that have been silent for too long'],
    ['--force', 'also a worker that lives'],
  ],
  examples: [
    ['tradebotctl jobs unlock --dead', 'after a crash, while no worker runs'],
    ['tradebotctl jobs unlock --worker pool-3f2a9c', 'one worker'],
  ],
  needs: 'packages',
  input,
  result,
  load: async () => (await import('../jobs/unlock-jobs.ts')).runJobsUnlock,
})
