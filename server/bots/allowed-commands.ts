import { allowedCommands, type BotCommand } from '#trading/domain/bot-lifecycle.ts'
import { loadFacts } from '#trading/store/lifecycle-facts.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { BotRow } from '../live/bot-row.ts'

type Batch = { bots: Map<BotRow, (commands: BotCommand[]) => void>; failed: ((error: unknown) => void)[] }

const answers = new WeakMap<BotRow, Promise<BotCommand[]>>()
const batches = new WeakMap<Pool, Batch>()

/**
 * What the lifecycle allows for this bot. All bots asked for in one turn (a page of a list) share a query, and so do all subscribers who are
 * handed the same loaded row.
 */
export function commandsOf(pool: Pool, bot: BotRow): Promise<BotCommand[]> {
  const known = answers.get(bot)
  if (known !== undefined) return known
  const asked = new Promise<BotCommand[]>((resolve, reject) => {
    const batch = batches.get(pool) ?? openBatch(pool)
    batch.bots.set(bot, resolve)
    batch.failed.push(reject)
  })
  answers.set(bot, asked)
  asked.catch(() => answers.delete(bot)) // The caller hears of it; the next one may ask again.
  return asked
}

function openBatch(pool: Pool): Batch {
  const batch: Batch = { bots: new Map(), failed: [] }
  batches.set(pool, batch)
  setImmediate(() => {
    batches.delete(pool)
    run(pool, batch).catch((error: unknown) => {
      for (const reject of batch.failed) reject(error)
    })
  })
  return batch
}

async function run(pool: Pool, { bots }: Batch): Promise<void> {
  const facts = await loadFacts(pool, [...new Set([...bots.keys()].map((bot) => String(bot.id)))])
  for (const [bot, resolve] of bots) {
    const known = facts.get(String(bot.id))
    resolve(known === undefined ? [] : allowedCommands(known))
  }
}
