/** A worker process for tests: takes one run_bot job and never ends it. Prints its pool's id once it holds the job. */
import { makeLogger } from '#trading/config/logger.ts'
import { makePool } from '#trading/store/pool.ts'
import { startHeartbeat } from './heartbeat.ts'
import { startRunner } from './runner.ts'

const logger = makeLogger('fixture', 'silent')
const pool = makePool(process.env['DATABASE_URL'] ?? '', { max: 5, applicationName: 'fixture', logger })
const heartbeat = startHeartbeat(pool, { heartbeatMs: 200, deadAfterMs: 60_000 }, logger)
const { promise: never } = Promise.withResolvers<void>()
const runner = await startRunner({
  pool,
  heartbeat,
  logger,
  concurrency: 1,
  tasks: {
    run_bot: async () => {
      process.stdout.write(`holding ${runner.poolId}\n`)
      await never
    },
  },
})
