import type { BotMode, PauseReason } from './bot.ts'
import { type BotStatus, isDailyPause } from './bot-lifecycle.ts'

/** What a person is alerted of. TEST is the test button's. */
export const ALERT_KINDS = [
  'BOT_ERROR',
  'POSITION_UNPROTECTED',
  'BOT_LATE',
  'DAILY_LIMIT',
  'DRAWDOWN',
  'ORDER_UNKNOWN',
  'TRANSFER_UNKNOWN',
  'RECONCILIATION',
  'WORKER_DEAD',
  'TEST',
] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

/** A trouble that is to be told. The same trouble has the same key until it has ended, and is told once. */
export type Trouble = { kind: AlertKind; key: string; message: string }

/** What an event says of troubles: one that begins, and the keys of those that it ends. */
export type Verdict = { begins: Trouble | null; ends: string[] }

/** A row of bot_events, and why the bot is paused now, if it is. */
export type AlertEvent = {
  botId: string
  type: string
  fromStatus: BotStatus | null
  toStatus: BotStatus | null
  message: string
  pauseReason: PauseReason | null
}

/** Which trouble an event of a bot begins, and which it ends. Most do neither. */
export function judgeEvent(event: AlertEvent): Verdict {
  if (event.type === 'STATUS') return judgeStatus(event)
  const kind = KIND_OF_EVENT[event.type]
  if (kind === undefined) return { begins: null, ends: [] }
  // A foreign order must not hide a balance that differs: each kind of finding is a trouble of its own.
  const what = kind === 'RECONCILIATION' || APART.has(event.type) ? event.type : kind
  const key = keyOf(what, event.botId)
  const { message } = event
  // These are told anew only when they are news, such as a difference that has grown.
  const exact = EXACT.has(event.type) ? `${key}:${message.slice(0, 200)}` : key
  return { begins: { kind, key: exact, message }, ends: [] }
}

/** The key of a bot's trouble; `what` is a kind of alert, or a type of event where the kind has several. */
function keyOf(what: string, botId: string): string {
  return `${what}:bot:${botId}`
}

/** Key of a pause by reconciliation, which lasts as the pause does. */
const RECONCILIATION_PAUSE = 'RECONCILIATION_PAUSE'

const KIND_OF_EVENT: Readonly<Record<string, AlertKind>> = {
  PROTECTIVE_STOP_FAILED: 'POSITION_UNPROTECTED',
  POSITION_UNPROTECTED: 'POSITION_UNPROTECTED',
  STOP_OVERTAKEN: 'POSITION_UNPROTECTED',
  EXIT_REFUSED: 'POSITION_UNPROTECTED',
  CANCEL_REFUSED: 'POSITION_UNPROTECTED',
  ORDER_UNKNOWN: 'ORDER_UNKNOWN',
  TRANSFER_UNKNOWN: 'TRANSFER_UNKNOWN',
  POSITION_LIQUIDATED: 'BOT_ERROR',
  // Of a bot that is in ERROR, or stopped, already: there is no change of status to tell of.
  KEY_REFUSED: 'BOT_ERROR',
  MARKET_CLOSED: 'BOT_ERROR',
  RECONCILIATION: 'RECONCILIATION',
  FOREIGN_ORDER: 'RECONCILIATION',
  BALANCE_MISMATCH: 'RECONCILIATION',
  ORDER_FOUND_LATE: 'RECONCILIATION',
  ORDER_TAKEN_OVER: 'RECONCILIATION',
  STRAY_ORDER_CANCELED: 'RECONCILIATION',
  MANUAL_CLOSE: 'RECONCILIATION',
}

/** Troubles of their own beside others of their kind: they end in another way. */
const APART: ReadonlySet<string> = new Set(['EXIT_REFUSED', 'CANCEL_REFUSED'])

const EXACT: ReadonlySet<string> = new Set(['BALANCE_MISMATCH', 'ORDER_FOUND_LATE', 'ORDER_TAKEN_OVER'])

