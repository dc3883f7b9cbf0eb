import type { Actor } from '../domain/actor.ts'
import type { BotConfig, OpenPositionPolicy } from '../domain/bot.ts'
import { type BotCommand, transition } from '../domain/bot-lifecycle.ts'
import { InvalidTransitionError, OpenPositionError } from '../domain/errors.ts'
import { plain } from '../domain/money.ts'
import { rests } from '../domain/protective-stop.ts'
import { forgetExit } from '../domain/tick/stop.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { toColumns } from './bot-columns.ts'
import {
  factsOf,
  type LockedBot,
  loadSurroundings,
  lockBot,
  markDeleted,
  saveState,
  setActive,
  type Surroundings,
} from './bots.ts'
import { type NewEvent, writeEvents } from './events.ts'
import type { Tx } from './pool.ts'
import { cancelStop } from './protective-stops.ts'
import { writeRevision } from './revisions.ts'

/**
 * What people ask of bots. Each runs in the caller's transaction: row, event and job are committed together. All throw NotFoundError for a
 * bot that is not the actor's, and InvalidTransitionError where the lifecycle refuses.
 */

/** Saves a configuration that has been validated; answers the new bot's id. */
export async function createBot(tx: Tx, actor: Actor, config: BotConfig): Promise<string> {
  const { columns, values } = toColumns(config)
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO bot_configs (user_id, ${columns.join(', ')}, created_at, updated_at)
     VALUES ($1, ${columns.map((_, index) => `$${index + 2}`).join(', ')}, tradebot_now(), tradebot_now()) RETURNING id`,
    [actor.userId, ...values],
  )
  const botId = rows[0]?.id
  if (botId === undefined) throw new Error('INSERT … RETURNING gave no row')
  await tx.query(
    `INSERT INTO bot_states (bot_id, equity, peak_equity, updated_at) VALUES ($1, $2, $2, tradebot_now())`,
    [botId, plain(config.initialCapital)],
  )
  await writeRevision(tx, actor, botId, 1, config)
  await writeEvents(tx, actor, [
    { botId, type: 'CREATED', to: 'STOPPED', message: `Bot "${config.name}" created.` },
  ])
  return botId
}

export async function startBot(tx: Tx, actor: Actor, botId: string): Promise<void> {
  const { locked, to } = await command(tx, actor, botId, 'START')
  const { state } = locked
  const from = state.status
  Object.assign(state, {
    status: to,
    errorCode: null,
    errorMessage: null,
    notice: null,
    noticeMessage: null,
    closePolicy: null,
    exitFailures: 0,
    exitRetryAt: null,
    stopFailures: 0,
    stopRetryAt: null,
    stopNotice: null,
    startedAt: locked.now,
    nextTickAt: locked.now,
  })
  forgetExit(state)
  await setActive(tx, botId, true)
  await saveState(tx, state)
  await enqueue(tx, 'run_bot', { botId })
  await writeEvents(tx, actor, [{ botId, type: 'STATUS', command: 'START', from, to, message: 'Started.' }])
}

export async function pauseBot(tx: Tx, actor: Actor, botId: string): Promise<void> {
  const { locked, to, around } = await command(tx, actor, botId, 'PAUSE')
  const { state } = locked
  const from = state.status
  Object.assign(state, { status: to, pauseReason: 'MANUAL', pauseDay: null })
  if (around.unsettled?.purpose === 'ENTRY') await dropWaitingIntent(tx, around)
  await saveState(tx, state)
  const guarded = around.position === null ? '' : ' The open position stays guarded.'
  await writeEvents(tx, actor, [
    { botId, type: 'STATUS', command: 'PAUSE', from, to, message: `Paused: no new entries.${guarded}` },
  ])
}

export async function resumeBot(tx: Tx, actor: Actor, botId: string): Promise<void> {
  const { locked, to } = await command(tx, actor, botId, 'RESUME')
  const { state } = locked
  const from = state.status
  // What made a drawdown pause was seen by a person: the next one is measured from here. Any other pause leaves the mark where it was.
  if (state.pauseReason === 'DRAWDOWN') state.peakEquity = state.equity
  Object.assign(state, { status: to, pauseReason: null, pauseDay: null, nextTickAt: locked.now })
  await saveState(tx, state)
  await enqueue(tx, 'run_bot', { botId })
  await writeEvents(tx, actor, [{ botId, type: 'STATUS', command: 'RESUME', from, to, message: 'Resumed.' }])
}

/** @throws OpenPositionError when a position or an unsettled order needs a choice that was not given */
export async function stopBot(
  tx: Tx,
  actor: Actor,
  botId: string,
  openPosition: OpenPositionPolicy | null,
): Promise<void> {
  const { locked, to, around } = await command(tx, actor, botId, 'STOP')
  const { state } = locked
  const from = state.status
  const policy = choose(around, openPosition, 'stop')
  Object.assign(state, {
    status: to,
    pauseReason: null,
    pauseDay: null,
    errorCode: null,
    errorMessage: null,
    // What denied an entry says nothing of a bot that makes none.
    notice: null,
    noticeMessage: null,
  })
  // Before any job: the dispatcher too locks the configuration first, and would be met in the middle.
  await setActive(tx, botId, false)
  await wind(tx, locked, around, policy)
  await saveState(tx, state)
  await writeEvents(tx, actor, [
    { botId, type: 'STATUS', command: 'STOP', from, to, message: `Stopped.${aftermath(around, policy)}` },
  ])
}

/**
 * Soft-deletes the bot: at once when it is flat and settled, else as soon as it is (KEEP: as soon as its orders are settled; the coins stay
 * on the account). @throws OpenPositionError
 */
export async function deleteBot(
  tx: Tx,
  actor: Actor,
  botId: string,
  openPosition: OpenPositionPolicy | null,
): Promise<void> {
  const { locked, around } = await command(tx, actor, botId, 'DELETE')
  const { state } = locked
  const events: NewEvent[] = []
  const policy = choose(around, openPosition, 'delete')
  if (state.status === 'ERROR') {
    events.push({
      botId,
      type: 'STATUS',
      command: 'DELETE',
      from: 'ERROR',
      to: 'STOPPED',
      message: 'Stopped, to be deleted.',
    })
    Object.assign(state, { status: 'STOPPED', errorCode: null, errorMessage: null })
  }
  await setActive(tx, botId, false)
  await wind(tx, locked, around, policy)
  const waits = around.unsettled !== null || state.closing || (around.stop !== null && !rests(around.stop))
  if (waits) Object.assign(state, { deleting: true, nextTickAt: locked.now })
  await saveState(tx, state)
  if (waits) await enqueue(tx, 'run_bot', { botId })
  else await markDeleted(tx, botId)
  events.push({
    botId,
    type: waits ? 'DELETING' : 'DELETED',
    command: 'DELETE',
    message: `${waits ? 'To be deleted.' : 'Deleted.'}${aftermath(around, policy)}`,
  })
  await writeEvents(tx, actor, events)
}

/** The lifecycle's word on a command, with the bot's state row locked. @throws InvalidTransitionError, NotFoundError */
export async function command(tx: Tx, actor: Actor, botId: string, name: BotCommand) {
  const locked = await lockBot(tx, botId, { userId: actor.userId })
  const around = await loadSurroundings(tx, botId)
  const verdict = transition(factsOf(locked, around), name)
  if (verdict.to === null) throw new InvalidTransitionError(locked.state.status, name, verdict.refused)
  return { locked, around, to: verdict.to }
}

/** An intent that nobody has claimed yet is never sent: the claim takes the bot's lock, which we hold. */
async function dropWaitingIntent(tx: Tx, around: Surroundings): Promise<void> {
  if (around.unsettled?.status !== 'INTENDED') return
  await tx.query(
    `UPDATE orders SET status = 'NOT_PLACED', error_code = 'BOT_STATUS', error_message = 'Never sent: the bot was paused or stopped first.',
       next_settle_at = NULL, updated_at = tradebot_now() WHERE id = $1 AND status = 'INTENDED'`,
    [around.unsettled.id],
  )
  around.unsettled = null
}

/**
 * Stores the chosen policy; open orders are to be cancelled and seen terminal, then the close is sized from settled fills. KEEP leaves a
 * protective stop resting, and settle_order watches it on.
 */
async function wind(
  tx: Tx,
  locked: LockedBot,
  around: Surroundings,
  policy: OpenPositionPolicy | null,
): Promise<void> {
  const { state, now } = locked
  // Of any purpose: a close is sized anew from settled fills.
  await dropWaitingIntent(tx, around)
  await windStop(tx, around, policy)
  forgetExit(state)
  // Flat and settled nothing is chosen: what was chosen before holds for an order that is found late.
  state.closePolicy = policy ?? state.closePolicy
  state.exitFailures = 0
  state.exitRetryAt = null
  state.closing =
    policy === 'CLOSE' && (around.position !== null || around.unsettled !== null || around.stop !== null)
  // One that is to be deleted goes at a tick.
  const ticks = state.closing || state.deleting
  state.nextTickAt = ticks ? now : null
  if (around.unsettled !== null) {
    await tx.query(
      `UPDATE orders SET cancel_requested = true, next_settle_at = least(next_settle_at, tradebot_now()) WHERE id = $1`,
      [around.unsettled.id],
    )
  }
  if (ticks) await enqueue(tx, 'run_bot', { botId: state.botId })
}

async function windStop(tx: Tx, around: Surroundings, policy: OpenPositionPolicy | null): Promise<void> {
  const { stop } = around
  if (stop === null) return
  const unsent = stop.status === 'INTENDED'
  if (policy === 'KEEP' && around.position !== null && !unsent) return
  await cancelStop(tx, stop, 'the bot was stopped')
  around.stop = unsent ? null : { ...stop, cancelRequested: true }
}

function choose(
  around: Surroundings,
  openPosition: OpenPositionPolicy | null,
  verb: string,
): OpenPositionPolicy | null {
  if (around.position === null && around.unsettled === null && around.stop === null) return null
  if (openPosition !== null) return openPosition
  const what =
    around.position === null
      ? 'an order that is not settled'
      : `an open position of ${plain(around.position.amount)}`
  throw new OpenPositionError(
    `The bot has ${what}. To ${verb} it, choose openPosition: CLOSE sells it at market, KEEP leaves it to you.`,
  )
}

function aftermath({ position, stop }: Surroundings, policy: OpenPositionPolicy | null): string {
  if (policy === 'CLOSE') return ' Its position is being closed.'
  if (policy !== 'KEEP') return ''
  if (position === null) return ' What its last order still buys is kept.'
  const kept = ' Its position is kept, and TradeBot guards it no more.'
  if (stop === null) return `${kept} No stop rests at the exchange.`
  const at = stop.stopPrice === null ? '' : ` at ${plain(stop.stopPrice)}`
  if (rests(stop)) return `${kept} Its stop${at} stays at the exchange (order ${stop.id}) and is watched.`
  return stop.cancelRequested
    ? `${kept} Its stop at the exchange (order ${stop.id}) was being cancelled: count on none.`
    : `${kept} Its stop${at} (order ${stop.id}) is on its way to the exchange; what becomes of it is watched.`
}
