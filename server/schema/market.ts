import { listMarkets, MARKET_ORDERS, type MarketChoice } from '#trading/store/market-list.ts'
import { knowMarkets } from '../market-data/know-markets.ts'
import { builder } from './builder.ts'
import { PositionTypeEnum } from './enums.ts'
import { offeredExchange } from './exchange.ts'
import { countArgument } from './viewer.ts'

const MarketOrderEnum = builder.enumType('MarketOrder', {
  description:
    'VOLUME: quotes in dollars first, in each what is traded most; a search has its own base currency before all.',
  values: MARKET_ORDERS,
})

const Market = builder.objectRef<MarketChoice>('Market').implement({
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
    maintenanceMarginPerc: t.expose('maintenanceMarginPerc', {
      type: 'Decimal',
      nullable: true,
      description:
        'FUTURES: percent of the position that must remain as margin, or it is liquidated; of the first tier.',
    }),
    volume24h: t.expose('volume24h', {
      type: 'Decimal',
      nullable: true,
      description: 'Traded within 24 hours, in quote currency; null: the exchange does not tell.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When the exchange was last asked for its markets.',
    }),
    stale: t.exposeBoolean('stale', {
      description: 'The exchange was not asked for a day, or did not answer: what is known may be old.',
    }),
  }),
})

builder.queryField('markets', (t) =>
  t.field({
    type: [Market],
    description:
      'Markets that trade now. Asks a worker first where they are unknown or a day old; where that fails, what is known is answered as stale.',
    args: {
      exchange: t.arg.string({ required: true }),
      search: t.arg.string(),
      type: t.arg({ type: PositionTypeEnum }),
      first: t.arg.int({ defaultValue: 50 }),
      orderBy: t.arg({ type: MarketOrderEnum, defaultValue: 'SYMBOL' }),
    },
    resolve: async (_root, args, { services }) => {
      const exchange = offeredExchange(services.env, args.exchange)
      const first = countArgument('first', args.first, 50, 5_000)
      await knowMarkets(services, exchange)
      return listMarkets(services.pool, {
        exchange,
        search: args.search?.trim() ?? '',
        type: args.type ?? null,
        orderBy: args.orderBy ?? 'SYMBOL',
        first,
      })
    },
  }),
)
