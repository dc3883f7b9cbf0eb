import type { Logger } from '#trading/config/logger.ts'
import { dispatchDue } from '#trading/store/dispatch.ts'
import type { Pool } from '#trading/store/pool.ts'
import { startLoop, type Loop } from './loop.ts'

/** Jobs of one kind that one dispatch adds at most; what is left is added by the next one, or by another worker. */
const batch = 500

/** Turns what the tables say is due into jobs, every `dispatchMs`. Every worker does; they pass over each other's rows. */
export function startDispatcher(pool: Pool, dispatchMs: number, logger: Logger): Loop {
  return startLoop(
    'dispatcher',
    dispatchMs,
    async () => {
      const added = await dispatchDue(pool, batch)
      if (added.intents > 0) logger.info(added, 'intents that stand are tried again')
      else if (added.ticks + added.settles > 0) logger.trace(added, 'dispatched')
    },
    logger,
  )
}
