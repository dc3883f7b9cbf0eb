import type { VenuePosition } from '../domain/exchange.ts'
import { plain } from '../domain/money.ts'
import type { Db } from './pool.ts'

/** Venues round, and value with a mark price of their own: so little is no difference. A part of the price. */
const SAME = '0.0005'

/**
 * The venue's own word on where a position is liquidated, where it is not what the first tier's formula says: a large position is in a higher
 * tier, and a person may have added margin. Of the price alone, which is for people to see; the margin in the books is what the bot paid.
 */
export async function noteLiquidationPrice(
  db: Db,
  apiKeyId: string,
  symbol: string,
  { side, amount, liquidationPrice }: VenuePosition,
): Promise<void> {
  if (liquidationPrice === null) return
  await db.query(
    `UPDATE positions p SET liquidation_price = $5 FROM bot_configs c
     WHERE c.id = p.bot_id AND c.api_key_id = $1 AND c.symbol = $2 AND c.mode = 'LIVE' AND c.deleted_at IS NULL
       AND p.closed_at IS NULL AND p.leverage IS NOT NULL AND p.side = $3::"OrderSide" AND p.amount = $4::numeric
       AND (p.liquidation_price IS NULL OR abs(p.liquidation_price - $5::numeric) > $5::numeric * $6::numeric)`,
    [apiKeyId, symbol, side, plain(amount), plain(liquidationPrice), SAME],
  )
}
