import { hostname } from 'node:os'
import { VenueError } from '#trading/domain/exchange.ts'
import type { ExchangeAnswer, ExchangeAnswers } from '#trading/jobs/exchange-answers.ts'
import { venueStates } from '#trading/store/venue-status.ts'
import { answerRequest, readQuestion } from '#trading/store/worker-requests.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { withDeadline } from '../exchange/deadline.ts'

type Deps = Pick<WorkerDeps, 'pool' | 'venues' | 'logger'> & { env: Pick<WorkerDeps['env'], 'exchanges'> }

/** Who asks waits 10 s. */
const PATIENCE_MS = 7_000

/** Asks each exchange that is offered for its time, all at once, and answers who asked. An exchange that is away is an answer. */
export const askExchanges: TaskHandler<'ask_exchanges', Deps> = async ({ requestId }, deps) => {
  if ((await readQuestion(deps.pool, 'EXCHANGES', requestId)) === null) return 'Skipped (answered)'
  const exchanges = await Promise.all(deps.env.exchanges.map((exchange) => ask(exchange, deps)))
  const states = await venueStates(deps.pool, deps.env.exchanges)
  const answer: ExchangeAnswers = {
    host: hostname(),
    exchanges: exchanges.map((one) => {
      const state = states.get(one.exchange)
      // Binance tells the time even while it is being maintained.
      return state?.status === 'MAINTENANCE' ? { ...one, ok: false, message: state.message } : one
    }),
  }
  await answerRequest(deps.pool, requestId, { answer })
  return `Answered (${exchanges.filter(({ ok }) => ok).length} of ${exchanges.length} answer)`
}

async function ask(exchange: string, deps: Deps): Promise<ExchangeAnswer> {
  try {
    const health = await withDeadline(
      deps.venues.ask(exchange),
      PATIENCE_MS,
      () => new VenueError('UNREACHABLE', `${exchange} did not answer within ${PATIENCE_MS / 1000} s.`),
    )
    return { exchange, ok: true, ...health, message: null }
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    deps.logger.warn({ err: error, exchange }, 'an exchange does not answer')
    return { exchange, ok: false, latencyMs: null, clockDifferenceMs: null, message: error.message }
  }
}
