import { decimal, plain } from '#trading/domain/money.ts'
import type { Pool } from '#trading/store/pool.ts'
import { type ExportedTrade, type TradeFilter, tradesAfter } from '#trading/store/trade-export.ts'
import { csvLine, textCell } from './csv.ts'

/** Rows that are in memory at a time. */
export const PAGE_SIZE = 1_000

type Column = readonly [name: string, value: (trade: ExportedTrade) => string]

/** Column by column, in order. Times are UTC; money is in the market's quote currency, all digits kept. docs/alerts-and-export.md says what each is. */
export const TRADE_COLUMNS: readonly Column[] = [
  ['time', (trade) => trade.executedAt.toISOString()],
  ['bot_id', (trade) => trade.botId],
  ['bot_name', (trade) => textCell(trade.botName)],
  ['exchange', (trade) => textCell(trade.exchange)],
  ['symbol', (trade) => textCell(trade.symbol)],
  ['mode', (trade) => trade.mode],
  ['side', (trade) => trade.side],
  ['purpose', (trade) => trade.purpose],
  ['amount', (trade) => number(trade.amount)],
  ['price', (trade) => number(trade.price)],
  ['notional', (trade) => plain(decimal(trade.amount).times(trade.price))],
  ['fee', (trade) => number(trade.fee)],
  ['fee_currency', (trade) => textCell(trade.feeCurrency)],
  ['fee_value', (trade) => number(trade.feeValue)],
  ['realized_pnl', (trade) => number(trade.realizedPnl)],
  ['order_id', (trade) => trade.orderId],
  ['client_order_id', (trade) => textCell(trade.clientOrderId)],
  ['exchange_order_id', (trade) => textCell(trade.exchangeOrderId)],
  ['trade_id', (trade) => textCell(trade.tradeId)],
]

/**
 * The user's fills of these bots as CSV, a chunk a page: bot by bot, each in the order in which its fills were booked. A page is read when the one
 * before it has been taken, and no connection is held in between.
 */
export async function* tradesAsCsv(
  pool: Pool,
  userId: string,
  botIds: readonly string[],
  filter: TradeFilter,
): AsyncGenerator<string> {
  yield csvLine(TRADE_COLUMNS.map(([name]) => name))
  for (const botId of botIds) {
    let afterId = '0'
    for (;;) {
      const page = await tradesAfter(pool, { userId, botId, afterId }, filter, PAGE_SIZE)
      if (page.length > 0)
        yield page.map((trade) => csvLine(TRADE_COLUMNS.map(([, value]) => value(trade)))).join('')
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE_SIZE) break
      afterId = last.id
    }
  }
}

function number(value: string | null): string {
  return value === null ? '' : plain(decimal(value))
}
