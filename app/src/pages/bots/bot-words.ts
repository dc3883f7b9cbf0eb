import type { BotCommand, BotLive, BotStatus } from '../../graphql/documents/bots.ts'
import type { OrderRow } from '../../graphql/documents/bot-detail.ts'

type PauseReason = NonNullable<BotLive['state']['pauseReason']>

const pauseReasons: Record<PauseReason, string> = {
  DAILY_TARGET: 'daily target reached',
  DAILY_LOSS: 'daily loss limit hit',
  DAILY_TRADES: 'daily trade limit reached',
  DRAWDOWN: 'drawdown limit hit',
  MANUAL: 'paused by hand',
  RECONCILIATION: 'books and exchange differ',
}

/** What a paused bot waits for. */
const pauseEnds: Record<PauseReason, string> = {
  DAILY_TARGET: 'It goes on by itself after midnight UTC, unless "resume next day" is off.',
  DAILY_LOSS: 'It goes on by itself after midnight UTC, unless "resume next day" is off.',
  DAILY_TRADES: 'It goes on by itself after midnight UTC, unless "resume next day" is off.',
  DRAWDOWN: 'It stays paused until you resume it.',
  MANUAL: 'It stays paused until you resume it.',
  RECONCILIATION: 'Look at its orders, then resume it.',
}

/** A few words under a bot's status in the list. */
export function statusNote(bot: BotLive): string | undefined {
  if (bot.state.closing) return 'closing its position'
  if (bot.state.status === 'PAUSED' && bot.state.pauseReason) return pauseReasons[bot.state.pauseReason]
  if (bot.state.status === 'ERROR') return bot.state.errorMessage ?? bot.state.errorCode ?? undefined
  if (bot.state.status === 'PENDING') return bot.state.errorMessage ?? 'starting'
  // The badge says it; and a bot that holds a position shows that in its own column.
  if (bot.state.status === 'STOPPED' || bot.notTradingBecause?.code === 'POSITION_EXISTS') return undefined
  return bot.notTradingBecause?.message
}

export function pauseSentence(reason: PauseReason | null): string {
  if (!reason) return 'This bot is paused.'
  const words = pauseReasons[reason]
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}. ${pauseEnds[reason]}`
}

/** What a bot of perpetuals trades beyond its symbol: " · 5x short"; nothing for spot. */
export function kindNote({
  positionType,
  leverage,
  direction,
}: Pick<BotLive, 'positionType' | 'leverage' | 'direction'>): string {
  if (positionType === 'SPOT') return ''
  return ` \u00b7 ${leverage}x ${direction === 'BOTH' ? 'long or short' : direction.toLowerCase()}`
}

/** How a position is left at the market: a long is sold, a short bought back. */
export function leftWords(bot: { position: Pick<NonNullable<BotLive['position']>, 'side'> | null }): string {
  return bot.position?.side === 'SELL' ? 'bought back' : 'sold'
}

const statusWords: Record<BotStatus, string> = {
  STOPPED: 'stopped',
  PENDING: 'starting',
  RUNNING: 'running',
  PAUSED: 'paused',
  ERROR: 'in error',
}

/** Why a command is not among `allowedCommands`: said at its button. */
export function whyNot(command: BotCommand, bot: BotLive): string | undefined {
  if (bot.allowedCommands.includes(command)) return undefined
  const is = statusWords[bot.state.status]
  switch (command) {
    case 'START':
      return bot.state.closing
        ? 'Its position is still being closed. Start it when that is done.'
        : bot.state.status === 'ERROR'
          ? 'Stop it first: that clears the error. Then start it.'
          : `The bot is ${is}; only a stopped bot can be started.`
    case 'PAUSE':
      return `The bot is ${is}; only a running or paused bot can be paused.`
    case 'RESUME':
      return bot.state.status === 'PAUSED'
        ? "Today's limit holds until midnight UTC."
        : `The bot is ${is}; only a paused bot can be resumed.`
    case 'STOP':
      return bot.state.closing
        ? 'It is being stopped: its position is closing.'
        : 'The bot is stopped already.'
    case 'UPDATE':
      return `The bot is ${is}. Stop it to change its settings.`
    case 'DELETE':
      return bot.state.closing
        ? 'Its position is still being closed.'
        : `The bot is ${is}. Stop it first, then delete it.`
  }
}

export const purposeWords: Record<OrderRow['purpose'], string> = {
  ENTRY: 'Entry',
  EXIT: 'Exit',
  STOP_LOSS: 'Stop loss',
  TAKE_PROFIT: 'Take profit',
  CLOSE: 'Close',
  PROTECTIVE_STOP: 'Protective stop',
}

/** A transfer's state, in the words and colours of an order's. */
export const transferStatusWords: Record<string, string> = {
  INTENDED: 'Intended',
  SUBMITTING: 'Sending',
  UNKNOWN: 'Unknown',
  DONE: 'Done',
  REFUSED: 'Refused',
  NOT_PLACED: 'Not made',
}

export const transferPurposeWords: Record<string, string> = {
  ENTRY: 'Margin that an entry lacked',
  DAY_END: "The day's profit above the capital",
}

/** Transfers whose outcome can still change. */
export function isTransferInFlight(status: string): boolean {
  return ['INTENDED', 'SUBMITTING', 'UNKNOWN'].includes(status)
}

export const orderStatusWords: Record<OrderRow['status'], string> = {
  INTENDED: 'Intended',
  SUBMITTING: 'Sending',
  UNKNOWN: 'Unknown',
  NOT_PLACED: 'Not placed',
  OPEN: 'Open',
  PARTIALLY_FILLED: 'Partly filled',
  FILLED: 'Filled',
  CANCELED: 'Canceled',
  REJECTED: 'Rejected',
  EXPIRED: 'Expired',
}

/** Orders whose outcome can still change. */
export function isUnsettled(status: OrderRow['status']): boolean {
  return ['INTENDED', 'SUBMITTING', 'UNKNOWN', 'OPEN', 'PARTIALLY_FILLED'].includes(status)
}
