import type { VenueFill } from '../domain/exchange.ts'
import type { Market } from '../domain/market.ts'
import type { Order } from '../domain/order.ts'
import { type FeePrices, feeValue } from '../domain/position.ts'
import type { NewEvent } from './events.ts'
import type { Tx } from './pool.ts'

/** Fees that could not be valued are in no profit: a person is told so, once for a bot and a currency. */
export async function tellUnvalued(
  tx: Tx,
  order: Order,
  market: Market,
  fresh: readonly VenueFill[],
  prices: FeePrices,
  events: NewEvent[],
): Promise<void> {
  const currencies = new Set(
    fresh.filter((fill) => feeValue(fill, market, prices) === null).map((fill) => fill.feeCurrency),
  )
  for (const currency of currencies) {
    const message = `Fees are paid in ${currency}, and no price of ${currency} in ${market.quote} is known: profit and fees of the bot do not contain them.`
    const { rows } = await tx.query<{ told: boolean }>(
      `SELECT EXISTS (SELECT FROM bot_events WHERE bot_id = $1 AND type = 'FEE_UNVALUED' AND message = $2) AS told`,
      [order.botId, message],
    )
    if (rows[0]?.told !== true) events.push({ botId: order.botId, type: 'FEE_UNVALUED', message })
  }
}
