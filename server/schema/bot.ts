import { z } from 'zod'
import { NotFoundError } from '#trading/domain/errors.ts'
import { decimal, ZERO } from '#trading/domain/money.ts'
import { firstThatBites } from '#trading/domain/trading-checks.ts'
import { readRevisions } from '#trading/store/revisions.ts'
import { commandsOf } from '../bots/allowed-commands.ts'
import { checksOf } from '../bots/checks-of.ts'
import { totalFundingOf } from '../bots/total-funding.ts'
import type { Context } from '../context.ts'
import { type BotRow, loadOwnBot } from '../live/bot-row.ts'
import { ApiKey } from './api-key.ts'
import { BotDay } from './bot-day.ts'
import { BotEvent } from './bot-event.ts'
import { BotRevision } from './bot-revision.ts'
import { BotState } from './bot-state.ts'
import { builder } from './builder.ts'
import {
  BotCommandEnum,
  BotModeEnum,
  DirectionEnum,
  OpenPositionPolicyEnum,
  PositionTypeEnum,
} from './enums.ts'
import { FundingPayment } from './funding-payment.ts'
import { Order } from './order.ts'
import { pageByIdDescending } from './page.ts'
import { heldPosition, Position } from './position.ts'
import { Trade } from './trade.ts'
import { TradingCheck } from './trading-check.ts'
import { Transfer } from './transfer.ts'
import { countArgument, viewerOf } from './viewer.ts'

const StrategyParam = builder.objectRef<{ name: string; value: string }>('StrategyParam').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.field({ type: 'Decimal', resolve: (parameter) => decimal(parameter.value) }),
  }),
})

const storedParams = z.array(z.object({ name: z.string(), value: z.string() }))

