import { setTimeout as sleep } from 'node:timers/promises'
import { exchangeAnswersSchema, type ExchangeAnswer } from '#trading/jobs/exchange-answers.ts'
import { inTransaction, type Pool } from '#trading/store/pool.ts'
import { askWorker, readAnswer } from '#trading/store/worker-requests.ts'
import { bad, ok, unknown, warning, type Check } from './check.ts'
import { missingAdvice } from './advice.ts'
import type { Told } from './told.ts'

const PATIENCE_MS = 10_000
/** Beyond this our time, though corrected for, tells of a clock that nobody sets. */
const CLOCK_MS = 2_000
const SLOW_MS = 3_000

/** Only workers reach the exchanges, so one of them is asked. */
export async function checkExchanges(
  told: Told,
  pool: Pool,
  workersAlive: number,
  signal: AbortSignal,
): Promise<Check[]> {
  if (workersAlive === 0)
    return [
      unknown('exchanges', 'no worker is alive that could ask them', missingAdvice(told, 'logs/worker.log')),
    ]
  const requestId = await inTransaction(pool, (tx) => askWorker(tx, 'EXCHANGES', {}))
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const row = await readAnswer(pool, requestId)
    if (row !== null && row.error !== null)
      return [unknown('exchanges', row.error, 'See the log of the worker.')]
    if (row !== null) return checksOf(exchangeAnswersSchema.parse(row.answer))
    signal.throwIfAborted()
    if (performance.now() > end)
      return [
        unknown(
          'exchanges',
          `no worker has answered within ${PATIENCE_MS / 1000} s`,
          'The workers do not keep up, or are of an older version: see their log, and run doctor again.',
        ),
      ]
    await sleep(150)
  }
}

function checksOf({ host, exchanges }: { host: string; exchanges: ExchangeAnswer[] }): Check[] {
  return exchanges.map(({ exchange, ok: well, latencyMs, clockDifferenceMs, message }) => {
    const id = `exchange:${exchange}`
    if (!well)
      return bad(
        id,
        message ?? 'does not answer',
        `Bots wait for it. If others answer, it is the exchange's; else see the network of ${host}.`,
      )
    const found = `answers in ${latencyMs} ms`
    if (clockDifferenceMs !== null && Math.abs(clockDifferenceMs) > CLOCK_MS + (latencyMs ?? 0) / 2)
      return warning(
        id,
        `${found}; the clock of ${host} is ${Math.abs(clockDifferenceMs)} ms ${clockDifferenceMs < 0 ? 'behind' : 'ahead'}`,
        `It is corrected for; let ${host} follow a time server (timedatectl set-ntp true).`,
      )
    if (latencyMs !== null && latencyMs > SLOW_MS)
      return warning(id, found, `That is slow: see the network of ${host}, and whether the exchange is busy.`)
    return ok(
      id,
      clockDifferenceMs === null ? found : `${found}, clocks ${Math.abs(clockDifferenceMs)} ms apart`,
    )
  })
}
