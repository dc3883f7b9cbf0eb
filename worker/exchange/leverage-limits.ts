import { VenueError, type Credentials, type LeverageLimits } from '#trading/domain/exchange.ts'
import { bracketRows } from './binance-futures/shapes.ts'
import { makeBinanceClient, speaksBinance } from './ccxt.ts'
import type { ExchangeSettings } from './settings.ts'
import type { Venue } from './venue.ts'

/**
 * The leverage limits that Binance tells its customers only; null where the public answer has them, as far as they are told. `venue`: of
 * the futures API. @throws VenueError
 */
export async function readLeverageLimits(
  venue: Venue,
  credentials: Credentials,
  settings: ExchangeSettings,
): Promise<LeverageLimits | null> {
  if (!speaksBinance(venue.id)) return null
  const client = makeBinanceClient(venue.id, settings, credentials, 'FUTURES')
  venue.adopt(client, undefined, () => 'DATA')
  client.nonce = () => Math.floor(venue.clock.now())
  try {
    await venue.clock.ready()
    const rows = await venue.call(async () => bracketRows.parse(await client.fapiPrivateGetLeverageBracket()))
    const tiers = new Map(rows.map((row) => [row.symbol, row.brackets]))
    const limits: LeverageLimits = new Map()
    for (const market of Object.values(venue.client.markets ?? {})) {
      const brackets = market?.swap === true ? tiers.get(String(market.id)) : undefined
      // The first tier is that of the smallest positions, and has the highest leverage.
      const first = brackets?.toSorted((a, b) => a.notionalFloor.comparedTo(b.notionalFloor))[0]
      if (market === undefined || first === undefined) continue
      limits.set(market.symbol, {
        maxLeverage: Math.floor(first.initialLeverage),
        maintenanceMarginPerc: first.maintMarginRatio.times(100),
      })
    }
    if (limits.size === 0) throw new VenueError('UNREADABLE', `${venue.id} named no leverage limits.`)
    return limits
  } finally {
    await client.close()
  }
}
