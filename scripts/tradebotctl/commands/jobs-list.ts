import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({
  task: z.string().min(1, 'give the name of a task, such as settle_order').optional(),
  stuck: z.boolean().default(false),
})

const job = z.strictObject({
  id: z.string(),
  task: z.string().describe('what is to be done, such as settle_order'),
  key: z.string().nullable().describe('one waiting job a key'),
  about: z.record(z.string(), z.string()).describe('the ids in its payload: botId, orderId …'),
  bot: z.strictObject({ id: z.string(), name: z.string() }).nullable().describe('the bot that it concerns'),
  state: z
    .enum(['WAITING', 'SCHEDULED', 'RUNNING', 'ABANDONED', 'FAILED'])
    .describe('ABANDONED: its worker is dead; FAILED: no attempt is left'),
  stuck: z.boolean().describe('abandoned, failed, or late by more than a minute'),
  runAt: z.string().describe('ISO-8601: when it is to run'),
  attempts: z.int().describe('how often it was begun'),
  maxAttempts: z.int(),
  lockedBy: z.string().nullable().describe('the worker that has it'),
  lockedSince: z.string().nullable().describe('ISO-8601'),
  lastError: z.string().nullable(),
})

const result = z.strictObject({ jobs: z.array(job) })
export type JobsListInput = z.infer<typeof input>
export type JobsListResult = z.infer<typeof result>
export type ListedJob = z.infer<typeof job>

export const jobsList = defineCommand({
  name: 'jobs list',
  summary: 'List what waits, runs and failed in the queue',
  details:
    'Reads the database, so it works while no worker runs. A queue that is empty, or nearly so, is as it should be.',
  options: [
    ['--task <task>', 'only jobs of this task'],
    ['--stuck', 'only those that do not go on by themselves'],
  ],
  examples: [
    ['tradebotctl jobs list', 'every job in the queue'],
    ['tradebotctl jobs list --stuck --json', 'what needs a hand, as a document'],
  ],
  needs: 'packages',
  input,
  result,
  load: async () => (await import('../jobs/list-jobs.ts')).runJobsList,
})
