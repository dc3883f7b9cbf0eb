import { asKnown, CouldNotError, type KnownError } from '../frame/errors.ts'
import { distance } from '../frame/nearest.ts'
import type { BotName } from './desk.ts'
import { nameOf } from './words.ts'
import { plainLine } from './table.ts'

/**
 * The bot that a command line names: by its id, or by a name that only one bot has; what is the one's id and the other's name is neither.
 * @throws CouldNotError BOT_UNKNOWN with the nearest name, BOT_AMBIGUOUS with the ids
 */
export function findBot(bots: readonly BotName[], wanted: string): BotName {
  const byId = bots.find((bot) => bot.id === wanted)
  const namesake = bots.find((bot) => bot.name === wanted && bot.id !== wanted)
  if (byId !== undefined && namesake !== undefined)
    throw new CouldNotError(
      'BOT_AMBIGUOUS',
      `${wanted} is the number of ${nameOf(byId)} and the name of ${nameOf(namesake)}.`,
      { hint: `Name the one by its name, the other by its number ${namesake.id}.` },
    )
  if (byId !== undefined) return byId
  const [found, other] = bots.filter((bot) => bot.name === wanted)
  if (found !== undefined && other === undefined) return found
  if (found !== undefined) {
    const ids = bots.filter((bot) => bot.name === wanted).map((bot) => bot.id)
    throw new CouldNotError(
      'BOT_AMBIGUOUS',
      `${ids.length} bots are named "${plainLine(wanted)}": ${ids.join(', ')}.`,
      { hint: 'Name the one that is meant by its number.' },
    )
  }
  const near = nearest(bots, wanted)
  throw new CouldNotError('BOT_UNKNOWN', `There is no bot "${plainLine(wanted)}".`, {
    hint:
      near === undefined
        ? 'tradebotctl bots list shows them all.'
        : `Did you mean ${nameOf(near)}? tradebotctl bots list shows them all.`,
  })
}

/** Each named bot once, in the order in which they were named, and why one cannot be told. */
export function findBots(
  bots: readonly BotName[],
  wanted: readonly string[],
): (BotName | { id: null; name: string; error: KnownError })[] {
  const found = [...new Set(wanted)].map((each) => {
    try {
      return findBot(bots, each)
    } catch (error) {
      const known = asKnown(error)
      if (known === undefined) throw error
      return { id: null, name: each, error: known }
    }
  })
  return [...new Set(found)]
}

function nearest(bots: readonly BotName[], wanted: string): BotName | undefined {
  const rated = bots.map((bot) => ({ bot, far: distance(bot.name, wanted) }))
  const best = rated.toSorted((a, b) => a.far - b.far)[0]
  const atMost = Math.max(2, Math.floor(wanted.length / 3))
  return best !== undefined && best.far <= atMost ? best.bot : undefined
}