/** Always loaded whole (`botInclude`), so that state, key and position cost no further query. */
export const Bot = builder.objectRef<BotRow>('Bot').implement({
  fields: (t) => ({
    id: t.id({ resolve: (bot) => String(bot.id) }),
    name: t.exposeString('name'),
    exchange: t.exposeString('exchange'),
    symbol: t.exposeString('symbol'),
    timeframe: t.exposeString('timeframe'),
    mode: t.expose('mode', { type: BotModeEnum }),
    apiKey: t.expose('apiKey', { type: ApiKey, nullable: true }),
    isActive: t.exposeBoolean('isActive'),
    initialCapital: t.expose('initialCapital', { type: 'Decimal' }),
    dailyTargetPerc: t.expose('dailyTargetPerc', { type: 'Decimal', nullable: true }),
    maxDailyLossPerc: t.expose('maxDailyLossPerc', { type: 'Decimal', nullable: true }),
    maxDailyTrades: t.exposeInt('maxDailyTrades', { nullable: true }),
    onDailyLimit: t.expose('onDailyLimit', {
      type: OpenPositionPolicyEnum,
      description:
        'At the daily loss limit or target: KEEP leaves an open position to its stop, CLOSE closes it. When the entries of a day are used up, the last position is left to its stop.',
    }),
    resumeNextDay: t.exposeBoolean('resumeNextDay', {
      description: 'False: a daily-limit pause lasts until a person resumes.',
    }),
    maxDrawdownPerc: t.expose('maxDrawdownPerc', {
      type: 'Decimal',
      nullable: true,
      description: 'Pauses for good when equity falls this far below its highest.',
    }),
    positionSizeFixed: t.expose('positionSizeFixed', {
      type: 'Decimal',
      description: 'Notional of an entry in quote currency, before leverage: the margin that it binds.',
    }),
    stopLossPerc: t.expose('stopLossPerc', {
      type: 'Decimal',
      description: 'Percent of the average entry price, always above 0.',
    }),
    takeProfitPerc: t.expose('takeProfitPerc', {
      type: 'Decimal',
      description: 'Percent of the average entry price; 0 is none.',
    }),
    trailingStopPerc: t.expose('trailingStopPerc', {
      type: 'Decimal',
      nullable: true,
      description: 'The stop follows the best price since entry at this distance; null is none.',
    }),
    paperFeePerc: t.expose('paperFeePerc', { type: 'Decimal' }),
    paperSlippagePerc: t.expose('paperSlippagePerc', { type: 'Decimal' }),
    emaFast: t.exposeInt('emaFast'),
    emaSlow: t.exposeInt('emaSlow'),
    rsiPeriod: t.exposeInt('rsiPeriod'),
    rsiOverbought: t.expose('rsiOverbought', { type: 'Decimal' }),
    rsiOversold: t.expose('rsiOversold', { type: 'Decimal' }),
    strategy: t.exposeString('strategy'),
    strategyParams: t.field({
      type: [StrategyParam],
      description:
        'Parameters of strategies beyond the EMA and RSI fields; what each takes is in Query.strategies.',
      resolve: (bot) => storedParams.parse(bot.strategyParams),
    }),
    positionType: t.expose('positionType', { type: PositionTypeEnum }),
    direction: t.expose('direction', { type: DirectionEnum }),
    leverage: t.exposeInt('leverage'),
    transferAmount: t.expose('transferAmount', {
      type: 'Decimal',
      nullable: true,
      description: 'What autoTransferFunds moves from spot to futures, at most once per entry.',
    }),
    autoTransferFunds: t.exposeBoolean('autoTransferFunds', {
      description:
        "LIVE FUTURES: where an entry lacks margin, transferAmount is moved to the futures wallet; at the day's end, profit above the start capital is moved back.",
    }),
    checkIntervalSeconds: t.exposeInt('checkIntervalSeconds'),
    cooldownSeconds: t.exposeInt('cooldownSeconds', { nullable: true }),
    maxOrderValue: t.expose('maxOrderValue', { type: 'Decimal', nullable: true }),
    maxOrdersPerMinute: t.exposeInt('maxOrdersPerMinute', { nullable: true }),
    priceCollarPerc: t.expose('priceCollarPerc', { type: 'Decimal', nullable: true }),
    revision: t.exposeInt('revision'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    state: t.field({
      type: BotState,
      resolve: (bot) => {
        if (bot.state === null) throw new Error(`Bot ${bot.id} has no row in bot_states.`)
        return bot.state
      },
    }),
    allowedCommands: t.field({
      type: [BotCommandEnum],
      description: 'What the lifecycle allows now; a client draws its buttons from this.',
      resolve: (bot, _args, { services }) => commandsOf(services, bot),
    }),
    tradingChecks: t.field({
      type: [TradingCheck],
      description: 'Why the bot does not enter a position: each thing that an entry needs, in order.',
      resolve: (bot, _args, { services }) => checksOf(services, bot),
    }),
    notTradingBecause: t.field({
      type: TradingCheck,
      nullable: true,
      description:
        'The first of tradingChecks that did not pass; the last of them is that the strategy gives no signal.',
      resolve: async (bot, _args, { services }) => firstThatBites(await checksOf(services, bot)),
    }),
    revisions: t.field({
      type: [BotRevision],
      description: 'Every configuration that the bot has had, newest first. Orders name theirs.',
      args: { last: t.arg.int({ defaultValue: 20 }) },
      resolve: (bot, { last }, { services }) =>
        readRevisions(services.pool, String(bot.id), countArgument('last', last, 20, 1_000)),
    }),
    position: t.field({ type: Position, nullable: true, resolve: heldPosition }),
    orders: t.connection({
      type: Order,
      resolve: (bot, args, { services }) =>
        pageByIdDescending(args, ({ where, ...query }) =>
          services.prisma.order.findMany({ ...query, where: { botId: bot.id, ...where } }),
        ),
    }),
    trades: t.connection({
      type: Trade,
      resolve: (bot, args, { services }) =>
        pageByIdDescending(args, ({ where, ...query }) =>
          services.prisma.fill.findMany({ ...query, where: { botId: bot.id, ...where } }),
        ),
    }),
    events: t.connection({
      type: BotEvent,
      resolve: (bot, args, { services }) =>
        pageByIdDescending(args, ({ where, ...query }) =>
          services.prisma.botEvent.findMany({ ...query, where: { botId: bot.id, ...where } }),
        ),
    }),
    days: t.field({
      type: [BotDay],
      description: 'Newest first.',
      args: { last: t.arg.int({ defaultValue: 30 }) },
      resolve: (bot, { last }, { services }) =>
        services.prisma.botDay.findMany({
          where: { botId: bot.id },
          orderBy: { day: 'desc' },
          take: countArgument('last', last, 30, 3_660),
        }),
    }),
    totalFunding: t.field({
      type: 'Decimal',
      description: 'All funding received less what was paid, since the bot was created; part of totalPnl.',
      resolve: async (bot, _args, { services }) => (await totalFundingOf(services, bot)) ?? ZERO,
    }),
    fundings: t.field({
      type: [FundingPayment],
      description: 'Newest first.',
      args: { last: t.arg.int({ defaultValue: 30 }) },
      resolve: (bot, { last }, { services }) =>
        services.prisma.fundingPayment.findMany({
          where: { botId: bot.id, kind: 'FUNDING' },
          orderBy: { id: 'desc' },
          take: countArgument('last', last, 30, 1_000),
        }),
    }),
    transfers: t.field({
      type: [Transfer],
      description: 'Newest first.',
      args: { last: t.arg.int({ defaultValue: 30 }) },
      resolve: (bot, { last }, { services }) =>
        services.prisma.transfer.findMany({
          where: { botId: bot.id },
          orderBy: { id: 'desc' },
          take: countArgument('last', last, 30, 1_000),
        }),
    }),
  }),
})

/** The viewer's bot after a command. @throws NotFoundError when it is deleted, or never was the viewer's */
export async function readBot(context: Context, id: string): Promise<BotRow> {
  const bot = await loadOwnBot(context.services.prisma, viewerOf(context).userId, id)
  if (bot === null) throw new NotFoundError('bot')
  return bot
}
