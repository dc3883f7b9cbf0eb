import { createStore, reconcile, unwrap } from 'solid-js/store'
import type { BotLive } from '../graphql/documents/bots.ts'
import { isNewer } from './version.ts'

const [bots, setBots] = createStore<Record<string, BotLive | undefined>>({})

/** Every bot that this session has seen, by id; queries, commands and subscriptions all write here. */
export { bots }

/** Takes the newer of what is known and what came: a slow query must not undo what the socket brought. */
export function mergeBot(bot: BotLive): void {
  const known = bots[bot.id]
  if (known && !isNewer(bot, known)) return
  // A copy: reconcile writes into what it holds, which must not be a row of a query's answer as well.
  setBots(bot.id, reconcile(structuredClone(unwrap(bot))))
}

export function mergeBots(list: readonly BotLive[]): void {
  for (const bot of list) mergeBot(bot)
}

export function forgetBot(id: string): void {
  setBots(id, undefined)
}

export function forgetAllBots(): void {
  setBots(reconcile({}))
}