function judgeStatus(event: AlertEvent): Verdict {
  const { botId, toStatus, message } = event
  const key = (what: string) => keyOf(what, botId)
  switch (toStatus) {
    case 'ERROR':
      return {
        begins: { kind: 'BOT_ERROR', key: key('BOT_ERROR'), message },
        ends: ['DAILY_LIMIT', 'DRAWDOWN', RECONCILIATION_PAUSE].map(key),
      }
    case 'PAUSED': {
      const pause = pauseOf(event)
      return {
        begins: pause && { kind: pause.kind, key: key(pause.what), message },
        ends: ['BOT_ERROR', 'DAILY_LIMIT', 'DRAWDOWN', RECONCILIATION_PAUSE]
          .filter((what) => what !== pause?.what)
          .map(key),
      }
    }
    case null:
      return { begins: null, ends: [] }
    default:
      return { begins: null, ends: ['BOT_ERROR', 'DAILY_LIMIT', 'DRAWDOWN', RECONCILIATION_PAUSE].map(key) }
  }
}

/**
 * Why a bot paused. The state says it, unless it has moved on by the time the event is read (workers were away over midnight, and the bot has
 * resumed): then the sentence does.
 */
function pauseOf({ pauseReason, message }: AlertEvent): { kind: AlertKind; what: string } | null {
  if (pauseReason === 'MANUAL') return null
  if (pauseReason === 'RECONCILIATION') return { kind: 'RECONCILIATION', what: RECONCILIATION_PAUSE }
  if (pauseReason === 'DRAWDOWN' || (pauseReason === null && message.startsWith('Drawdown limit')))
    return { kind: 'DRAWDOWN', what: 'DRAWDOWN' }
  if (isDailyPause(pauseReason) || /^Daily (loss limit|target|trade limit)/.test(message))
    return { kind: 'DAILY_LIMIT', what: 'DAILY_LIMIT' }
  return null
}

/** What the tables say of a bot now. `heldSince` null: it holds no position. */
export type BotFacts = {
  botId: string
  status: BotStatus
  mode: BotMode
  pauseReason: PauseReason | null
  checkIntervalSeconds: number
  nextTickAt: Date | null
  heldSince: Date | null
  /** A protective stop rests at the exchange. */
  stopRests: boolean
  exitFailures: number
  /** An order of the bot is UNKNOWN. */
  unknown: boolean
  /** A transfer of the bot is UNKNOWN. */
  transferUnknown: boolean
}

/** A trouble of one bot, or with null of several of a user's. */
export type FoundTrouble = Trouble & { botId: string | null }

/** More late bots of one user than this have one cause, and are told in one alert. */
const SINGLY = 3

/** The troubles of one user's bots that no event tells of: late bots, and positions of bots in ERROR with no stop at the exchange. */
export function judgeFacts(bots: readonly BotFacts[], now: Date): FoundTrouble[] {
  const late = bots.filter((facts) => isLate(facts, now))
  const unprotected = bots.filter((facts) => isUnprotected(facts, now))
  return [
    ...(late.length > SINGLY ? [manyLate(late)] : late.map((facts) => oneLate(facts, now))),
    ...unprotected.map(({ botId }) => ({
      botId,
      kind: 'POSITION_UNPROTECTED' as const,
      key: keyOf('POSITION_UNPROTECTED', botId),
      message:
        'The bot is in ERROR and holds a position with no stop at the exchange: it is guarded only as far as TradeBot can still trade on the account. Mend what the error says, or close the position at the exchange.',
    })),
  ]
}

function oneLate({ botId, nextTickAt, checkIntervalSeconds }: BotFacts, now: Date): FoundTrouble {
  const seconds = Math.round((now.getTime() - (nextTickAt?.getTime() ?? 0)) / 1000)
  return {
    botId,
    kind: 'BOT_LATE',
    key: keyOf('BOT_LATE', botId),
    message: `The bot was due ${seconds} s ago and has not been looked after since; it should be every ${checkIntervalSeconds} s. Is a worker running, and does it keep up?`,
  }
}

