import type { Context } from '../frame/context.ts'
import type { Paint } from '../frame/paint.ts'
import { type Cell, plainLine } from './table.ts'
import type { BotSummary } from './shapes.ts'

/** Columns of the terminal; null where what is printed goes elsewhere. */
export function terminalWidth({ env }: Context): number | null {
  const columns = process.stdout.columns ?? Number(env['COLUMNS'])
  return columns > 0 ? columns : null
}

type Status = Pick<BotSummary['state'], 'status' | 'closing' | 'pauseReason'>

/** "PAUSED (DAILY_LOSS)", "STOPPED, closing". */
export function statusWords({ status, closing, pauseReason }: Status): string {
  return `${status}${pauseReason === null ? '' : ` (${pauseReason})`}${closing ? ', closing' : ''}`
}

export function statusCell(state: Status, paint: Paint): Cell {
  return { text: statusWords(state), paint: painterOf(state.status, paint) }
}

export function painterOf(status: string, paint: Paint): (text: string) => string {
  switch (status) {
    case 'RUNNING':
    case 'FILLED':
      return paint.good
    case 'PENDING':
    case 'PAUSED':
    case 'SUBMITTING':
    case 'PARTIALLY_FILLED':
      return paint.warn
    case 'ERROR':
    case 'UNKNOWN':
    case 'REJECTED':
      return paint.bad
    default:
      return paint.faint
  }
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** "5 min ago", "in 12 s"; a day after two weeks; – for none. */
export function relativeTime(time: string | null, now: number): string {
  if (time === null) return '–'
  const distance = Date.parse(time) - now
  const far = Math.abs(distance)
  if (far > 14 * 86_400_000) return time.slice(0, 10)
  const [unit, length] = UNITS.find(([, each]) => far >= each) ?? ['', 0]
  if (length === 0) return 'now'
  const count = `${Math.floor(far / length)} ${unit}`
  return distance > 0 ? `in ${count}` : `${count} ago`
}

/** A profit, with its sign, to two places, or as many as it takes to see something of a small one. */
export function signed(value: string): string {
  const text = money(value)
  return text.startsWith('-') || /^0(\.0*)?$/.test(text) ? text : `+${text}`
}

/** Quote currency: two decimals, more of what is below 1. The document has every digit. */
export function money(value: string): string {
  const number = Number(value)
  const digits =
    number === 0 || Math.abs(number) >= 1 ? 2 : Math.min(8, 2 + Math.ceil(-Math.log10(Math.abs(number))))
  return number.toFixed(digits).replace(/^-(0\.0*)$/, '$1')
}

export function heldWords({ position }: Pick<BotSummary, 'position'>): string {
  if (position === null) return '–'
  return `${position.side === 'BUY' ? 'long' : 'short'} ${position.amount}`
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

export function nameOf({ name, id }: { name: string; id: string }): string {
  return `${plainLine(name)} (${id})`
}
