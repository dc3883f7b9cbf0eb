import { ZERO } from '#trading/domain/money.ts'
import { todayOf } from '../bots/today-of.ts'
import type { BotRow } from '../live/bot-row.ts'
import { builder } from './builder.ts'
import { BotStatusEnum, PauseReasonEnum } from './enums.ts'

type StateRow = NonNullable<BotRow['state']>

export const BotState = builder.objectRef<StateRow>('BotState').implement({
  fields: (t) => ({
    status: t.expose('status', { type: BotStatusEnum }),
    pauseReason: t.expose('pauseReason', { type: PauseReasonEnum, nullable: true }),
    errorCode: t.exposeString('errorCode', { nullable: true }),
    errorMessage: t.exposeString('errorMessage', { nullable: true }),
    closing: t.exposeBoolean('closing', {
      description: 'A position is being closed after STOP or DELETE.',
    }),
    version: t.string({
      description: 'Grows with every write of this state; the resume cursor of botChanged.',
      resolve: (state) => String(state.version),
    }),
    notice: t.exposeString('notice', {
      nullable: true,
      description:
        'What denies the bot an entry, or a decision, for as long as it lasts: a CATEGORY_CONDITION code.',
    }),
    noticeMessage: t.exposeString('noticeMessage', { nullable: true }),
    dailyPnl: t.field({
      type: 'Decimal',
      description: 'Of the UTC day that it is now, also while the bot does not tick.',
      resolve: async (state, _args, { services }) => (await todayOf(services, state))?.pnl ?? ZERO,
    }),
    dailyTradeCount: t.int({
      resolve: async (state, _args, { services }) => (await todayOf(services, state))?.trades ?? 0,
    }),
    totalPnl: t.expose('totalPnl', { type: 'Decimal' }),
    equity: t.expose('equity', { type: 'Decimal' }),
    lastPrice: t.expose('lastPrice', { type: 'Decimal', nullable: true }),
    markPrice: t.expose('markPrice', {
      type: 'Decimal',
      nullable: true,
      description: 'What values a FUTURES position, and liquidates it; null for SPOT.',
    }),
    lastSignal: t.exposeString('lastSignal', { nullable: true }),
    lastTickAt: t.expose('lastTickAt', { type: 'DateTime', nullable: true }),
    nextTickAt: t.expose('nextTickAt', { type: 'DateTime', nullable: true }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})
