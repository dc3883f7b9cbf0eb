import type { Market as MarketRow } from '#prisma/generated/client.ts'
import { ensureMarkets } from '#trading/store/known-markets.ts'
import { builder } from './builder.ts'
import { PositionTypeEnum } from './enums.ts'
import { offeredExchange } from './exchange.ts'
import { countArgument } from './viewer.ts'

const Market = builder.objectRef<MarketRow>('Market').implement({
  fields: (t) => ({
    symbol: t.exposeString('symbol'),
    base: t.exposeString('base'),
    quote: t.exposeString('quote'),
    type: t.expose('type', { type: PositionTypeEnum }),
    priceTick: t.expose('priceTick', { type: 'Decimal', nullable: true }),
    amountStep: t.expose('amountStep', { type: 'Decimal', nullable: true }),
    minAmount: t.expose('minAmount', { type: 'Decimal', nullable: true }),
    minCost: t.expose('minCost', { type: 'Decimal', nullable: true }),
    maxLeverage: t.exposeInt('maxLeverage', { nullable: true }),
  }),
})

builder.queryField('markets', (t) =>
  t.field({
    type: [Market],
    description:
      'Markets that trade now, by symbol. Asks a worker first where they are unknown or a day old.',
    args: {
      exchange: t.arg.string({ required: true }),
      search: t.arg.string(),
      first: t.arg.int({ defaultValue: 50 }),
    },
    resolve: async (_root, args, { services: { env, pool, prisma } }) => {
      const exchange = offeredExchange(env, args.exchange)
      const take = countArgument('first', args.first, 50, 5_000)
      await ensureMarkets(pool, exchange, { deadAfterMs: env.timing.deadAfterMs })
      const search = args.search?.trim() ?? ''
      return prisma.market.findMany({
        where: { exchange, active: true, symbol: { contains: escapeLike(search), mode: 'insensitive' } },
        orderBy: { symbol: 'asc' },
        take,
      })
    },
  }),
)

/** Prisma hands `contains` to ILIKE as it is: what people type is text, not a pattern. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
