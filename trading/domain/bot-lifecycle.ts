import type { PauseReason } from './bot.ts'

export const BOT_STATUSES = ['STOPPED', 'PENDING', 'RUNNING', 'PAUSED', 'ERROR'] as const
export type BotStatus = (typeof BOT_STATUSES)[number]

/** What a person, or a client, asks of a bot. */
export const BOT_COMMANDS = ['START', 'PAUSE', 'RESUME', 'STOP', 'UPDATE', 'DELETE'] as const
export type BotCommand = (typeof BOT_COMMANDS)[number]

/** What a worker finds out. */
export const BOT_FINDINGS = ['INITIALISED', 'DAILY_LIMIT', 'NEW_DAY', 'FAILURE'] as const
export type BotFinding = (typeof BOT_FINDINGS)[number]

export type BotTrigger = BotCommand | BotFinding

/** SAME: allowed, the status stays. */
type Cell = BotStatus | 'SAME' | null

/**
 * The lifecycle: one total table, status × trigger. Null is refused with InvalidTransitionError. The conditions that a status
 * alone cannot say are in `refusal` below. Postgres holds the same pairs in a trigger (migration `guards`); a test compares them.
 */
// prettier-ignore
export const LIFECYCLE: Record<BotStatus, Record<BotTrigger, Cell>> = {
  STOPPED: {
    START: 'PENDING', INITIALISED: null, DAILY_LIMIT: null, NEW_DAY: null, RESUME: null, PAUSE: null,
    STOP: 'STOPPED', FAILURE: null, UPDATE: 'SAME', DELETE: 'SAME',
  },
  PENDING: {
    START: null, INITIALISED: 'RUNNING', DAILY_LIMIT: null, NEW_DAY: null, RESUME: null, PAUSE: null,
    STOP: 'STOPPED', FAILURE: 'ERROR', UPDATE: null, DELETE: null,
  },
  RUNNING: {
    START: null, INITIALISED: null, DAILY_LIMIT: 'PAUSED', NEW_DAY: null, RESUME: null, PAUSE: 'PAUSED',
    STOP: 'STOPPED', FAILURE: 'ERROR', UPDATE: 'SAME', DELETE: null,
  },
  PAUSED: {
    START: null, INITIALISED: null, DAILY_LIMIT: 'PAUSED', NEW_DAY: 'RUNNING', RESUME: 'RUNNING', PAUSE: 'PAUSED',
    STOP: 'STOPPED', FAILURE: 'ERROR', UPDATE: 'SAME', DELETE: null,
  },
  ERROR: {
    START: null, INITIALISED: null, DAILY_LIMIT: null, NEW_DAY: null, RESUME: null, PAUSE: null,
    STOP: 'STOPPED', FAILURE: null, UPDATE: null, DELETE: 'SAME',
  },
}

/** What the table's footnotes need to know of a bot. */
export type LifecycleFacts = {
  status: BotStatus
  pauseReason: PauseReason | null
  /** UTC day (YYYY-MM-DD) of a DAILY_* pause. */
  pauseDay: string | null
  /** UTC day now. */
  today: string
  resumeNextDay: boolean
  /** A position is open, an order is unsettled, or a close has failed. */
  unfinished: boolean
  /** The position is being closed after a stop or a delete. */
  closing: boolean
}

/** The status after the trigger, or why it is refused, in a sentence for the person. */
export function transition(
  facts: LifecycleFacts,
  trigger: BotTrigger,
): { to: BotStatus; refused: null } | { to: null; refused: string } {
  const cell = LIFECYCLE[facts.status][trigger]
  if (cell === null) return { to: null, refused: `${sentence(facts.status)} ${hint(facts.status, trigger)}` }
  const refused = refusal(facts, trigger)
  if (refused !== null) return { to: null, refused }
  return { to: cell === 'SAME' ? facts.status : cell, refused: null }
}

/** The commands that `transition` allows now; clients draw their buttons from this. */
export function allowedCommands(facts: LifecycleFacts): BotCommand[] {
  return BOT_COMMANDS.filter((command) => transition(facts, command).refused === null)
}

/** Pairs of statuses that any trigger can bring about, for the comparison with Postgres. */
export function statusPairs(): [BotStatus, BotStatus][] {
  return BOT_STATUSES.flatMap((from) =>
    BOT_STATUSES.filter((to) => Object.values(LIFECYCLE[from]).includes(to) && to !== from).map(
      (to): [BotStatus, BotStatus] => [from, to],
    ),
  )
}

export function isDailyPause(reason: PauseReason | null): boolean {
  return reason === 'DAILY_TARGET' || reason === 'DAILY_LOSS' || reason === 'DAILY_TRADES'
}

function refusal(facts: LifecycleFacts, trigger: BotTrigger): string | null {
  const { status } = facts
  if (trigger === 'STOP' && status === 'STOPPED' && !facts.unfinished) return 'The bot is stopped already.'
  if (trigger === 'START' && facts.closing)
    return 'The bot is still closing its position; start it once that is done.'
  if (trigger === 'NEW_DAY' && status === 'PAUSED') {
    if (!isDailyPause(facts.pauseReason)) return 'Only a daily-limit pause ends with the day.'
    if (facts.pauseDay === null || facts.pauseDay >= facts.today) return 'The day of the pause is not over.'
    if (!facts.resumeNextDay) return 'The bot waits for a person to resume it (resumeNextDay is off).'
  }
  if (
    trigger === 'RESUME' &&
    isDailyPause(facts.pauseReason) &&
    facts.pauseDay !== null &&
    facts.pauseDay >= facts.today
  ) {
    return 'The bot has reached a daily limit; it can resume after 00:00 UTC.'
  }
  return null
}

function sentence(status: BotStatus): string {
  switch (status) {
    case 'STOPPED':
      return 'The bot is stopped.'
    case 'PENDING':
      return 'The bot is starting.'
    case 'RUNNING':
      return 'The bot is running.'
    case 'PAUSED':
      return 'The bot is paused.'
    case 'ERROR':
      return 'The bot is in error.'
  }
}

function hint(status: BotStatus, trigger: BotTrigger): string {
  if (status === 'ERROR') return 'Stop it first, mend what its error says, then start it.'
  switch (trigger) {
    case 'START':
      return status === 'PAUSED' ? 'Resume it instead.' : 'It need not be started again.'
    case 'PAUSE':
      return 'Only a running bot can be paused.'
    case 'RESUME':
      return 'Only a paused bot can be resumed.'
    case 'DELETE':
      return 'Stop it before deleting it.'
    case 'UPDATE':
      return 'Change it once it runs, or stop it first.'
    default:
      return `${trigger} does not apply.`
  }
}
