import {
  type BotFacts,
  deadWorker,
  hasEnded,
  isLate,
  judgeEvent,
  judgeFacts,
  MANY_LATE,
} from '#trading/domain/alerts.ts'
import {
  beginAlert,
  endAlerts,
  readNow,
  readOpenAlerts,
  readSuspects,
  takeDeadWorkers,
  takeNewEvents,
  takeWatch,
  usersWithActiveBots,
} from '#trading/store/alerts.ts'
import { inTransaction, type Pool, type Tx } from '#trading/store/pool.ts'

/**
 * One look for troubles, in one transaction: what the new events tell, what the tables show (`withTables`), and which troubles are over. Answers
 * how many alerts are new; null while another worker is looking.
 */
export async function watchForTrouble(pool: Pool, withTables: boolean): Promise<number | null> {
  return inTransaction(pool, async (tx) => {
    if (!(await takeWatch(tx))) return null
    const told = await tellEvents(tx)
    const found = withTables ? (await tellDeadWorkers(tx)) + (await tellTables(tx)) : 0
    await endTroubles(tx)
    return told + found
  })
}

async function tellEvents(tx: Tx): Promise<number> {
  let told = 0
  for (const event of await takeNewEvents(tx)) {
    const { begins, ends } = judgeEvent(event)
    await endAlerts(tx, event.userId, ends)
    if (begins !== null && (await beginAlert(tx, event, begins))) told++
  }
  return told
}

async function tellDeadWorkers(tx: Tx): Promise<number> {
  const dead = await takeDeadWorkers(tx)
  if (dead.length === 0) return 0
  let told = 0
  for (const userId of await usersWithActiveBots(tx)) {
    for (const worker of dead)
      if (await beginAlert(tx, { userId, botId: null, at: null }, deadWorker(worker), true)) told++
  }
  return told
}

async function tellTables(tx: Tx): Promise<number> {
  const now = await readNow(tx)
  const byUser = Map.groupBy(await readSuspects(tx), ({ userId }) => userId)
  let told = 0
  for (const [userId, suspects] of byUser) {
    for (const trouble of judgeFacts(factsOf(suspects), now)) {
      if (await beginAlert(tx, { userId, botId: trouble.botId, at: null }, trouble)) told++
    }
  }
  return told
}

async function endTroubles(tx: Tx): Promise<void> {
  const open = await readOpenAlerts(tx)
  if (open.length === 0) return
  const now = await readNow(tx)
  const manyLate = open.some((alert) => alert.key === MANY_LATE)
  const suspects = manyLate ? await readSuspects(tx) : []
  for (const alert of open) {
    const { facts, userId, key } = alert
    const ended =
      facts === null
        ? !suspects.some((one) => key === MANY_LATE && one.userId === userId && isLate(one.facts, now))
        : hasEnded(alert, facts, now)
    if (ended) await endAlerts(tx, userId, [key])
  }
}

function factsOf(suspects: { facts: BotFacts }[]): BotFacts[] {
  return suspects.map(({ facts }) => facts)
}
