import type { z } from 'zod'
import type { ApiInput, DirectInput } from '../api/options.ts'
import type { Context } from '../frame/context.ts'
import { withDesk, type BotFilter } from './desk.ts'
import type { BotSummary, listResult } from './shapes.ts'
import { plainLine, tableOf } from './table.ts'
import { count, heldWords, money, relativeTime, signed, statusCell, terminalWidth } from './words.ts'

export async function runList(
  input: ApiInput & DirectInput & BotFilter,
  context: Context,
): Promise<{ exitCode: 0; result: z.infer<typeof listResult>; text: string }> {
  return withDesk(context, input, async (desk) => {
    const result = await desk.list(input)
    return { exitCode: 0, result, text: textOf(result, input, context) }
  })
}

function textOf(
  { haltedAt, bots }: z.infer<typeof listResult>,
  { status, search }: BotFilter,
  context: Context,
): string {
  const halted = haltedAt === null ? [] : [haltedWords(haltedAt, context), '']
  if (bots.length === 0) {
    const filtered = status !== undefined || search !== undefined
    const empty = filtered
      ? 'No bot is like that. tradebotctl bots list shows them all.'
      : 'There is no bot yet. tradebotctl bots create --template prints one to change.'
    return [...halted, empty].join('\n')
  }
  const table = tableOf(
    COLUMNS,
    bots.map((bot) => rowOf(bot, context)),
    terminalWidth(context),
  )
  return [...halted, table, '', count(bots.length, 'bot')].join('\n')
}

export function haltedWords(haltedAt: string, { paint }: Context): string {
  const since = relativeTime(haltedAt, Date.now())
  return paint.bad(`Trading is halted (${since}): no bot enters. tradebotctl resume-trading ends it.`)
}

export const COLUMNS = [
  { title: 'ID', right: true },
  { title: 'NAME', names: true },
  { title: 'STATUS', least: 7 },
  { title: 'MARKET' },
  { title: 'MODE', spare: true },
  { title: 'EQUITY', right: true, spare: true },
  { title: 'TOTAL', right: true, spare: true },
  { title: 'TODAY', right: true, spare: true },
  { title: 'HOLDS', least: 6, spare: true },
  { title: 'LOOKED', right: true, spare: true },
] as const

function rowOf(bot: BotSummary, { paint }: Context) {
  const { state } = bot
  return [
    bot.id,
    plainLine(bot.name),
    statusCell(state, paint),
    `${bot.exchange} ${bot.symbol} ${bot.timeframe}`,
    bot.mode,
    money(state.equity),
    profit(state.totalPnl, paint),
    profit(state.dailyPnl, paint),
    heldWords(bot),
    relativeTime(state.lastTickAt, Date.now()),
  ]
}

function profit(value: string, paint: Context['paint']) {
  const text = signed(value)
  const painted = text.startsWith('-') ? paint.bad : text.startsWith('+') ? paint.good : paint.faint
  return { text, paint: painted }
}
