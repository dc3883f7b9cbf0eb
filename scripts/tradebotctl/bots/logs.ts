import type { ApiInput, DirectInput } from '../api/options.ts'
import type { Context } from '../frame/context.ts'
import { asKnown } from '../frame/errors.ts'
import { type Desk, withDesk } from './desk.ts'
import { findBot } from './find-bot.ts'
import type { EventShape } from './shapes.ts'
import { plainLine } from './table.ts'

type Input = ApiInput & DirectInput & { bot?: string | undefined; last: number; follow: boolean }

/** Prints events as they are read; with --follow until Ctrl-C, which is its normal end, or until the reader has left. */
export async function runLogs(
  input: Input,
  context: Context,
): Promise<{ exitCode: 0; result: undefined; text: string }> {
  try {
    await withDesk(context, input, (desk) => print(desk, input, context))
  } catch (error) {
    // Ctrl-C ends following at any moment, also while the server or the database is only being reached.
    if (!input.follow || !context.signal.aborted || asKnown(error) === undefined) throw error
  }
  return { exitCode: 0, result: undefined, text: '' }
}

async function print(desk: Desk, { bot, last, follow }: Input, context: Context): Promise<void> {
  const names = new Map<string, string>()
  const readNames = async () => {
    for (const { id, name } of await desk.names()) names.set(id, name)
  }
  await readNames()
  const bots = [...names].map(([id, name]) => ({ id, name }))
  const botId = bot === undefined ? null : findBot(bots, bot).id
  // Read before the bot's own events: what comes between the two is in the one or in the other.
  const [newest] = await desk.events({ botId: null, last: 1 })
  const past = last === 0 ? [] : await desk.events({ botId, last })
  const write = async (event: EventShape) => {
    if (!names.has(event.botId)) await readNames()
    const line = { ...event, botName: names.get(event.botId) ?? null }
    const who = line.botName ?? `bot ${line.botId}, deleted`
    return context.write(context.json ? `${JSON.stringify(line)}\n` : `${eventLine(line, who, context)}\n`)
  }
  for (const event of past) if (!(await write(event))) return
  if (!follow) {
    if (past.length === 0) context.note('There is no event yet.')
    return
  }
  const printed = BigInt(past.at(-1)?.cursor ?? '0')
  let caughtUp = false
  for await (const event of desk.follow(newest?.cursor ?? '0', context.signal, context.note)) {
    caughtUp ||= BigInt(event.cursor) > printed
    const wanted = botId === null || event.botId === botId
    if (wanted && caughtUp && !(await write(event))) return
  }
}

/** "2026-11-30 02:19:01Z  Trend  STATUS RUNNING → PAUSED  Paused … (user)". */
export function eventLine(event: EventShape, who: string | null, { paint }: Context): string {
  const { at, type, fromStatus, toStatus, actor, message } = event
  const change = fromStatus === null || fromStatus === toStatus ? '' : ` ${fromStatus} → ${toStatus}`
  const time = paint.faint(`${at.slice(0, 10)} ${at.slice(11, 19)}Z`)
  const bot = who === null ? '' : `${paint.strong(plainLine(who))}  `
  return `${time}  ${bot}${type}${change}  ${plainLine(message)} ${paint.faint(`(${plainLine(actor)})`)}`
}
