import { type TradingCheck, tradingChecks } from '#trading/domain/trading-checks.ts'
import { loadTradingFacts } from '#trading/store/trading-facts.ts'
import type { Services } from '../context.ts'
import type { BotRow } from '../live/bot-row.ts'
import { batchByBot } from './batch.ts'

const factsOf = batchByBot(
  (bot: BotRow) => String(bot.id),
  ({ pool, env }, ids) => loadTradingFacts(pool, ids, env.timing.deadAfterMs),
)

/** The ladder of this bot, from tables as they are now. */
export async function checksOf(services: Services, bot: BotRow): Promise<TradingCheck[]> {
  const facts = await factsOf(services, bot)
  return facts === undefined ? [] : tradingChecks(facts)
}
