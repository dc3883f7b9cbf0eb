import { roundDecimal } from '../../format/decimal.ts'

const MINUS = '\u2212'

/** "+1.25 %", "−3.00 %"; a dash for none. */
export function signedPercent(value: string | null): string {
  if (value === null) return '\u2013'
  const text = fixed(value)
  return `${text.startsWith(MINUS) || !/[1-9]/.test(text) ? '' : '+'}${text} %`
}

export function percent(value: string | null): string {
  return value === null ? '\u2013' : `${fixed(value)} %`
}

/** A ratio with two decimals; a dash for none. */
export function ratio(value: string | null): string {
  return value === null ? '\u2013' : fixed(value)
}

function fixed(value: string): string {
  const [whole = '0', fraction = ''] = roundDecimal(value, 2).split('.')
  return `${whole.replace('-', MINUS)}.${fraction.padEnd(2, '0')}`
}

const day = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})

/** "1 May 2026 – 21 May 2026", UTC days. */
export function spanOf(from: string | null, to: string | null): string {
  if (from === null || to === null) return 'All candles of the file'
  return `${day.format(new Date(from))} \u2013 ${day.format(new Date(to))}`
}

/** Why the list of trades is empty. */
export function noTradeSentence(refusals: readonly { code: string; count: number }[]): string {
  const count = refusals.reduce((sum, each) => sum + each.count, 0)
  if (count === 0) return 'No trade: there was no signal to enter that the bot could follow.'
  const codes = refusals.map((each) => each.code).join(', ')
  return count === 1
    ? `No trade: the one entry that was signalled was refused (${codes}). The note above says why.`
    : `No trade: all ${new Intl.NumberFormat().format(count)} entries that were signalled were refused (${codes}). The notes above say why.`
}
