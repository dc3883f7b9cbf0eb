import { NotFoundError } from '#trading/domain/errors.ts'
import { addRealizedDust } from '#trading/store/dust.ts'
import {
  loadSurroundings,
  lockBot,
  type LockedBot,
  markDeleted,
  saveState,
  type Surroundings,
} from '#trading/store/bots.ts'
import { ensureDay, saveDay } from '#trading/store/days.ts'
import { type NewEvent, writeEvents } from '#trading/store/events.ts'
import { bookClosedFundings, bookFunding, paperFunding } from '#trading/store/funding.ts'
import { findMarket } from '#trading/store/known-markets.ts'
import { liquidateOnPaper } from '#trading/store/liquidation.ts'
import { insertIntent } from '#trading/store/orders.ts'
import { reconcileWithin } from '#trading/store/reconcile-schedule.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { savePositionPrices } from '#trading/store/positions.ts'
import { cancelStop, lookAtStop } from '#trading/store/protective-stops.ts'
import { enqueue } from '#trading/jobs/enqueue.ts'
import { tick } from '#trading/domain/tick/tick.ts'
import type { MarketView, TickInput, TickPlan } from '#trading/domain/tick/types.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { hintSoon } from '../hints.ts'
import { readStartFacts } from './start-facts.ts'

const LOCK_NOT_AVAILABLE = '55P03'

/**
 * One tick. It makes no network call: the market-data loop did. One transaction locks the bot's state, reads the database's clock, decides
 * and writes state, events and, if it trades, the intent with its job.
 */
export const runBot: TaskHandler<'run_bot'> = async ({ botId }, deps) => {
  try {
    const done = await inTransaction(deps.pool, (tx) => tickOnce(tx, botId, deps))
    if (done.userId !== null) hintSoon(deps, done.userId)
    return done.outcome
  } catch (error) {
    if (isLockNotAvailable(error)) return 'Skipped (locked)'
    if (!(error instanceof NotFoundError)) throw error
    // Left due, it would be dispatched four times a second for ever.
    await deps.pool.query(`UPDATE bot_states SET next_tick_at = NULL WHERE bot_id = $1`, [botId])
    return 'Skipped (deleted)'
  }
}

async function tickOnce(
  tx: Tx,
  botId: string,
  deps: WorkerDeps,
): Promise<{ outcome: string; userId: string | null }> {
  const locked = await lockBot(tx, botId, { nowait: true, deletedToo: 'CLOSING' })
  const { bot, state, now } = locked
  if (state.nextTickAt === null) return { outcome: 'Skipped (idle)', userId: null }
  if (state.nextTickAt > now) return { outcome: 'Skipped (early)', userId: null }

  const around = await loadSurroundings(tx, botId)
  const input = await readInput(tx, locked, around, deps)
  const plan = tick(input)
  const intent = await writePlan(tx, locked, around, input, plan)
  const moved = plan.state.status === state.status ? '' : `, ${state.status} to ${plan.state.status}`
  return {
    outcome:
      intent === null && moved === '' ? 'Ticked' : `Ticked${moved}${intent === null ? '' : `, ${intent}`}`,
    userId: bot.userId,
  }
}

async function readInput(
  tx: Tx,
  locked: LockedBot,
  around: Surroundings,
  deps: WorkerDeps,
): Promise<TickInput> {
  const { bot, state, now } = locked
  const day = await ensureDay(tx, bot, state, around.position, locked.today)
  // Before the market: a list that arrives in between must not look like one without this market.
  const start = state.status === 'PENDING' ? await readStartFacts(tx, bot, deps.env.masterKey) : null
  const user = await tx.query<{ halted: boolean; orders: number }>(
    `SELECT u.halted_at IS NOT NULL AS halted,
       (SELECT count(*)::int FROM orders WHERE bot_id = $2 AND purpose <> 'PROTECTIVE_STOP' AND created_at > (SELECT tradebot_now()) - interval '1 minute') AS orders
     FROM users u WHERE u.id = $1`,
    [bot.userId, bot.id],
  )
  return {
    now,
    bot,
    state,
    position: around.position,
    unsettled: around.unsettled,
    stop: around.stop,
    day,
    halted: user.rows[0]?.halted === true,
    market: await findMarket(tx, bot.exchange, bot.symbol),
    data: viewOf(locked, deps),
    start,
    ordersLastMinute: user.rows[0]?.orders ?? 0,
  }
}

