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
import type { actResult, BotSummary } from './shapes.ts'
import { plainLine } from './table.ts'
import { count, heldWords, nameOf } from './words.ts'

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
  return async (
    input: ActInput,
    context: Context,
  ): Promise<{ exitCode: 0 | 1; result: Result; text: string }> => {
    const openPosition = chosenPolicy(input)
    checkNamed(name, input)
    return withDesk(context, input, async (desk) => {
      const chosen = await chosenBots(desk, name, input)
      const bots = chosen.flatMap((bot) => ('error' in bot ? [] : [bot]))
      const unknown = chosen.flatMap((bot) => ('error' in bot ? [bot] : []))
      if (chosen.length === 1 && unknown[0] !== undefined) throw unknown[0].error
      if (chosen.length === 0)
        return { exitCode: 0, result: { bots: [] }, text: `No bot can be ${WORDS[name].done} now.` }
      if (bots.length > 0 && (input.all === true || name === 'DELETE'))
        await ask(context, input.yes, name, bots)
      const given = await giveToAll(desk, name, bots, openPosition, context, chosen.length === 1)
      const outcomes = chosen.flatMap((bot) =>
        'error' in bot ? [refusedAs(bot, bot.error)] : given.filter(({ id }) => id === bot.id),
      )
      const kept =
        name === 'STOP' && openPosition === 'KEEP'
          ? await keptPositions(desk, context)
          : new Map<string, BotSummary>()
      return {
        exitCode: outcomes.every(({ done }) => done) ? 0 : 1,
        result: { bots: outcomes },
        text: outcomes
          .map((outcome) => `${lineOf(name, outcome, context)}${keptWords(outcome, kept)}`)
          .join('\n'),
      }
    })
  }
}

function chosenPolicy({ close, keep }: ActInput): OpenPosition {
  if (close === true && keep === true) throw new UsageError('--close or --keep, not both.')
  return close === true ? 'CLOSE' : keep === true ? 'KEEP' : null
}

function checkNamed(name: BotCommandName, { bot, all }: ActInput): void {
  if (all === true && bot.length > 0) throw new UsageError('Name bots, or say --all; not both.')
  if (all !== true && bot.length === 0)
    throw new UsageError(
      name === 'DELETE' ? 'Name at least one bot.' : 'Name at least one bot, or say --all.',
    )
}

async function chosenBots(
  desk: Desk,
  name: BotCommandName,
  { bot, all }: ActInput,
): Promise<ReturnType<typeof findBots>> {
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
  alone: boolean,
): Promise<Done[]> {
  const outcomes: Done[] = []
  for (const bot of bots) {
    context.progress.show(`${WORDS[name].ask} ${plainLine(bot.name)}`, outcomes.length, bots.length)
    const failure = await give(desk, name, bot, openPosition, outcomes)
    const known = context.signal.aborted && bots.length > outcomes.length ? new InterruptedError() : failure
    if (known === undefined) continue
    // The one that was named is all that there is to tell; and without a server, or after Ctrl-C, the rest cannot be done.
    if (alone || known.exitCode === EXIT.interrupted || !isRefusal(known)) {
      context.progress.clear()
      for (const outcome of outcomes) context.note(lineOf(name, outcome, context))
      throw known
    }
    outcomes.push(refusedAs(bot, known))
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

function refusedAs({ id, name }: { id: string | null; name: string }, { code, message }: KnownError): Done {
  return { id, name, done: false, status: null, closing: false, error: { code, message } }
}

/** Positions that are open, by bot: what is kept has to be told. */
async function keptPositions(desk: Desk, context: Context): Promise<Map<string, BotSummary>> {
  try {
    const { bots } = await desk.list({})
    return new Map(bots.filter(({ position }) => position !== null).map((bot) => [bot.id, bot]))
  } catch (error) {
    const known = asKnown(error)
    if (known === undefined) throw error
    context.note(`Which positions stay open could not be read: ${known.message}`)
    return new Map()
  }
}

function keptWords({ id, done }: Done, kept: ReadonlyMap<string, BotSummary>): string {
  const bot = done && id !== null ? kept.get(id) : undefined
  if (bot === undefined) return ''
  const watched = bot.position?.protectedAtExchange
    ? 'only its stop order at the exchange watches it'
    : 'no stop rests at the exchange, and nobody watches it but you'
  return ` Its position (${heldWords(bot)} ${bot.symbol}) stays open, and TradeBot guards it no more: ${watched}.`
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
  const { id } = bot
  const who = id === null ? `"${plainLine(bot.name)}"` : nameOf({ id, name: bot.name })
  if (!done) return `${who}: ${paint.bad('refused')}: ${plainLine(error?.message ?? '')}`
  const closes = closing ? '; its position is being closed' : ''
  if (name === 'DELETE' && status !== null)
    return `${who}: ${paint.warn('to be deleted')} as soon as its orders are settled${closes}.`
  const now = status === null || name === 'STOP' ? '' : `, ${status}`
  const guarded = name === 'PAUSE' ? '; an open position stays guarded' : ''
  return `${who}: ${paint.good(WORDS[name].done)}${now}${closes}${guarded}.`
}
