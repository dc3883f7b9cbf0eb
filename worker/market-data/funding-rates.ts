import type { FundingRate, Mark, MarketDataSource } from '#trading/domain/exchange.ts'

/** Fundings are known so far back: a worker that was away for longer has missed some of PAPER. */
const KEPT_MS = 8 * 86_400_000
const FIRST_LOOK_BACK_MS = 7 * 86_400_000
/** A venue shows a funding some moments after its instant; it is asked again after this, for so long. */
const ASK_AGAIN_MS = 15_000
const GIVEN_UP_AFTER_MS = 600_000
/** Asked so often whatever the venue names: it may settle off its schedule, or change it, and not every venue names a time. */
const ASK_ANYWAY_MS = 300_000
/** Instants of one and the same funding differ by some milliseconds between a venue's answers. */
const SAME_MS = 60_000

/** The fundings of one perpetual, read at first, after each instant that the venue names, and every five minutes. */
export type FundingRates = {
  known(): readonly FundingRate[]
  /** Asks the venue where something new is due. @throws VenueError */
  catchUp(source: MarketDataSource, symbol: string, mark: Mark, now?: Date): Promise<void>
}

export function makeFundingRates(): FundingRates {
  let known: readonly FundingRate[] = []
  let awaited: Date | null = null
  let asked: Date | null = null

  function isDue(now: Date): boolean {
    if (asked === null) return true
    const since = now.getTime() - asked.getTime()
    return since >= ASK_ANYWAY_MS || (awaited !== null && now >= awaited && since >= ASK_AGAIN_MS)
  }

  return {
    known: () => known,
    async catchUp(source, symbol, { nextFundingAt }, now = new Date()) {
      // An instant that was told earlier stays awaited until it has come, though the venue names the one after it by then.
      if (awaited === null || (nextFundingAt !== null && nextFundingAt < awaited)) awaited = nextFundingAt
      if (!isDue(now)) return
      const first = asked === null
      asked = now
      const since = known.at(-1)?.at ?? new Date(now.getTime() - FIRST_LOOK_BACK_MS)
      const told = await source.fetchFundingRates(symbol, since).catch((error: unknown) => {
        if (first) asked = null
        throw error
      })
      const news = told.filter(({ at }) => at > since)
      known = [...known, ...news].filter(({ at }) => now.getTime() - at.getTime() <= KEPT_MS)
      if (awaited === null || now < awaited) return
      const newest = known.at(-1)?.at.getTime() ?? -Infinity
      const came = newest >= awaited.getTime() - SAME_MS
      if (came || now.getTime() - awaited.getTime() > GIVEN_UP_AFTER_MS) awaited = nextFundingAt
    },
  }
}
