import type { Task, TaskList } from 'graphile-worker'
import { postponeSettle, postponeTick, touchIntent } from '#trading/store/dispatch.ts'
import { postponeTransfer } from '#trading/store/transfers.ts'
import { postponeReconcile } from '#trading/store/reconcile-schedule.ts'
import { parsePayload, type JobName, type JobPayload } from '#trading/jobs/jobs.ts'
import type { TaskHandler, WorkerDeps } from './deps.ts'

export type Handlers = { [Name in JobName]: TaskHandler<Name> }

/** How long a bot or an order waits after its job threw, so that a fault does not become a busy loop. Milliseconds. */
const afterFailureMs = 5_000

/** graphile-worker's tasks for these jobs. */
export function makeTaskList(handlers: Handlers, deps: WorkerDeps, names: readonly JobName[]): TaskList {
  return Object.fromEntries(names.map((name) => [name, makeTask(name, handlers, deps)]))
}

/**
 * Runs the handler and logs what became of the job. A handler that throws is a fault: it is logged as an error, what it was about is put off
 * a little, and the job ends all the same. The tables say when to try again; the queue's own back-off would reach hours.
 */
function makeTask<Name extends JobName>(name: Name, handlers: Handlers, deps: WorkerDeps): Task {
  return async (payload) => {
    const began = performance.now()
    const about = subjectOf(payload)
    let parsed: JobPayload<Name> | undefined
    try {
      const handler: TaskHandler<Name> = handlers[name]
      parsed = parsePayload(name, payload)
      const outcome = await handler(parsed, deps)
      const line = { job: name, outcome, ms: Math.round(performance.now() - began), ...about }
      if (dull.has(outcome)) deps.logger.debug(line, `${name}: ${outcome}`)
      else deps.logger.info(line, `${name}: ${outcome}`)
    } catch (error) {
      const ms = Math.round(performance.now() - began)
      deps.logger.error({ job: name, outcome: 'Failed', ms, ...about, err: error }, `${name}: Failed`)
      if (parsed !== undefined) await putOff(name, about, deps)
    }
  }
}

/** What most jobs come to, several times a second. */
const dull = new Set(['Ticked', 'Skipped (early)'])

type Subject = {
  botId?: string
  orderId?: string
  transferId?: string
  backtestId?: string
  exchange?: string
  apiKeyId?: string
}

function subjectOf(payload: unknown): Subject {
  const subject: Subject = {}
  if (typeof payload !== 'object' || payload === null) return subject
  for (const name of ['botId', 'orderId', 'transferId', 'backtestId', 'exchange', 'apiKeyId'] as const) {
    const value: unknown = Reflect.get(payload, name)
    if (typeof value === 'string') subject[name] = value
  }
  return subject
}

async function putOff(name: JobName, about: Subject, deps: WorkerDeps): Promise<void> {
  try {
    if (name === 'run_bot' && about.botId) await postponeTick(deps.pool, about.botId, afterFailureMs)
    if (name === 'settle_order' && about.orderId)
      await postponeSettle(deps.pool, about.orderId, afterFailureMs)
    if (name === 'reconcile_account' && about.apiKeyId)
      await postponeReconcile(deps.pool, about.apiKeyId, afterFailureMs)
    if ((name === 'settle_transfer' || name === 'execute_transfer') && about.transferId)
      await postponeTransfer(deps.pool, about.transferId, afterFailureMs)
    if (name === 'execute_order' && about.orderId) await touchIntent(deps.pool, about.orderId)
  } catch (error) {
    // The database is away: nothing is dispatched either until it is back.
    deps.logger.warn({ job: name, ...about, err: error }, 'a failed job could not be put off')
  }
}
