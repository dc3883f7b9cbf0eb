import { resolveArrayConnection } from '@pothos/plugin-relay'
import { GraphQLError } from 'graphql'
import { configFromStored } from '#trading/store/read-config.ts'
import {
  readCurve,
  readFigures,
  readTrips,
  type StoredFigures,
  type StoredPoint,
  type StoredRefusal,
  type StoredTrip,
} from '../backtests/stored-result.ts'
import type { Context } from '../context.ts'
import { backtestColumns, type BacktestRow, loadOwnBacktest } from '../live/backtest-row.ts'
import { makeConflatingQueue } from '../live/conflating-queue.ts'
import { builder } from './builder.ts'
import { OrderSideEnum, PauseReasonEnum } from './enums.ts'
import { pageByIdDescending } from './page.ts'
import { countArgument, viewerOf } from './viewer.ts'

const BacktestStatusEnum = builder.enumType('BacktestStatus', {
  values: ['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELED'] as const,
})
const BacktestSourceEnum = builder.enumType('BacktestSource', {
  description: "DATABASE: TradeBot's own candles and, for what is missing there, the exchange's.",
  values: ['DATABASE', 'CSV'] as const,
})
const BacktestPhaseEnum = builder.enumType('BacktestPhase', {
  description: 'What candlesDone counts: candles read, or candles traded over.',
  values: ['LOADING', 'RUNNING'] as const,
})
const BacktestExitEnum = builder.enumType('BacktestExit', {
  description: 'DUST: what was left was too small to be sold.',
  values: ['EXIT', 'STOP_LOSS', 'TAKE_PROFIT', 'CLOSE', 'DUST'] as const,
})

const BacktestPoint = builder.objectRef<StoredPoint>('BacktestPoint').implement({
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    equity: t.exposeFloat('equity', { description: 'To draw with: the figures are exact, points are not.' }),
    buyAndHold: t.exposeFloat('buyAndHold'),
  }),
})

const BacktestTrade = builder.objectRef<StoredTrip>('BacktestTrade').implement({
  description: 'A position from its entry to its exit; without an exit it was open when the candles ended.',
  fields: (t) => ({
    side: t.field({
      type: OrderSideEnum,
      description: 'BUY: a long position, SELL: a short one.',
      resolve: ({ side }) => side,
    }),
    entryAt: t.expose('entryAt', { type: 'DateTime' }),
    entryPrice: t.expose('entryPrice', { type: 'Decimal' }),
    entryReason: t.exposeString('entryReason'),
    amount: t.expose('amount', { type: 'Decimal' }),
    fees: t.expose('fees', { type: 'Decimal', description: 'In quote currency.' }),
    exitAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ exit }) => exit?.at ?? null }),
    exitPrice: t.field({ type: 'Decimal', nullable: true, resolve: ({ exit }) => exit?.price ?? null }),
    exit: t.field({ type: BacktestExitEnum, nullable: true, resolve: ({ exit }) => exitOf(exit) }),
    exitReason: t.string({ nullable: true, resolve: ({ exit }) => exit?.reason ?? null }),
    profit: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Net of all fees.',
      resolve: ({ exit }) => exit?.profit ?? null,
    }),
  }),
})

const BacktestRefusal = builder.objectRef<StoredRefusal>('BacktestRefusal').implement({
  description: 'Entries that were wanted and refused for one reason while the bot ran.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description: 'As in notTradingBecause; or ORDER_EXPIRED: the order could not fill within its limit.',
    }),
    count: t.exposeInt('count'),
    at: t.expose('at', { type: 'DateTime', description: 'Of the first.' }),
    message: t.string({ description: 'Of the first, for people.', resolve: ({ first }) => first }),
  }),
})

