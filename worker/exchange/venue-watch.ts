import { z } from 'zod'
import type { Logger } from '#trading/config/logger.ts'
import type { Pool } from '#trading/store/pool.ts'
import { recordAnswering, recordMaintenance } from '#trading/store/venue-status.ts'
import { isBinanceClient, type Client } from './ccxt.ts'
import { maintenanceWords, toVenueError } from './errors.ts'

/** Notes for people whether a venue is being maintained: once when it begins, once when it ends. */
export type VenueWatch = {
  /** A good answer came from this address. */
  answered(url: string): void
  /** A call failed; where the venue does not answer as it should, its status page is asked why. */
  failed(error: unknown, client: () => Client): void
}

const ASK_EVERY_MS = 30_000
/** Another worker may have noted the maintenance; its end is written by whoever gets an answer. */
const NOTE_EVERY_MS = 30_000

/** Answers even while the rest is closed. */
const STATUS_PATH = '/sapi/v1/system/status'
const systemStatus = z.object({ status: z.number(), msg: z.string() })

/** `parts` null: nothing is noted. */
export function makeVenueWatch(exchangeId: string, parts: { pool: Pool; logger: Logger } | null): VenueWatch {
  if (parts === null) return { answered: () => {}, failed: () => {} }
  const { pool, logger } = parts
  let maintained = false
  let notedAt = Number.NEGATIVE_INFINITY
  let askedAt = Number.NEGATIVE_INFINITY

  const note = (what: Promise<void>) => {
    what.catch((error: unknown) => {
      logger.warn({ err: error, exchange: exchangeId }, 'the status of an exchange could not be written down')
    })
  }

  async function begin(words: string): Promise<void> {
    maintained = true
    if (await recordMaintenance(pool, exchangeId, words))
      logger.warn({ exchange: exchangeId }, `the exchange is being maintained: ${words}`)
  }

  async function end(): Promise<void> {
    if (await recordAnswering(pool, exchangeId))
      logger.info({ exchange: exchangeId }, 'the exchange answers again')
  }

  /** Binance's wallet API says so even while its trading API is closed. */
  async function askWhy(client: Client): Promise<void> {
    if (!isBinanceClient(client)) return
    try {
      const answer = systemStatus.safeParse(await client.sapiGetSystemStatus())
      if (answer.data?.status === 1) await begin(`System maintenance (${answer.data.msg}).`)
    } catch (error) {
      logger.debug({ err: error, exchange: exchangeId }, 'the status of the exchange could not be asked')
    }
  }

  return {
    answered(url) {
      if (url.includes(STATUS_PATH)) return
      const now = performance.now()
      if (!maintained && now - notedAt < NOTE_EVERY_MS) return
      maintained = false
      notedAt = now
      note(end())
    },
    failed(error, client) {
      const words = maintenanceWords(error)
      if (words !== null) {
        if (!maintained) note(begin(words))
        maintained = true
        return
      }
      const now = performance.now()
      if (toVenueError(error).kind !== 'UNREACHABLE' || now - askedAt < ASK_EVERY_MS) return
      askedAt = now
      note(askWhy(client()))
    },
  }
}
