import type { z } from 'zod'
import type { ApiInput, DirectInput } from '../api/options.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError } from '../frame/errors.ts'
import { withDesk } from './desk.ts'
import { findBot } from './find-bot.ts'
import { haltedWords } from './list.ts'
import { eventLine } from './logs.ts'
import { orderTable } from './orders.ts'
import type { BotDetail, Setting, showResult } from './shapes.ts'
import { pairsOf, plainLine } from './table.ts'
import { money, nameOf, painterOf, relativeTime, signed, statusWords } from './words.ts'

type Result = z.infer<typeof showResult>

export async function runShow(
  input: ApiInput & DirectInput & { bot: string },
  context: Context,
): Promise<{ exitCode: 0; result: Result; text: string }> {
  return withDesk(context, input, async (desk) => {
    const { id } = findBot(await desk.names(), input.bot)
    const result = await desk.show(id, { orders: 5, events: 10 })
    if (result === null) throw new CouldNotError('BOT_UNKNOWN', `Bot ${id} was deleted just now.`)
    return { exitCode: 0, result, text: textOf(result, context) }
  })
}

function textOf({ haltedAt, bot, orders, events }: Result, context: Context): string {
  const { paint } = context
  const { state } = bot
  const now = Date.now()
  const status = painterOf(state.status, paint)(statusWords(state))
  const sections = [
    ...(haltedAt === null ? [] : [haltedWords(haltedAt, context)]),
    `${paint.strong(nameOf(bot))}  ${status}`,
    pairsOf([
      ['Market', `${bot.exchange} ${bot.symbol} ${bot.timeframe}, ${bot.mode}`],
      ['Strategy', bot.strategy],
      ['Equity', `${money(state.equity)}, today ${signed(state.dailyPnl)}, in all ${signed(state.totalPnl)}`],
      ['Entries today', String(state.dailyTradeCount)],
      ['Looked', `${relativeTime(state.lastTickAt, now)}, next ${relativeTime(state.nextTickAt, now)}`],
      ...(state.errorMessage === null ? [] : [['Error', plainLine(state.errorMessage)] as const]),
      ...(state.noticeMessage === null ? [] : [['Notice', plainLine(state.noticeMessage)] as const]),
    ]),
    positionText(bot, now),
    `${paint.strong('Why it does not enter')}\n${checksText(bot, context)}`,
    `${paint.strong(`Configuration (revision ${bot.revision})`)}\n${pairsOf(settingsOf(bot))}`,
    `${paint.strong('Last orders')}\n${orders.length === 0 ? 'None yet.' : orderTable(orders, context, false)}`,
    `${paint.strong('Last events')}\n${events.map((event) => eventLine(event, null, context)).join('\n')}`,
  ]
  return sections.join('\n\n')
}

function positionText({ position }: BotDetail, now: number): string {
  if (position === null) return 'Holds nothing.'
  const { side, amount, averagePrice, unrealizedPnl, stopLossPrice, takeProfitPrice, liquidationPrice } =
    position
  const guard = position.protectedAtExchange
    ? 'A stop order rests at the exchange.'
    : (position.unprotectedBecause ?? 'TradeBot keeps the stop itself, while it runs.')
  return pairsOf([
    [
      'Position',
      `${side === 'BUY' ? 'long' : 'short'} ${amount} at ${averagePrice}, ${relativeTime(position.openedAt, now)}`,
    ],
    ['Profit', unrealizedPnl === null ? '–' : signed(unrealizedPnl)],
    ['Stop loss', stopLossPrice ?? '–'],
    ['Take profit', takeProfitPrice ?? '–'],
    ...(liquidationPrice === null ? [] : [['Liquidation', liquidationPrice] as const]),
    ['Guard', plainLine(guard)],
  ])
}

function checksText({ tradingChecks }: BotDetail, { paint }: Context): string {
  return pairsOf(
    tradingChecks.map(({ label, passed, message }) => {
      const word = passed === null ? paint.faint('?   ') : passed ? paint.good('ok  ') : paint.bad('NO  ')
      return [label, `${word}${plainLine(message)}`]
    }),
  )
}

/** What is off is left out; the document has all of it. */
function settingsOf({ config }: BotDetail): (readonly [string, string])[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const text = settingText(value)
    return text === '' ? [] : [[name, plainLine(text)] as const]
  })
}

function settingText(value: Setting): string {
  if (Array.isArray(value)) return value.map((param) => `${param.name}=${param.value}`).join(' ')
  return value === null ? '' : String(value)
}
