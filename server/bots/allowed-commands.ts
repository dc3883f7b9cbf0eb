import { allowedCommands } from '#trading/domain/bot-lifecycle.ts'
import { loadFacts } from '#trading/store/lifecycle-facts.ts'
import type { BotRow } from '../live/bot-row.ts'
import { batchByBot } from './batch.ts'

const factsOf = batchByBot(
  (bot: BotRow) => String(bot.id),
  ({ pool }, ids) => loadFacts(pool, ids),
)

/** What the lifecycle allows for this bot. */
export async function commandsOf(services: Parameters<typeof factsOf>[0], bot: BotRow) {
  const facts = await factsOf(services, bot)
  return facts === undefined ? [] : allowedCommands(facts)
}
