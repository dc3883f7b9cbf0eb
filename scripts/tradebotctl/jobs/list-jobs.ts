import { type QueueJob, readJobs } from '#trading/store/queue-jobs.ts'
import type { JobsListInput, JobsListResult, ListedJob } from '../commands/jobs-list.ts'
import type { Context } from '../frame/context.ts'
import type { Paint } from '../frame/paint.ts'
import { withQueue } from './queue.ts'

/** What is in the queue. */
export async function runJobsList(
  { task, stuck }: JobsListInput,
  context: Context,
): Promise<{ exitCode: 0; result: JobsListResult; text: string }> {
  return withQueue(context, async ({ pool, settings }) => {
    const all = await readJobs(pool, settings.timing.deadAfterMs)
    const meant = all.filter((job) => (task === undefined || job.task === task) && (!stuck || job.stuck))
    const jobs = meant.map(listed)
    return { exitCode: 0, result: { jobs }, text: textOf(jobs, all.length, context.paint) }
  })
}

function listed(job: QueueJob): ListedJob {
  const { id, task, key, state, stuck, attempts, maxAttempts, lockedBy, lastError } = job
  const bot = job.botId === null || job.botName === null ? null : { id: job.botId, name: job.botName }
  return {
    ...{ id, task, key, about: idsIn(job.payload), bot, state, stuck },
    runAt: job.runAt.toISOString(),
    ...{ attempts, maxAttempts, lockedBy },
    lockedSince: job.lockedAt?.toISOString() ?? null,
    lastError,
  }
}

/** Of a payload only what says which: long texts are nobody's business here. */
function idsIn(payload: unknown): Record<string, string> {
  if (typeof payload !== 'object' || payload === null) return {}
  const named = Object.entries(payload).filter(([name]) => /Id$|^(exchange|symbol|timeframe)$/.test(name))
  return Object.fromEntries(named.map(([name, value]) => [name, String(value)]))
}

function textOf(jobs: readonly ListedJob[], all: number, paint: Paint): string {
  if (jobs.length === 0)
    return all === 0
      ? 'The queue is empty: nothing waits, runs or has failed.'
      : `None of the ${all} ${all === 1 ? 'job' : 'jobs'} in the queue is meant.`
  const rows = jobs.map((job) => [
    job.id,
    job.task,
    job.state,
    job.bot === null ? aboutOf(job) : `bot ${job.bot.id} "${job.bot.name}"`,
    job.runAt,
    `${job.attempts}/${job.maxAttempts}`,
    job.lockedBy === null ? '' : `${job.lockedBy} since ${job.lockedSince ?? ''}`,
  ])
  const head = ['ID', 'TASK', 'STATE', 'ABOUT', 'RUN AT', 'ATTEMPTS', 'WORKER']
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const lines = [paint.strong(line(head))]
  rows.forEach((row, index) => {
    const job = jobs[index]
    lines.push(job?.stuck === true ? paint.warn(line(row)) : line(row))
    if (job?.lastError != null) lines.push(`    ${job.lastError.split('\n')[0] ?? ''}`)
  })
  return [...lines, ...advice(jobs)].join('\n')
}

function aboutOf({ about }: ListedJob): string {
  return Object.entries(about)
    .map(([name, value]) => `${name} ${value}`)
    .join(' ')
}

function advice(jobs: readonly ListedJob[]): string[] {
  const has = (state: ListedJob['state']) => jobs.some((job) => job.state === state)
  const late = jobs.some((job) => job.stuck && job.state === 'WAITING')
  const said = [
    has('ABANDONED')
      ? 'Abandoned jobs: tradebotctl jobs unlock --dead, or start a worker, which does it.'
      : '',
    has('FAILED') ? 'Failed jobs: tradebotctl jobs retry --failed.' : '',
    late ? 'Jobs are late: does a worker run? tradebotctl doctor says so.' : '',
  ].filter(Boolean)
  return said.length === 0 ? [] : ['', ...said]
}
