import { decimal } from '#trading/domain/money.ts'
import type { StoredCandle } from '#trading/store/candle-feed.ts'
import { makeConflatingQueue } from '../live/conflating-queue.ts'
import { checkSeries, readCandles } from '../market-data/candle-series.ts'
import { builder } from './builder.ts'
import { countArgument } from './viewer.ts'

const Candle = builder.objectRef<StoredCandle>('Candle').implement({
  description: 'closed: false is the forming one, which still moves.',
  fields: (t) => ({
    openTime: t.expose('openTime', { type: 'DateTime' }),
    closed: t.exposeBoolean('closed'),
    open: t.field({ type: 'Decimal', resolve: (candle) => decimal(candle.open) }),
    high: t.field({ type: 'Decimal', resolve: (candle) => decimal(candle.high) }),
    low: t.field({ type: 'Decimal', resolve: (candle) => decimal(candle.low) }),
    close: t.field({ type: 'Decimal', resolve: (candle) => decimal(candle.close) }),
    volume: t.field({ type: 'Decimal', resolve: (candle) => decimal(candle.volume) }),
  }),
})

builder.queryField('candles', (t) =>
  t.field({
    type: [Candle],
    description: 'The newest candles, oldest first. Asks a worker first where they are missing or old.',
    args: {
      exchange: t.arg.string({ required: true }),
      symbol: t.arg.string({ required: true }),
      timeframe: t.arg.string({ required: true }),
      limit: t.arg.int({ defaultValue: 200 }),
    },
    resolve: (_root, { exchange, symbol, timeframe, limit }, { services }) =>
      readCandles(services, { exchange, symbol, timeframe }, countArgument('limit', limit, 200, 1_000)),
  }),
)

builder.subscriptionField('candleChanged', (t) =>
  t.field({
    type: Candle,
    description:
      'The forming candle as it moves, and each candle as it closes, while a worker follows the market.',
    args: {
      exchange: t.arg.string({ required: true }),
      symbol: t.arg.string({ required: true }),
      timeframe: t.arg.string({ required: true }),
    },
    subscribe: async (_root, { exchange, symbol, timeframe }, { services }) => {
      const series = { exchange, symbol, timeframe }
      await checkSeries(services, series)
      let leave = () => undefined as void
      const queue = makeConflatingQueue<number, StoredCandle>({ onClose: () => leave(), most: 1_000 })
      leave = await services.feeds.candles.subscribe(series, (candle) =>
        queue.push(candle.openTime.getTime(), candle),
      )
      return queue.values
    },
    resolve: (candle) => candle,
  }),
)