const BacktestFigures = builder.objectRef<StoredFigures>('BacktestFigures').implement({
  description: 'Percentages are of 100; money is in quote currency.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'The close at which the bot began.' }),
    to: t.expose('to', { type: 'DateTime' }),
    candles: t.exposeInt('candles', { description: 'Without those that warmed the strategy up.' }),
    gaps: t.exposeInt('gaps', { description: 'Places where candles are missing.' }),
    initialCapital: t.expose('initialCapital', { type: 'Decimal' }),
    finalEquity: t.expose('finalEquity', { type: 'Decimal' }),
    returnPerc: t.expose('returnPerc', { type: 'Decimal' }),
    maxDrawdownPerc: t.expose('maxDrawdownPerc', { type: 'Decimal' }),
    sharpe: t.expose('sharpe', {
      type: 'Decimal',
      nullable: true,
      description:
        'Mean over sample deviation of daily returns (UTC), times √365; the riskless rate is 0. Null with fewer than two days.',
    }),
    trades: t.exposeInt('trades', { description: 'Closed ones.' }),
    openTrades: t.exposeInt('openTrades'),
    winRatePerc: t.expose('winRatePerc', { type: 'Decimal', nullable: true }),
    profitFactor: t.expose('profitFactor', {
      type: 'Decimal',
      nullable: true,
      description: 'What winners made over what losers lost; null without a loser.',
    }),
    exposurePerc: t.expose('exposurePerc', {
      type: 'Decimal',
      description: 'Share of the time with a position.',
    }),
    fees: t.expose('fees', { type: 'Decimal' }),
    buyAndHoldPerc: t.expose('buyAndHoldPerc', {
      type: 'Decimal',
      description: 'All of the capital bought where the bot began, with its slippage and fee, and held.',
    }),
    buyAndHoldEquity: t.expose('buyAndHoldEquity', { type: 'Decimal' }),
    buyAndHoldDrawdownPerc: t.expose('buyAndHoldDrawdownPerc', { type: 'Decimal' }),
    pauseReason: t.expose('pauseReason', {
      type: PauseReasonEnum,
      nullable: true,
      description: 'What the bot was paused by when the candles ended.',
    }),
    refusals: t.field({ type: [BacktestRefusal], resolve: ({ refusals }) => refusals }),
    notes: t.exposeStringList('notes', {
      description: 'What paused the bot, what refused it entries, and prices that do not fit the market.',
    }),
  }),
})

export const Backtest = builder.objectRef<BacktestRow>('Backtest').implement({
  description: 'A bot run over candles of the past, by the same rules as one that trades now.',
  fields: (t) => ({
    id: t.id({ resolve: (row) => String(row.id) }),
    name: t.exposeString('name'),
    exchange: t.string({ resolve: (row) => configFromStored(row.config).exchange }),
    symbol: t.string({ resolve: (row) => configFromStored(row.config).symbol }),
    timeframe: t.string({ resolve: (row) => configFromStored(row.config).timeframe }),
    strategy: t.string({ resolve: (row) => configFromStored(row.config).strategy }),
    initialCapital: t.field({
      type: 'Decimal',
      resolve: (row) => configFromStored(row.config).initialCapital,
    }),
    source: t.field({
      type: BacktestSourceEnum,
      resolve: ({ source }) => (source === 'CSV' ? ('CSV' as const) : ('DATABASE' as const)),
    }),
    from: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.fromTime }),
    to: t.field({ type: 'DateTime', nullable: true, resolve: (row) => row.toTime }),
    status: t.expose('status', { type: BacktestStatusEnum }),
    phase: t.field({
      type: BacktestPhaseEnum,
      resolve: ({ phase }) => (phase === 'RUNNING' ? ('RUNNING' as const) : ('LOADING' as const)),
    }),
    candlesDone: t.exposeInt('candlesDone'),
    candlesTotal: t.exposeInt('candlesTotal', { description: '0 until it is known.' }),
    version: t.string({
      description: 'Grows with every change.',
      resolve: (row) => String(row.version),
    }),
    canceling: t.boolean({
      description: 'It was canceled, and its worker has not ended it yet.',
      resolve: (row) => row.cancelRequested && row.status === 'RUNNING',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it FAILED, for people.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    figures: t.field({
      type: BacktestFigures,
      nullable: true,
      description: 'Once it is DONE.',
      resolve: ({ summary }) => (summary === null ? null : readFigures(summary)),
    }),
    equityCurve: t.field({
      type: [BacktestPoint],
      description: 'At most 1,000 points, oldest first, that keep highs and lows; empty until it is DONE.',
      resolve: async ({ id }, _args, { services }) => {
        const row = await services.prisma.backtest.findUnique({
          where: { id },
          select: { equityCurve: true },
        })
        return row?.equityCurve == null ? [] : readCurve(row.equityCurve)
      },
    }),
    trades: t.connection(
      {
        type: BacktestTrade,
        description: 'Oldest first; the first 20,000 are kept.',
        resolve: async ({ id }, args, { services }) => {
          countArgument('first', args.first, 50, 500)
          countArgument('last', args.last, 50, 500)
          const row = await services.prisma.backtest.findUnique({ where: { id }, select: { trades: true } })
          const trips = row?.trades == null ? [] : readTrips(row.trades)
          const page = { args, defaultSize: 50, maxSize: 500 }
          return { ...resolveArrayConnection(page, trips), total: trips.length }
        },
      },
      {
        fields: (connection) => ({
          totalCount: connection.int({ resolve: (page) => totalOf(page) }),
        }),
      },
    ),
  }),
})

