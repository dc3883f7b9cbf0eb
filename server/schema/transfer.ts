import { builder } from './builder.ts'

export const Transfer = builder.prismaObject('Transfer', {
  fields: (t) => ({
    id: t.id({ resolve: (transfer) => String(transfer.id) }),
    fromWallet: t.exposeString('fromWallet'),
    toWallet: t.exposeString('toWallet'),
    amount: t.expose('amount', { type: 'Decimal' }),
    currency: t.exposeString('currency'),
    status: t.exposeString('status'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
})
