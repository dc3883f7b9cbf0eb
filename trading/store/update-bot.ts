import type { Actor } from '../domain/actor.ts'
import type { Bot, BotConfig } from '../domain/bot.ts'
import { StaleRevisionError, ValidationError, type ValidationIssue } from '../domain/errors.ts'
import { plain } from '../domain/money.ts'
import { toColumns } from './bot-columns.ts'
import { command } from './bot-commands.ts'
import { type LockedBot, saveState, type Surroundings } from './bots.ts'
import { ensureDay } from './days.ts'
import { leaveDust } from './dust.ts'
import { writeEvents } from './events.ts'
import type { Tx } from './pool.ts'
import { writeFormerRevision, writeRevision } from './revisions.ts'

export type BotUpdate = { id: string; revision: number; changes: Partial<BotConfig> }

/** What a strategy's signals depend on. */
const SIGNAL_FIELDS = [
  'timeframe',
  'strategy',
  'strategyParams',
  'emaFast',
  'emaSlow',
  'rsiPeriod',
  'rsiOverbought',
  'rsiOversold',
] as const

/** These change only while the bot is stopped, flat and settled. */
const PINNED_WHILE_BUSY = ['direction', 'leverage', 'apiKeyId'] as const

/**
 * Changes what is given; it takes effect at the next tick. `checks` validates the whole configuration as it would become.
 * @throws StaleRevisionError, ValidationError, InvalidTransitionError, NotFoundError
 */
export async function updateBot(
  tx: Tx,
  actor: Actor,
  update: BotUpdate,
  checks: (config: BotConfig) => ValidationIssue[],
): Promise<void> {
  const { locked, around } = await command(tx, actor, update.id, 'UPDATE')
  const { bot } = locked
  if (bot.revision !== update.revision) throw new StaleRevisionError(bot.revision)
  const changes = changesOnly(bot, update.changes)
  if (Object.keys(changes).length === 0) return
  const issues = [...pinnedIssues(locked, around, changes), ...checks({ ...bot, ...changes })]
  if (issues.length > 0) throw new ValidationError(issues)

  await writeFormerRevision(tx, bot.id, bot.revision, bot)
  const { columns, values } = toColumns(changes)
  await tx.query(
    `UPDATE bot_configs SET ${columns.map((column, index) => `${column} = $${index + 2}`).join(', ')},
       revision = revision + 1, updated_at = tradebot_now() WHERE id = $1`,
    [bot.id, ...values],
  )
  await writeRevision(tx, actor, bot.id, bot.revision + 1, { ...bot, ...changes })
  if (SIGNAL_FIELDS.some((field) => changes[field] !== undefined)) beginSignalsAnew(locked)
  const left = changes.apiKeyId === undefined ? null : await leaveDust(tx, locked)
  if (changes.checkIntervalSeconds !== undefined) comeSooner(locked, changes.checkIntervalSeconds)
  if (changes.initialCapital !== undefined) await shiftCapital(tx, locked, around, changes.initialCapital)
  // Also where nothing of it changed: its version tells clients to read the bot again.
  await saveState(tx, locked.state)
  const named = Object.keys(changes).join(', ')
  await writeEvents(tx, actor, [
    {
      botId: bot.id,
      type: 'UPDATED',
      command: 'UPDATE',
      message: `Configuration changed to revision ${bot.revision + 1}: ${named}.`,
    },
    ...(left === null ? [] : [{ botId: bot.id, type: 'DUST_LEFT', message: left }]),
  ])
}

/**
 * Other candles, or other rules: as after START, only candles that close from now on give an entry. What was looked at of the old series says
 * nothing of the new one, and a signal of before the change is none that the person who changed it has seen.
 */
function beginSignalsAnew({ state, now }: LockedBot): void {
  state.lastCandleAt = null
  state.lastSignal = null
  if (state.startedAt !== null) state.startedAt = now
}

/** The next tick was set by the old interval: a shorter one counts from now, or a bot that looked once a day would learn of it tomorrow. */
function comeSooner({ state, now }: LockedBot, intervalSeconds: number): void {
  const soon = new Date(now.getTime() + intervalSeconds * 1000)
  if (state.nextTickAt !== null && state.nextTickAt > soon) state.nextTickAt = soon
}

/** More or less capital is no profit and no loss: equity, its peak and the day's start move by the same amount. */
async function shiftCapital(
  tx: Tx,
  locked: LockedBot,
  around: Surroundings,
  initialCapital: BotConfig['initialCapital'],
): Promise<void> {
  const { state, bot, today } = locked
  const shift = initialCapital.minus(bot.initialCapital)
  // Opened with the old capital first: opened later, the new one would look like a profit of the day before.
  await ensureDay(tx, bot, state, around.position, today)
  state.equity = state.equity.plus(shift)
  state.peakEquity = state.peakEquity.plus(shift)
  await tx.query(
    `UPDATE bot_days SET start_equity = start_equity + $3::numeric WHERE bot_id = $1 AND day = $2`,
    [bot.id, today, plain(shift)],
  )
}

function pinnedIssues(
  locked: LockedBot,
  around: Surroundings,
  changes: Partial<BotConfig>,
): ValidationIssue[] {
  const idle =
    locked.state.status === 'STOPPED' &&
    around.position === null &&
    around.unsettled === null &&
    around.stop === null &&
    !locked.state.closing
  if (idle) return []
  return PINNED_WHILE_BUSY.filter((field) => changes[field] !== undefined).map((field) => ({
    path: [field],
    message: `${field} can be changed only while the bot is stopped, without a position or an unsettled order.`,
  }))
}

function changesOnly(bot: Bot, changes: Partial<BotConfig>): Partial<BotConfig> {
  return Object.fromEntries(
    Object.entries(changes).filter(
      ([field, value]) =>
        value !== undefined && JSON.stringify(value) !== JSON.stringify(bot[field as keyof BotConfig]),
    ),
  )
}
