import { enqueue } from '../jobs/enqueue.ts'
import type { Db, Tx } from './pool.ts'

/** What can be asked of a worker, and the job that answers it. */
const JOB_OF = { EXCHANGES: 'ask_exchanges', RECONCILE: 'reconcile_for_person' } as const

export type RequestKind = keyof typeof JOB_OF

/** Asks; answers the request's id. The job is committed with it. Questions older than a day are forgotten on the way. */
export async function askWorker(tx: Tx, kind: RequestKind, question: unknown): Promise<string> {
  await tx.query(`DELETE FROM worker_requests WHERE asked_at < tradebot_now() - interval '1 day'`)
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO worker_requests (kind, question, asked_at) VALUES ($1, $2, tradebot_now()) RETURNING id::text`,
    [kind, JSON.stringify(question)],
  )
  const requestId = rows[0]?.id
  if (requestId === undefined) throw new Error('INSERT … RETURNING gave no row')
  await enqueue(tx, JOB_OF[kind], { requestId })
  return requestId
}

/** The question; null when it is answered already, or forgotten. */
export async function readQuestion(db: Db, kind: RequestKind, requestId: string): Promise<unknown> {
  const { rows } = await db.query<{ question: unknown }>(
    `SELECT question FROM worker_requests WHERE id = $1 AND kind = $2 AND answered_at IS NULL`,
    [requestId, kind],
  )
  return rows[0]?.question ?? null
}

/** The first answer stands. */
export async function answerRequest(
  db: Db,
  requestId: string,
  outcome: { answer: unknown } | { error: string },
): Promise<void> {
  const [answer, error] = 'error' in outcome ? [null, outcome.error] : [JSON.stringify(outcome.answer), null]
  await db.query(
    `UPDATE worker_requests SET answer = $2, error = $3, answered_at = tradebot_now() WHERE id = $1 AND answered_at IS NULL`,
    [requestId, answer, error],
  )
}

/** What came back; null: nothing yet. */
export async function readAnswer(
  db: Db,
  requestId: string,
): Promise<{ answer: unknown; error: string | null } | null> {
  const { rows } = await db.query<{ answer: unknown; error: string | null }>(
    `SELECT answer, error FROM worker_requests WHERE id = $1 AND answered_at IS NOT NULL`,
    [requestId],
  )
  return rows[0] ?? null
}

/** Whoever asked has left: a worker that has not answered yet need not. */
export async function withdrawQuestion(db: Db, requestId: string): Promise<void> {
  await db.query(`DELETE FROM worker_requests WHERE id = $1 AND answered_at IS NULL`, [requestId])
}
