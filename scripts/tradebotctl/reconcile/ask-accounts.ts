import { setTimeout as sleep } from 'node:timers/promises'
import { reconcileAnswer, type ReconcileAnswer } from '#trading/jobs/reconcile-answer.ts'
import { readWorkerHealth } from '#trading/store/heartbeats.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { askWorker, readAnswer, withdrawQuestion } from '#trading/store/worker-requests.ts'
import type { OpenedDatabase } from '../database/open-database.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError } from '../frame/errors.ts'

const POLL_MS = 150

export type Answered = { answer: ReconcileAnswer } | { error: string }

/**
 * Asks the workers to compare each of these accounts, and waits for all answers. Whoever gives up, by time or Ctrl-C, withdraws what is not
 * answered: a worker ends after the act that it is at, which is one transaction.
 * @throws CouldNotError WORKER_NONE, WORKER_TIMEOUT
 */
export async function askAccounts(
  { pool, settings }: OpenedDatabase,
  context: Context,
  apiKeyIds: readonly string[],
  mode: 'PLAN' | 'APPLY',
  timeoutMs: number,
): Promise<Map<string, Answered>> {
  const isAlive = async () => {
    const { beatAgeMs } = await readWorkerHealth(pool)
    return beatAgeMs !== null && beatAgeMs < settings.timing.deadAfterMs
  }
  if (!(await isAlive())) throw noWorker()
  const open = new Map<string, string>()
  const answers = new Map<string, Answered>()
  const end = performance.now() + timeoutMs
  try {
    for (const apiKeyId of apiKeyIds)
      open.set(apiKeyId, await inTransaction(pool, (tx) => askWorker(tx, 'RECONCILE', { apiKeyId, mode })))
    while (open.size > 0) {
      for (const [apiKeyId, requestId] of open) {
        const answer = await readAnswer(pool, requestId)
        if (answer === null) continue
        open.delete(apiKeyId)
        answers.set(
          apiKeyId,
          answer.error === null ? { answer: reconcileAnswer.parse(answer.answer) } : { error: answer.error },
        )
      }
      const what = mode === 'PLAN' ? 'comparing' : 'settling'
      context.progress.show(what, answers.size, apiKeyIds.length)
      if (open.size === 0) break
      context.signal.throwIfAborted()
      if (performance.now() > end) throw tooSlow(open.size, timeoutMs, mode)
      if (!(await isAlive())) throw noWorker()
      await sleep(POLL_MS)
    }
    return answers
  } finally {
    context.progress.clear()
    for (const requestId of open.values()) await withdrawQuestion(pool, requestId)
  }
}

function noWorker(): CouldNotError {
  return new CouldNotError('WORKER_NONE', 'No worker is alive, and only a worker asks an exchange.', {
    hint: 'Start TradeBot (tradebotctl run, or npm start in a clone), or a worker alone (npm run worker), then try again.',
  })
}

function tooSlow(open: number, timeoutMs: number, mode: 'PLAN' | 'APPLY'): CouldNotError {
  const accounts = open === 1 ? 'one account' : `${open} accounts`
  const done = mode === 'APPLY' ? ' What was settled until then stays settled; nothing is half done.' : ''
  return new CouldNotError(
    'WORKER_TIMEOUT',
    `The workers have not answered for ${accounts} within ${Math.round(timeoutMs / 1000)} s.${done}`,
    {
      hint: 'tradebotctl doctor says how workers and exchanges are; --timeout gives them longer.',
    },
  )
}
