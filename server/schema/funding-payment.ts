import { builder } from './builder.ts'

export const FundingPayment = builder.prismaObject('FundingPayment', {
  description:
    'What longs pay shorts, or shorts longs, every few hours to keep a perpetual near its index. Part of profit.',
  fields: (t) => ({
    id: t.id({ resolve: (payment) => String(payment.id) }),
    amount: t.expose('amount', { type: 'Decimal', description: 'Received is positive, paid negative.' }),
    currency: t.exposeString('currency'),
    paidAt: t.expose('paidAt', { type: 'DateTime', description: 'When the exchange settled it.' }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When the books learned of it: it counts on that day.',
    }),
  }),
})
