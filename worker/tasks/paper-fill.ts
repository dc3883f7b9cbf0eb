import type { Bot } from '#trading/domain/bot.ts'
import type { Market } from '#trading/domain/market.ts'
import type { Decimal } from '#trading/domain/money.ts'
import type { Order } from '#trading/domain/order.ts'
import { paperOutcome } from '#trading/domain/paper/paper-fill.ts'
import type { Evidence } from '#trading/store/booking.ts'

/** What becomes of a PAPER order: `trading/domain/paper` says at which price and fee. */
export function fillOnPaper(bot: Bot, order: Order, market: Market, lastPrice: Decimal, now: Date): Evidence {
  const exchangeOrderId = `paper-${order.id}`
  const { side, amount, price } = order
  return {
    exchangeOrderId,
    ...paperOutcome({ exchangeOrderId, side, amount, price }, bot, market, lastPrice, now),
  }
}