builder.queryField('backtest', (t) =>
  t.field({
    type: Backtest,
    nullable: true,
    description: "Null when there is no such backtest of the viewer's.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) =>
      loadOwnBacktest(context.services.prisma, viewerOf(context).userId, id),
  }),
)

builder.queryField('backtests', (t) =>
  t.connection({
    type: Backtest,
    description: 'Newest first; 200 are kept.',
    resolve: (_root, args, context) =>
      pageByIdDescending<BacktestRow>(args, ({ where, ...query }) =>
        context.services.prisma.backtest.findMany({
          ...query,
          where: { userId: BigInt(viewerOf(context).userId), ...where },
          select: backtestColumns,
        }),
      ),
  }),
)

builder.subscriptionField('backtestChanged', (t) =>
  t.field({
    type: Backtest,
    description:
      'The backtest now, then the latest state after changes; steps may be merged. Ends when it is deleted.',
    args: { id: t.arg.id({ required: true }) },
    subscribe: (_root, { id }, context) => watchBacktest(context, id),
    resolve: (backtest) => backtest,
  }),
)

async function watchBacktest(context: Context, id: string) {
  const { feeds, prisma } = context.services
  let leave = () => undefined as void
  const queue = makeConflatingQueue<string, BacktestRow>({ onClose: () => leave() })
  let newest = -1n
  const offer = (row: BacktestRow) => {
    if (row.version <= newest) return
    newest = row.version
    queue.push(id, row)
  }
  const row = await loadOwnBacktest(prisma, viewerOf(context).userId, id)
  if (row === null)
    throw new GraphQLError('There is no such backtest.', { extensions: { code: 'NOT_FOUND' } })
  // The watch begins with a read of its own, so that what changed since ours is not missed.
  leave = feeds.backtests.subscribe(String(row.id), { changed: offer, gone: () => queue.end() })
  offer(row)
  return queue.values
}

function exitOf(exit: StoredTrip['exit']) {
  if (exit === null) return null
  const { purpose } = exit
  return purpose === 'ENTRY' || purpose === 'PROTECTIVE_STOP' ? ('CLOSE' as const) : purpose
}

/** The connection's shape knows edges and pageInfo only; the count travels with it. */
function totalOf(page: object): number {
  if ('total' in page && typeof page.total === 'number') return page.total
  throw new Error('A page of trades came without its count.')
}
