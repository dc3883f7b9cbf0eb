import { readEnvOrExit, type Env } from '#trading/config/env.ts'
import { makeLogger, type Logger } from '#trading/config/logger.ts'
import { claimMasterKey, wrongMasterKey } from '#trading/store/master-key.ts'
import { makePool } from '#trading/store/pool.ts'
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
  await awaitDatabase(env, logger, stopRequested)
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

/** Waits for the database for half a minute; the master key must be its own. Exits 1 otherwise. */
async function awaitDatabase(env: Env, logger: Logger, stopRequested: Promise<unknown>): Promise<void> {
  const pool = makePool(env.databaseUrl, { max: 1, applicationName: 'tradebot-worker-start', logger })
  const deadline = performance.now() + 30_000
  for (;;) {
    try {
      if (await claimMasterKey(pool, env.masterKey)) break
      refuse(wrongMasterKey)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (performance.now() > deadline)
        refuse(
          `The database does not answer as it should (${reason}). Is it up, and migrated (npm run migrate)?`,
        )
      logger.warn({ err: error }, 'the database is not ready; trying again')
    }
    const pause = new Promise((resolve) => setTimeout(resolve, 1_000, 'again'))
    if ((await Promise.race([pause, stopRequested])) !== 'again') process.exit(0)
  }
  await pool.end()
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function die(error: unknown, what: string): void {
  logger.fatal({ err: error }, `${what} ends the worker`)
  process.exit(1)
}
