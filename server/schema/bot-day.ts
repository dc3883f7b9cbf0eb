import { builder } from './builder.ts'

export const BotDay = builder.prismaObject('BotDay', {
  description: "What a bot's UTC day has consumed. A closed day never changes.",
  fields: (t) => ({
    date: t.string({ description: 'YYYY-MM-DD.', resolve: (day) => day.day.toISOString().slice(0, 10) }),
    startEquity: t.expose('startEquity', { type: 'Decimal' }),
    realizedPnl: t.expose('realizedPnl', { type: 'Decimal' }),
    unrealizedPnl: t.expose('unrealizedPnl', { type: 'Decimal' }),
    fees: t.expose('fees', { type: 'Decimal' }),
    funding: t.expose('funding', {
      type: 'Decimal',
      description: 'Part of realizedPnl: funding received (positive) or paid. 0 for SPOT.',
    }),
    tradeCount: t.exposeInt('tradeCount'),
  }),
})
