import { z } from 'zod'
import { BOT_STATUSES } from '#trading/domain/bot-lifecycle.ts'
import { ORDER_STATUSES } from '#trading/domain/order.ts'
import { CONFIG_FIELDS } from './config-fields.ts'

const money = z.string()
const time = z.string()

const state = z.strictObject({
  status: z.enum(BOT_STATUSES).describe('of the lifecycle'),
  pauseReason: z.string().nullable().describe('why it is PAUSED'),
  closing: z.boolean().describe('its position is being closed'),
  errorMessage: z.string().nullable().describe('why it is in ERROR, and what to do'),
  noticeMessage: z.string().nullable().describe('what denies it entries for as long as it lasts'),
  equity: money.describe('capital and all profit, in quote currency'),
  dailyPnl: money.describe('of this UTC day, in quote currency'),
  dailyTradeCount: z.number().describe('entries of this UTC day'),
  totalPnl: money.describe('since it was created, in quote currency'),
  lastPrice: money.nullable().describe('at its last look'),
  lastTickAt: time.nullable().describe('when it last looked'),
  nextTickAt: time.nullable().describe('when it looks next; null: it does not'),
})

const position = z.strictObject({
  side: z.string().describe('BUY: long, SELL: short'),
  amount: money.describe('in base currency'),
  averagePrice: money.describe('of its entry'),
  stopLossPrice: money.nullable().describe('where it is left at a loss'),
  takeProfitPrice: money.nullable().describe('where it is left at a profit'),
  liquidationPrice: money.nullable().describe('where the exchange closes it; null: nowhere'),
  unrealizedPnl: money.nullable().describe('at the last price, in quote currency'),
  openedAt: time.describe('when it was entered'),
  protectedAtExchange: z.boolean().describe('a stop order of it rests at the exchange'),
  unprotectedBecause: z.string().nullable().describe('why none rests, where one should'),
})

const summaryFields = {
  id: z.string().describe('what commands take as BOT'),
  name: z.string().describe('what commands take as BOT too, where it is unique'),
  exchange: z.string().describe('where it trades'),
  symbol: z.string().describe('what it trades'),
  timeframe: z.string().describe('of its candles'),
  mode: z.string().describe('PAPER or LIVE'),
  strategy: z.string().describe('what it follows'),
  allowedCommands: z.array(z.string()).describe('what the lifecycle allows now'),
  state: state.describe('what it does'),
  position: position.nullable().describe('what it holds'),
}

/** A bot in a list. The API's own field names, so that its answer is this. */
export const botSummary = z.strictObject(summaryFields)
export type BotSummary = z.infer<typeof botSummary>

const setting = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.strictObject({ name: z.string(), value: z.string() })),
  z.null(),
])
export type Setting = z.infer<typeof setting>

const config = z
  .strictObject(
    Object.fromEntries(
      Object.entries(CONFIG_FIELDS).map(([name, { help }]) => [name, setting.describe(help)]),
    ),
  )
  .describe('every setting, by its name in the API')
export type BotSettings = z.infer<typeof config>

const check = z.strictObject({
  code: z.string().describe('CATEGORY_CONDITION'),
  label: z.string().describe('what is looked at'),
  passed: z.boolean().nullable().describe('null: it cannot be said while the bot does not run'),
  message: z.string().describe('for people'),
})

/** A bot with all that is known of it. */
export const botDetail = z.strictObject({
  ...summaryFields,
  revision: z.number().describe('of its configuration'),
  createdAt: time.describe('when it was created'),
  config,
  tradingChecks: z.array(check).describe('why it does not enter: each thing that an entry needs, in order'),
})
export type BotDetail = z.infer<typeof botDetail>

export const orderShape = z.strictObject({
  id: z.string().describe('its number here'),
  botId: z.string().describe('whose it is'),
  createdAt: time.describe('when it was decided'),
  side: z.string().describe('BUY or SELL'),
  purpose: z.string().describe('ENTRY, EXIT, STOP_LOSS, TAKE_PROFIT, CLOSE or PROTECTIVE_STOP'),
  type: z.string().describe('MARKET, LIMIT_IOC, STOP_LIMIT, STOP_MARKET or OTHER'),
  status: z.enum(ORDER_STATUSES).describe('UNKNOWN: sent, and its outcome is being found out'),
  amount: money.describe('wanted, in base currency'),
  filled: money.describe('of it so far'),
  price: money.nullable().describe('its limit'),
  stopPrice: money.nullable().describe('where it is triggered'),
  averagePrice: money.nullable().describe('of its fills'),
  reason: z.string().describe('why it was decided'),
  errorMessage: z.string().nullable().describe('why it came to nothing'),
  clientOrderId: z.string().describe('its number at the exchange, from us'),
  exchangeOrderId: z.string().nullable().describe("its number at the exchange, the exchange's own"),
})
export type OrderShape = z.infer<typeof orderShape>

export const eventShape = z.strictObject({
  cursor: z.string().describe('orders all events of a user, without gaps'),
  at: time.describe('when'),
  botId: z.string().describe('of which bot'),
  type: z.string().describe('STATUS, HALTED, …'),
  fromStatus: z.string().nullable().describe('of a change of status'),
  toStatus: z.string().nullable().describe('of a change of status'),
  actor: z.string().describe('who did it: user, token:NAME, worker, cron or tradebotctl'),
  message: z.string().describe('for people'),
})
export type EventShape = z.infer<typeof eventShape>

const botName = z.string().nullable().describe('of its bot; null: deleted since')

/** What the commands' documents hold. */
export const listResult = z.strictObject({
  haltedAt: time.nullable().describe('since when trading is halted; null: it is not'),
  bots: z.array(botSummary).describe('newest first'),
})
export const showResult = z.strictObject({
  haltedAt: time.nullable().describe('since when trading is halted; null: it is not'),
  bot: botDetail.describe('the bot'),
  orders: z.array(orderShape).describe('the newest, newest first'),
  events: z.array(eventShape).describe('the newest, oldest first'),
})
export const ordersResult = z.strictObject({
  orders: z.array(orderShape.extend({ botName })).describe('newest first'),
})
export const logLine = eventShape.extend({ botName })
export const haltResult = z.strictObject({
  haltedAt: time.nullable().describe('since when trading is halted; null: it is not'),
  bots: z.number().describe('that are not stopped'),
  positions: z.number().describe('that are open'),
  closing: z.number().describe('of them being closed'),
})
export const actResult = z.strictObject({
  bots: z
    .array(
      z.strictObject({
        id: z.string().nullable().describe('of the bot; null: none, or more than one, is meant'),
        name: z.string().describe('of the bot, or what was named'),
        done: z.boolean().describe('whether it was done'),
        status: z.string().nullable().describe('what the bot is now; null: deleted, or it was refused'),
        closing: z.boolean().describe('its position is being closed'),
        error: z
          .strictObject({ code: z.string().describe('stable'), message: z.string().describe('for people') })
          .nullable()
          .describe('why it was refused'),
      }),
    )
    .describe('in the order in which they were named'),
})
export const createResult = z.strictObject({
  checked: z.boolean().describe('--check: it would be saved, and was not'),
  bot: z
    .strictObject({
      id: z.string().describe('of the new bot'),
      name: z.string().describe('of the new bot'),
      status: z.enum(BOT_STATUSES).describe('PENDING where it was started'),
    })
    .nullable()
    .describe('null with --check and --template'),
  template: z.string().nullable().describe('--template: an input to change'),
})
