import type { z } from 'zod'
import type { ApiInput, DirectInput } from '../api/options.ts'
import type { Context } from '../frame/context.ts'
import {
  asKnown,
  EXIT,
  InterruptedError,
  type KnownError,
  RefusedError,
  UsageError,
} from '../frame/errors.ts'
import { confirm } from '../frame/secrets.ts'
import { type BotCommandName, type BotName, type Desk, type OpenPosition, withDesk } from './desk.ts'
import { findBots } from './find-bot.ts'
import type { actResult } from './shapes.ts'
import { plainLine } from './table.ts'
import { count, nameOf } from './words.ts'

export type ActInput = ApiInput &
  DirectInput & { bot: string[]; all?: boolean; yes: boolean; close?: boolean; keep?: boolean }

type Result = z.infer<typeof actResult>
type Done = Result['bots'][number]

const WORDS: Record<BotCommandName, { ask: string; done: string }> = {
  START: { ask: 'Start', done: 'started' },
  PAUSE: { ask: 'Pause', done: 'paused' },
  RESUME: { ask: 'Resume', done: 'resumed' },
  STOP: { ask: 'Stop', done: 'stopped' },
  DELETE: { ask: 'Delete', done: 'deleted' },
}

/** Gives one command to the bots that are named, one after the other; each outcome is told, and the exit code is 0 only if all did it. */
export function makeRunner(name: BotCommandName) {
  return (input: ActInput, context: Context): Promise<{ exitCode: 0 | 1; result: Result; text: string }> =>
    withDesk(context, input, async (desk) => {
      const openPosition = chosenPolicy(input)
      const bots = await chosenBots(desk, name, input)
      if (bots.length === 0)
        return { exitCode: 0, result: { bots: [] }, text: `No bot can be ${WORDS[name].done} now.` }
      if (input.all === true || name === 'DELETE') await ask(context, input.yes, name, bots)
      const outcomes = await giveToAll(desk, name, bots, openPosition, context)
      return {
        exitCode: outcomes.every(({ done }) => done) ? 0 : 1,
        result: { bots: outcomes },
        text: outcomes.map((outcome) => lineOf(name, outcome, context)).join('\n'),
      }
    })
}

function chosenPolicy({ close, keep }: ActInput): OpenPosition {
  if (close === true && keep === true) throw new UsageError('--close or --keep, not both.')
  return close === true ? 'CLOSE' : keep === true ? 'KEEP' : null
}

async function chosenBots(desk: Desk, name: BotCommandName, { bot, all }: ActInput): Promise<BotName[]> {
  if (all === true && bot.length > 0) throw new UsageError('Name bots, or say --all; not both.')
  if (all !== true && bot.length === 0)
    throw new UsageError(
      name === 'DELETE' ? 'Name at least one bot.' : 'Name at least one bot, or say --all.',
    )
  if (all !== true) return findBots(await desk.names(), bot)
  const { bots } = await desk.list({})
  // Stopping a bot that is stopped, or pausing one that is paused, does nothing that --all would mean.
  const idle = { START: '', RESUME: '', DELETE: '', STOP: 'STOPPED', PAUSE: 'PAUSED' }[name]
  return bots.filter(({ allowedCommands, state }) => allowedCommands.includes(name) && state.status !== idle)
}

async function ask(context: Context, yes: boolean, name: BotCommandName, bots: BotName[]): Promise<void> {
  const which = bots.length === 1 ? `"${plainLine(bots[0]?.name ?? '')}"` : count(bots.length, 'bot')
  if (await confirm(context, yes, `${WORDS[name].ask} ${which}?`)) return
  throw new RefusedError('NOT_CONFIRMED', 'Nothing was changed.')
}

async function giveToAll(
  desk: Desk,
  name: BotCommandName,
  bots: BotName[],
  openPosition: OpenPosition,
  context: Context,
): Promise<Done[]> {
  const outcomes: Done[] = []
  for (const bot of bots) {
    context.progress.show(`${WORDS[name].ask} ${plainLine(bot.name)}`, outcomes.length, bots.length)
    const failure = await give(desk, name, bot, openPosition, outcomes)
    const known = context.signal.aborted && bots.length > outcomes.length ? new InterruptedError() : failure
    if (known === undefined) continue
    // The one that was named is all that there is to tell; and without a server, or after Ctrl-C, the rest cannot be done.
    const alone = bots.length === 1
    if (alone || known.exitCode === EXIT.interrupted || !isRefusal(known)) {
      context.progress.clear()
      for (const outcome of outcomes) context.note(lineOf(name, outcome, context))
      throw known
    }
    const { code, message } = known
    outcomes.push({ ...bot, done: false, status: null, closing: false, error: { code, message } })
  }
  return outcomes
}

async function give(
  desk: Desk,
  name: BotCommandName,
  bot: BotName,
  openPosition: OpenPosition,
  outcomes: Done[],
): Promise<KnownError | undefined> {
  try {
    const now = await desk.command(name, bot.id, openPosition)
    outcomes.push({ id: bot.id, name: bot.name, done: true, ...now, error: null })
    return undefined
  } catch (error) {
    const known = asKnown(error)
    if (known === undefined) throw error
    return known
  }
}

/** Of this bot alone: the next may do it all the same. */
function isRefusal({ exitCode, code }: KnownError): boolean {
  return exitCode === EXIT.refused || code === 'BOT_UNKNOWN'
}

function lineOf(
  name: BotCommandName,
  { done, status, closing, error, ...bot }: Done,
  { paint }: Context,
): string {
  if (!done) return `${nameOf(bot)}: ${paint.bad('refused')}: ${plainLine(error?.message ?? '')}`
  const closes = closing ? '; its position is being closed' : ''
  if (name === 'DELETE' && status !== null)
    return `${nameOf(bot)}: ${paint.warn('to be deleted')} as soon as its orders are settled${closes}.`
  const now = status === null || name === 'STOP' ? '' : `, ${status}`
  const guarded = name === 'PAUSE' ? '; an open position stays guarded' : ''
  return `${nameOf(bot)}: ${paint.good(WORDS[name].done)}${now}${closes}${guarded}.`
}
