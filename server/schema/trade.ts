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
    realizedPnl: t.expose('realizedPnl', { type: 'Decimal', nullable: true }),
    executedAt: t.expose('executedAt', { type: 'DateTime' }),
  }),
})
