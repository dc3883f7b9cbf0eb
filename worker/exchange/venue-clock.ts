const MAX_AGE_MS = 60_000
const JUMP_MS = 500

export type VenueClock = {
  /** Measures when there is no measure of the last minute, or when the host's clock has jumped since. */
  ready(): Promise<void>
  /** Venue time in milliseconds, never ahead of the truth (it lags by the time that the measure's answer took). */
  now(): number
  /** The venue's reading of an instant of the host's wall clock. */
  fromHost(wallMs: number): number
  /** The venue called our time wrong: measure again at the next `ready`. */
  distrust(): void
}

/**
 * A venue's clock, told by its server time and this process' monotonic clock, so that a correction of the host's wall clock moves
 * nothing. `fetchServerTime` null: the venue tells no time, the host's clock has to do. `onMeasured` hears how far the host's wall clock is
 * ahead of the venue's, taken at the middle of the round trip.
 */
export function makeVenueClock(
  fetchServerTime: (() => Promise<number>) | null,
  onMeasured: (skewMs: number) => void = () => {},
): VenueClock {
  let measure: { server: number; at: number; wallOffset: number } | null = null
  let measuring: Promise<void> | null = null

  async function remeasure(fetchTime: () => Promise<number>): Promise<void> {
    const asked = Date.now()
    const server = await fetchTime()
    // The server read its clock before its answer came in: taking that for "now" errs to the safe side.
    measure = { server, at: performance.now(), wallOffset: wallOffset() }
    onMeasured((asked + Date.now()) / 2 - server)
  }

  function fresh(): boolean {
    return (
      measure !== null &&
      performance.now() - measure.at < MAX_AGE_MS &&
      Math.abs(wallOffset() - measure.wallOffset) < JUMP_MS
    )
  }

  const now = () => (measure === null ? Date.now() : measure.server + (performance.now() - measure.at))
  return {
    async ready() {
      if (fetchServerTime === null || fresh()) return
      measuring ??= remeasure(fetchServerTime).finally(() => {
        measuring = null
      })
      await measuring
    },
    now,
    fromHost: (wallMs) => wallMs - (Date.now() - now()),
    distrust() {
      measure = null
    },
  }
}

/** Constant while nobody sets the host's clock and the machine does not sleep. */
function wallOffset(): number {
  return Date.now() - performance.now()
}