function manyLate(late: readonly BotFacts[]): FoundTrouble {
  return {
    botId: null,
    kind: 'BOT_LATE',
    key: MANY_LATE,
    message: `${late.length} bots are overdue and have not been looked after. Is a worker running, and does it keep up?`,
  }
}

/** Key of the alert that stands for many late bots; it lasts as long as any is late. */
export const MANY_LATE = 'BOT_LATE:many'

/** Liveness as promised: a bot ticks again within 30 s plus its interval. */
export function isLate(facts: Pick<BotFacts, 'nextTickAt' | 'checkIntervalSeconds'>, now: Date): boolean {
  if (facts.nextTickAt === null) return false
  return now.getTime() - facts.nextTickAt.getTime() > 30_000 + facts.checkIntervalSeconds * 1000
}

/** A bot in ERROR still places its stop if its key works: for that it gets some seconds. */
function isUnprotected(
  facts: Pick<BotFacts, 'status' | 'mode' | 'heldSince' | 'stopRests'>,
  now: Date,
): boolean {
  if (facts.status !== 'ERROR' || facts.mode !== 'LIVE' || facts.stopRests) return false
  return facts.heldSince !== null && now.getTime() - facts.heldSince.getTime() > STOP_PATIENCE_MS
}

const STOP_PATIENCE_MS = 15_000

/** An alert that has not ended yet. */
export type OpenAlert = { kind: AlertKind; key: string; createdAt: Date }

/** Findings have no end that the tables show: for this long the same one is not told again. */
const FINDING_MS = 3_600_000

/** Whether the tables show that a trouble is over. Events end the others. */
export function hasEnded(alert: OpenAlert, facts: BotFacts, now: Date): boolean {
  const old = now.getTime() - alert.createdAt.getTime() > FINDING_MS
  switch (alert.kind) {
    case 'BOT_LATE':
      return !isLate(facts, now)
    case 'POSITION_UNPROTECTED':
      if (facts.heldSince === null) return true
      if (alert.key === keyOf('EXIT_REFUSED', facts.botId)) return facts.exitFailures === 0
      // While it lasts a stop rests: that is what could not be cancelled.
      if (alert.key === keyOf('CANCEL_REFUSED', facts.botId)) return old
      return facts.stopRests
    case 'ORDER_UNKNOWN':
      return !facts.unknown
    case 'TRANSFER_UNKNOWN':
      return !facts.transferUnknown
    case 'BOT_ERROR':
      return facts.status !== 'ERROR' && old
    case 'DAILY_LIMIT':
    case 'DRAWDOWN':
      return facts.status !== 'PAUSED'
    case 'RECONCILIATION':
      if (alert.key === keyOf(RECONCILIATION_PAUSE, facts.botId))
        return facts.pauseReason !== 'RECONCILIATION'
      return old
    case 'WORKER_DEAD':
    case 'TEST':
      return true
  }
}

/**
 * How long after its end the same trouble still counts as told: an overloaded machine is late again and again, and the pools of one dead worker
 * are found dead one by one.
 */
export function quietMs(kind: AlertKind): number {
  return kind === 'BOT_LATE' || kind === 'WORKER_DEAD' ? 600_000 : 0
}

/** A worker process that fell silent without saying good-bye. */
export type DeadWorkerFacts = { host: string; pid: number; startedAt: Date; beatAt: Date }

/** Its jobs are free by then, so the trouble has ended when it is told. */
export function deadWorker({ host, pid, startedAt, beatAt }: DeadWorkerFacts): Trouble {
  return {
    kind: 'WORKER_DEAD',
    key: `WORKER_DEAD:${host}:${pid}:${startedAt.toISOString()}`,
    message: `The worker with process id ${pid} on ${host} died: its last sign of life came at ${beatAt.toISOString()}. Its work was freed, and another worker carries on.`,
  }
}
