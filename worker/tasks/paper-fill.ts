import type { Bot } from '#trading/domain/bot.ts'
import type { Market } from '#trading/domain/market.ts'
import { ceilToStep, Decimal, floorToStep, percentOf } from '#trading/domain/money.ts'
import type { Order } from '#trading/domain/order.ts'
import type { Evidence } from '#trading/store/booking.ts'

/**
 * A PAPER order fills whole at the current price, worsened by the bot's slippage and rounded to the tick against the bot. The fee is taken
 * in quote currency: price × amount × paperFeePerc / 100, rounded up to 18 decimals.
 */
export function fillOnPaper(bot: Bot, order: Order, market: Market, lastPrice: Decimal, now: Date): Evidence {
  const slippage = percentOf(lastPrice, bot.paperSlippagePerc)
  const price =
    order.side === 'BUY'
      ? ceilToStep(lastPrice.plus(slippage), market.priceTick)
      : Decimal.max(
          floorToStep(lastPrice.minus(slippage), market.priceTick),
          market.priceTick ?? new Decimal('1e-18'),
        )
  const fee = percentOf(price.times(order.amount), bot.paperFeePerc).toDecimalPlaces(18, Decimal.ROUND_UP)
  const exchangeOrderId = `paper-${order.id}`
  return {
    status: 'FILLED',
    exchangeOrderId,
    fills: [
      {
        tradeId: '1',
        exchangeOrderId,
        side: order.side,
        amount: order.amount,
        price,
        fee,
        feeCurrency: market.quote,
        executedAt: now,
      },
    ],
  }
}
