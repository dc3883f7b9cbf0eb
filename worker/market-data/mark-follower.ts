import type { Logger } from '#trading/config/logger.ts'
import { type Mark, type MarketDataSource, VenueError } from '#trading/domain/exchange.ts'
import type { MarkView } from '#trading/domain/tick/types.ts'
import { makeFundingRates } from './funding-rates.ts'
import { backoffMs } from './pace.ts'
import { makePause } from './pause.ts'
import type { Slots } from './slots.ts'

export type MarkFollower = {
  wish(pollMs: number): void
  /** Null until the mark price has been read once. */
  snapshot(): MarkView | null
  stop(): void
}

type Parts = {
  exchange: string
  symbol: string
  source: () => MarketDataSource
  slots: Slots
  logger: Logger
}

/** Keeps the mark price of one perpetual and its fundings of late up to date until stopped. */
export function followMark(
  { exchange, symbol, source, slots, logger }: Parts,
  firstPollMs: number,
): MarkFollower {
  const fundings = makeFundingRates()
  const pause = makePause()
  let pollMs = firstPollMs
  let mark: { value: Mark; begun: number } | null = null
  let failures = 0
  let fundingFails = false
  let stopped = false

  async function fetchMark(): Promise<Mark> {
    return slots.use(async () => {
      const begun = performance.now()
      const value = await source().fetchMark(symbol)
      mark = { value, begun }
      return value
    })
  }

  /** Fundings that cannot be read do not make the mark price unknown. */
  async function catchUp(value: Mark): Promise<void> {
    try {
      await slots.use(() => fundings.catchUp(source(), symbol, value))
      fundingFails = false
    } catch (error) {
      const known = asVenueError(error)
      if (!fundingFails) logger.warn({ exchange, symbol, err: known }, 'funding rates could not be read')
      fundingFails = true
    }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const began = performance.now()
      let error: VenueError | null = null
      try {
        const value = await fetchMark()
        failures = 0
        if (!stopped) await catchUp(value)
      } catch (caught) {
        error = asVenueError(caught)
        // Once an outage, not once a try.
        if (++failures === 1)
          logger.warn({ exchange, symbol, err: error }, 'the mark price could not be read')
      }
      if (stopped) return
      const due =
        error === null
          ? pollMs - (performance.now() - began)
          : backoffMs(error, failures, pollMs, Math.random())
      await pause.wait(Math.max(20, due))
    }
  }
  void run()

  return {
    wish(next) {
      const faster = next < pollMs
      pollMs = next
      if (faster && failures === 0) pause.end()
    },
    snapshot() {
      if (mark === null) return null
      const { value, begun } = mark
      return { markPrice: value.markPrice, ageMs: performance.now() - begun, fundings: fundings.known() }
    },
    stop() {
      stopped = true
      pause.end()
    },
  }
}

function asVenueError(error: unknown): VenueError {
  return error instanceof VenueError ? error : new VenueError('UNREADABLE', String(error), { cause: error })
}
