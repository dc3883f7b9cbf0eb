import { type Decimal, decimal } from '#trading/domain/money.ts'
import { unrealizedPnl as unrealizedPnlOf } from '#trading/domain/position.ts'
import type { BotRow } from '../live/bot-row.ts'
import { builder } from './builder.ts'
import { OrderSideEnum } from './enums.ts'

type PositionRow = BotRow['positions'][number]

/** The open position with the bot around it, whose last price values it. */
type HeldPosition = { position: PositionRow; bot: BotRow }

export const Position = builder.objectRef<HeldPosition>('Position').implement({
  description: 'side BUY is long, SELL is short. Prices and profit in the quote currency.',
  fields: (t) => ({
    side: t.field({ type: OrderSideEnum, resolve: ({ position }) => position.side }),
    amount: t.field({ type: 'Decimal', resolve: ({ position }) => position.amount }),
    averagePrice: t.field({ type: 'Decimal', resolve: ({ position }) => position.averagePrice }),
    stopLossPrice: t.field({
      type: 'Decimal',
      nullable: true,
      resolve: ({ position }) => position.stopLossPrice,
    }),
    takeProfitPrice: t.field({
      type: 'Decimal',
      nullable: true,
      resolve: ({ position }) => position.takeProfitPrice,
    }),
    liquidationPrice: t.field({
      type: 'Decimal',
      nullable: true,
      resolve: ({ position }) => position.liquidationPrice,
    }),
    leverage: t.int({
      nullable: true,
      description: 'FUTURES only, as margin and funding.',
      resolve: ({ position }) => position.leverage,
    }),
    margin: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Isolated margin that backs the position, in the quote currency.',
      resolve: ({ position }) => position.margin,
    }),
    funding: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Funding booked so far; received is positive. It is part of the profit.',
      resolve: ({ position }) => position.funding,
    }),
    unrealizedPnl: t.field({ type: 'Decimal', nullable: true, resolve: unrealizedPnl }),
    openedAt: t.field({ type: 'DateTime', resolve: ({ position }) => position.openedAt }),
    protectedAtExchange: t.boolean({
      description: 'A stop order of this position rests at the exchange.',
      resolve: ({ bot }) => bot.orders.length > 0,
    }),
    exchangeStopPrice: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Where the stop order that rests at the exchange is triggered; null where none rests.',
      resolve: ({ bot }) => bot.orders[0]?.stopPrice ?? null,
    }),
    unprotectedBecause: t.string({
      nullable: true,
      description: 'Why no stop order rests at the exchange, where one should.',
      resolve: ({ bot }) => (bot.orders.length > 0 ? null : (bot.state?.stopNotice ?? null)),
    }),
  }),
})

/** The bot's open position, or null. */
export function heldPosition(bot: BotRow): HeldPosition | null {
  const position = bot.positions[0]
  return position === undefined || position.amount.isZero() ? null : { position, bot }
}

/**
 * At the price of the last tick (of FUTURES the mark price), as equity counts it: the entry's fees are in it, those of an exit are not; null
 * before the first.
 */
function unrealizedPnl({ position, bot }: HeldPosition): Decimal | null {
  const price = bot.state?.markPrice ?? bot.state?.lastPrice
  if (price == null) return null
  const { side, amount, cost } = position
  const held = { side, amount: decimal(amount.toFixed()), cost: decimal(cost.toFixed()) }
  return unrealizedPnlOf(held, decimal(price.toFixed()))
}
