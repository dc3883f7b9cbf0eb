import { builder } from './builder.ts'
import { OrderSideEnum } from './enums.ts'

export const Trade = builder.prismaObject('Fill', {
  name: 'Trade',
  description: 'One fill, as the exchange reports it.',
  fields: (t) => ({
    id: t.id({ resolve: (fill) => String(fill.id) }),
    orderId: t.id({ resolve: (fill) => String(fill.orderId) }),
    side: t.expose('side', { type: OrderSideEnum }),
    amount: t.expose('amount', { type: 'Decimal' }),
    price: t.expose('price', { type: 'Decimal' }),
    fee: t.expose('fee', { type: 'Decimal' }),
    feeCurrency: t.exposeString('feeCurrency'),
    feeValue: t.expose('feeValue', {
      type: 'Decimal',
      nullable: true,
      description:
        'The fee in quote currency, at the price when it was booked; null: no price of its currency was known, and no profit contains it.',
    }),
    realizedPnl: t.expose('realizedPnl', { type: 'Decimal', nullable: true }),
    executedAt: t.expose('executedAt', { type: 'DateTime' }),
  }),
})