function viewOf({ bot }: LockedBot, deps: WorkerDeps): MarketView | null {
  const snapshot = deps.marketData.snapshot(bot.exchange, bot.symbol, bot.timeframe)
  if (snapshot === null) {
    deps.marketData.nudge()
    return null
  }
  return {
    signals: deps.signals.newest(bot, snapshot.candles),
    lastPrice: snapshot.lastPrice,
    ageMs: snapshot.ageMs,
    ...(snapshot.mark !== undefined && { mark: snapshot.mark }),
  }
}

/** Writes the plan; answers what was intended, for the log. */
async function writePlan(
  tx: Tx,
  locked: LockedBot,
  around: Surroundings,
  input: TickInput,
  plan: TickPlan,
): Promise<string | null> {
  const { bot } = locked
  const { position } = around
  const events: NewEvent[] = plan.events.map((event) => ({ ...event, botId: bot.id }))
  const day = { ...input.day, unrealizedPnl: plan.dayUnrealized }
  if (position !== null && plan.positionPrices !== null)
    await savePositionPrices(tx, position, plan.positionPrices)
  if (position !== null && plan.dustAt !== null)
    await addRealizedDust(tx, { ...locked, state: plan.state }, position, plan.dustAt, day)
  if (around.stop !== null && plan.cancelStop !== null) await cancelStop(tx, around.stop, plan.cancelStop)
  else if (around.stop !== null && plan.lookAtStop) await lookAtStop(tx, around.stop.id)
  let intended: string | null = null
  if (plan.intent !== null) {
    const orderId = await insertIntent(tx, bot, position?.id ?? null, plan.intent)
    if (orderId !== null) {
      await enqueue(tx, 'execute_order', { orderId }, plan.intent.purpose === 'ENTRY' ? ['entry'] : [])
      intended = `${plan.intent.purpose} intended`
      events.push({
        botId: bot.id,
        type: 'ORDER_INTENDED',
        message: `${plan.intent.purpose} ${plan.intent.side} ${plan.intent.amount.toFixed()} intended as order ${orderId}: ${plan.intent.reason}.`,
      })
    }
  }
  await saveDay(tx, bot.id, day)
  await saveState(tx, plan.state, true)
  await writePaperTerms(tx, { ...locked, state: plan.state }, input, plan)
  if (plan.remove) {
    await markDeleted(tx, bot.id)
    events.push({ botId: bot.id, type: 'DELETED', message: 'Flat and settled: deleted.' })
  }
  if (plan.wants.includes('refresh_markets')) await enqueue(tx, 'refresh_markets', { exchange: bot.exchange })
  if (plan.wants.includes('probe_key') && bot.apiKeyId !== null)
    await enqueue(tx, 'probe_key', { apiKeyId: bot.apiKeyId })
  if (plan.wants.includes('reconcile_account') && bot.apiKeyId !== null)
    await reconcileWithin(tx, bot.apiKeyId, 0)
  await writeEvents(tx, { userId: bot.userId, label: 'worker' }, events)
  return intended
}

/** What a venue would do to a perpetual's position by itself: funding, and liquidation. State and day are saved before. */
async function writePaperTerms(
  tx: Tx,
  locked: LockedBot,
  { market, data }: TickInput,
  { fundings, liquidate }: TickPlan,
): Promise<void> {
  if (market === null) return
  if (locked.bot.mode === 'PAPER' && data?.mark) await bookClosedFundings(tx, locked, market.quote, data.mark)
  for (const { at, amount } of fundings)
    await bookFunding(tx, locked, { ...paperFunding(locked.bot.id, at), amount, currency: market.quote })
  if (liquidate !== null) await liquidateOnPaper(tx, locked, market, liquidate)
}

function isLockNotAvailable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE
}
