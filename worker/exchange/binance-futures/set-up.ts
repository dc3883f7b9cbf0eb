import { VenueError } from '#trading/domain/exchange.ts'
import type { BinanceClient } from '../ccxt.ts'
import { isBinanceCode } from '../errors.ts'
import type { Venue } from '../venue.ts'
import { configRows, dualSide, positionRows } from './shapes.ts'

export type SymbolConfig = { leverage: number; isolated: boolean }

/** Leverage and margin mode of a market, as the account has set them. @throws VenueError */
export async function symbolConfig(
  venue: Venue,
  client: BinanceClient,
  market: string,
): Promise<SymbolConfig> {
  return venue.call(async () => {
    const rows = configRows.parse(await client.fapiPrivateGetSymbolConfig({ symbol: market }))
    const row = rows.find(({ symbol }) => symbol === market)
    if (row === undefined) throw new VenueError('UNREADABLE', `The settings of ${market} were not told.`)
    return { leverage: row.leverage, isolated: row.marginType === 'ISOLATED' }
  })
}

/** Isolated margin, this leverage: asked for first, and only what differs is changed. @throws VenueError REFUSED with a sentence that says what a person must change */
export async function setUpMarket(
  venue: Venue,
  client: BinanceClient,
  market: string,
  leverage: number,
): Promise<void> {
  const config = await symbolConfig(venue, client, market)
  if (!config.isolated)
    await change(
      () => venue.call(() => client.fapiPrivatePostMarginType({ symbol: market, marginType: 'ISOLATED' })),
      // It is isolated already.
      [-4046],
      [
        [
          [-4047, -4048],
          `${market} at ${venue.id} is on cross margin and has open orders or a position: close them, so that it can be changed to isolated margin.`,
        ],
        [
          [-4168],
          `The account at ${venue.id} is in multi-assets mode, which has no isolated margin: switch it to single-asset mode.`,
        ],
      ],
    )
  if (config.leverage !== leverage)
    await change(
      () => venue.call(() => client.fapiPrivatePostLeverage({ symbol: market, leverage })),
      [],
      [
        [[-4028], `${market} at ${venue.id} allows no leverage of ${leverage}: choose a lower one.`],
        [
          [-4161],
          `${venue.id} does not lower the leverage of ${market} while a position is open: close it first, or set the bot's leverage to ${config.leverage}.`,
        ],
        [
          [-2027, -4300, -4301, -4302],
          `${venue.id} does not allow a leverage of ${leverage} on ${market} for this account: choose a lower one.`,
        ],
      ],
    )
}

/** One-way mode: a bot's position is one for each market, and in hedge mode there are two. @throws VenueError REFUSED while something is open */
export async function leaveHedgeMode(venue: Venue, client: BinanceClient): Promise<void> {
  const asked = await venue.call(async () => dualSide.parse(await client.fapiPrivateGetPositionSideDual()))
  if (!asked.dualSidePosition) return
  const sentence = `The futures account at ${venue.id} is in hedge mode and has open orders or positions: close them, or switch it to one-way mode.`
  const [held, orders, algos] = await Promise.all([
    venue.call(async () => positionRows.parse(await client.fapiPrivateV3GetPositionRisk())),
    venue.call(async () => rowsOf(await client.fapiPrivateGetOpenOrders())),
    venue.call(async () => rowsOf(await client.fapiPrivateGetOpenAlgoOrders())),
  ])
  if (held.some(({ positionAmt }) => !positionAmt.isZero()) || orders + algos > 0)
    throw new VenueError('REFUSED', sentence)
  await change(
    () => venue.call(() => client.fapiPrivatePostPositionSideDual({ dualSidePosition: 'false' })),
    // Somebody else did it meanwhile.
    [-4059],
    [[[-4067, -4068], sentence]],
  )
}

function rowsOf(answer: unknown): number {
  if (Array.isArray(answer)) return answer.length
  throw new VenueError('UNREADABLE', 'The exchange did not list the open orders.')
}

/** Does `work`; `done` are codes that say that there is nothing to do, `refusals` those that people get a sentence for. */
async function change(
  work: () => Promise<unknown>,
  done: readonly number[],
  refusals: readonly (readonly [readonly number[], string])[],
): Promise<void> {
  try {
    await work()
  } catch (error) {
    const cause = error instanceof VenueError ? error.cause : error
    if (isBinanceCode(cause, ...done)) return
    const sentence = refusals.find(([codes]) => isBinanceCode(cause, ...codes))?.[1]
    if (sentence !== undefined) throw new VenueError('REFUSED', sentence, { cause })
    throw error
  }
}
