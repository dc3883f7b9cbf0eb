import { readEnvOrExit, type Env } from '#trading/config/env.ts'
import { makeLogger, type Logger } from '#trading/config/logger.ts'
import { whyUnusable } from '#trading/store/database-check.ts'
import { makePool } from '#trading/store/pool.ts'
import { knowsVenue } from './exchange/ccxt.ts'
import { startWorker } from './process.ts'
import { handlers } from './tasks.ts'

const env = readEnvOrExit()
const logger = makeLogger('worker', env.logLevel)

// A floating rejection is a fault of ours: say it in the log, and let the supervisor start anew from what the database knows.
process.on('unhandledRejection', (error) => die(error, 'an unhandled rejection'))
process.on('uncaughtException', (error) => die(error, 'an uncaught exception'))

await main(env, logger)

async function main(env: Env, logger: Logger): Promise<void> {
  const stopRequested = new Promise<NodeJS.Signals>((resolve) => {
    // Both stay heard: npm and the terminal each send one, and the second must not kill what is ending.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
  })
  checkVenues(env)
  await checkDatabase(env, logger)
  const worker = await startWorker(env, handlers, logger)
  logger.info({ workerId: worker.workerId, pid: process.pid }, 'the worker is ready')
  const ending = await Promise.race([
    stopRequested.then((signal) => ({ signal })),
    worker.ended.then((fault) => ({ fault })),
  ])
  if ('signal' in ending) logger.info({ signal: ending.signal }, 'the worker is stopping')
  else logger.fatal({ err: ending.fault }, 'the job runner ended by itself')
  await worker.stop()
  logger.info('the worker has stopped')
  process.exit('signal' in ending ? 0 : 1)
}

/** Exits 1 with one sentence when the database cannot be worked on: who started us starts us again. */
async function checkDatabase(env: Env, logger: Logger): Promise<void> {
  const pool = makePool(env.databaseUrl, { max: 1, applicationName: 'tradebot-worker-start', logger })
  const problem = await whyUnusable(pool, env.masterKey)
  await pool.end()
  if (problem !== null) refuse(problem)
}

/** Only a worker can tell: no other process loads ccxt. */
function checkVenues(env: Env): void {
  const unknown = env.exchanges.filter((id) => !knowsVenue(id))
  if (unknown.length > 0)
    refuse(
      `TRADEBOT_EXCHANGES names ${unknown.join(', ')}, which ccxt does not know; see its list of exchange ids.`,
    )
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function die(error: unknown, what: string): void {
  logger.fatal({ err: error }, `${what} ends the worker`)
  process.exit(1)
}
