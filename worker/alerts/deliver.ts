import type { Logger } from '#trading/config/logger.ts'
import { claimDeliveries, type Delivery, recordFailure, recordSent } from '#trading/store/alert-deliveries.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { Send } from './send.ts'

/** Deliveries under way in this process at most; one a channel. */
const MOST_AT_ONCE = 8

/** How long one attempt may take; a person waits in front of a test. */
export type Patience = { sendMs: number; testMs: number }

const PATIENCE: Patience = { sendMs: 10_000, testMs: 8_000 }

/** What was sent by a process that died before it could say so is sent again after this; receivers know it by its id. */
const LEASE_MARGIN_MS = 20_000

export type Courier = {
  /** One look for what is due, one at a time; resolves when that is under way, not when it has arrived. */
  look(): Promise<void>
  /** Breaks off what is under way. */
  stop(): Promise<void>
}

/** Sends what is due, off the trading path: beside the jobs, with a pool and a limit of its own. */
export function makeCourier(
  deps: { pool: Pool; send: Send; logger: Logger },
  { sendMs, testMs }: Patience = PATIENCE,
): Courier {
  const { pool, send, logger } = deps
  const stopping = new AbortController()
  const underWay = new Map<string, Promise<void>>()

  const look = async () => {
    const most = MOST_AT_ONCE - underWay.size
    if (most <= 0 || stopping.signal.aborted) return
    const leaseMs = sendMs + LEASE_MARGIN_MS
    for (const delivery of await claimDeliveries(pool, {
      most,
      busyChannels: [...underWay.keys()],
      leaseMs,
    })) {
      const { id } = delivery.channel
      const done = deliver(delivery)
        .catch((error: unknown) =>
          logger.error({ err: error, delivery: delivery.id }, 'an alert was sent, or not, but not recorded'),
        )
        .finally(() => underWay.delete(id))
      underWay.set(id, done)
    }
  }

  const deliver = async (delivery: Delivery) => {
    const patience = AbortSignal.timeout(delivery.alert.kind === 'TEST' ? testMs : sendMs)
    const failure = await send(delivery, AbortSignal.any([patience, stopping.signal]))
    const about = { delivery: delivery.id, channel: delivery.channel.id, attempt: delivery.attempt }
    if (failure === null) {
      await recordSent(pool, delivery)
      logger.info(about, 'alert sent')
      return
    }
    const delayMs = await recordFailure(pool, delivery, failure)
    logger.warn({ ...about, why: failure.message, delayMs }, 'alert not sent')
  }

  return {
    look,
    async stop() {
      stopping.abort()
      await Promise.all(underWay.values())
    },
  }
}
