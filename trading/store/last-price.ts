import { type Decimal, decimal } from '../domain/money.ts'
import type { Db } from './pool.ts'

/** The close of the market's newest candle that anybody followed in the last day, whatever its timeframe; null where there is none. */
export async function lastKnownPrice(db: Db, exchange: string, symbol: string): Promise<Decimal | null> {
  const { rows } = await db.query<{ close: string }>(
    `SELECT close FROM candles WHERE exchange = $1 AND symbol = $2 AND open_time > tradebot_now() - interval '1 day'
     ORDER BY updated_at DESC, open_time DESC LIMIT 1`,
    [exchange, symbol],
  )
  return rows[0] === undefined ? null : decimal(rows[0].close)
}
