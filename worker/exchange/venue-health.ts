import { VenueError } from '#trading/domain/exchange.ts'
import { timeTeller } from './ccxt.ts'
import type { Venue } from './venue.ts'

/** How a venue answered one public call. Milliseconds; `clockDifferenceMs`: how far this host's wall clock is ahead, null where no time is told. */
export type VenueHealth = { latencyMs: number; clockDifferenceMs: number | null }

/** Of a venue whose spot and futures are two APIs: the worse of both. */
export async function askBoth(spot: Venue, futures: Venue): Promise<VenueHealth> {
  const [one, other] = await Promise.all([askVenue(spot), futures === spot ? null : askFutures(futures)])
  if (other === null) return one
  const latencyMs = Math.max(one.latencyMs, other.latencyMs)
  const [first, second] = [one.clockDifferenceMs, other.clockDifferenceMs]
  if (first === null || second === null) return { latencyMs, clockDifferenceMs: first ?? second }
  return { latencyMs, clockDifferenceMs: Math.abs(second) > Math.abs(first) ? second : first }
}

/** Asks a venue for its time; one that tells none for its state, or else its markets. @throws VenueError */
async function askVenue(venue: Venue): Promise<VenueHealth> {
  const askTime = timeTeller(venue.client)
  const [began, asked] = [performance.now(), Date.now()]
  if (askTime === null) {
    await venue.call(() => askState(venue))
    return { latencyMs: Math.round(performance.now() - began), clockDifferenceMs: null }
  }
  const time = Number(await venue.call(askTime))
  const latencyMs = Math.round(performance.now() - began)
  if (!Number.isFinite(time) || time <= 0)
    throw new VenueError('UNREADABLE', `${venue.id} does not tell a time that can be read.`)
  return { latencyMs, clockDifferenceMs: Math.round((asked + Date.now()) / 2 - time) }
}

async function askFutures(futures: Venue): Promise<VenueHealth> {
  try {
    return await askVenue(futures)
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    throw new VenueError(error.kind, `Its futures: ${error.message}`, {
      cause: error,
      retryAfterMs: error.retryAfterMs,
    })
  }
}

async function askState({ id, client }: Venue): Promise<void> {
  if (client.has['fetchStatus'] !== true) return void (await client.loadMarkets(true))
  const answer: unknown = await client.fetchStatus()
  const status: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'status') : null
  if (status !== 'ok') throw new VenueError('UNREACHABLE', `${id} says that its state is ${String(status)}.`)
}
