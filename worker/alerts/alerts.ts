import type { Env } from '#trading/config/env.ts'
import type { Logger } from '#trading/config/logger.ts'
import { makePool } from '#trading/store/pool.ts'
import { type Loop, startLoop } from '../loop.ts'
import { makeCourier } from './deliver.ts'
import { makeSend } from './send.ts'
import { watchForTrouble } from './watch.ts'

const WATCH_MS = 1_000
const DELIVER_MS = 1_000
/** Tables are asked this seldom, and not at first: bots that were late while no worker ran tick within a moment of its start. */
const TABLES_EVERY = 5
const FIRST_TABLES_MS = 10_000

/** Alerts, beside the trading and never on its way: loops and connections of their own, and what they read is written already. */
export function startAlerts(env: Env, logger: Logger): Loop {
  const pool = makePool(env.databaseUrl, { max: 3, applicationName: 'tradebot-alerts', logger })
  const startedAt = performance.now()
  let turns = 0
  const watch = startLoop(
    'alerts',
    WATCH_MS,
    async () => {
      const withTables = turns++ % TABLES_EVERY === 0 && performance.now() - startedAt > FIRST_TABLES_MS
      const told = await watchForTrouble(pool, withTables)
      if (told) logger.info({ alerts: told }, 'alerts raised')
    },
    logger,
  )
  const courier = makeCourier({ pool, send: makeSend(env), logger })
  const deliveries = startLoop('alert deliveries', DELIVER_MS, courier.look, logger)
  return {
    async stop() {
      await Promise.all([watch.stop(), deliveries.stop(), courier.stop()])
      await pool.end()
    },
  }
}
