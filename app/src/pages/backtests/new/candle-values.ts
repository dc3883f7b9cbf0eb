import type { Issue } from '../../../parts/form-errors.ts'

/** Which candles: of a time (as typed, UTC), or of a file. */
export type CandleValues = {
  source: 'DATABASE' | 'CSV'
  from: string
  to: string
  csv: { name: string; text: string } | undefined
}

export const candleLabels = { from: 'From', to: 'To', csv: 'CSV file' } as const

/** What one request may carry, with room for the rest of it. */
const MOST_CSV = 7.5 * 1024 * 1024

/** The thirty days before today, UTC. */
export function lastMonth(now: Date): CandleValues {
  const to = new Date(Math.floor(now.getTime() / 86_400_000) * 86_400_000)
  const from = new Date(to.getTime() - 30 * 86_400_000)
  return { source: 'DATABASE', from: typed(from), to: typed(to), csv: undefined }
}

/** What only the form can know; the rest is the API's to judge. */
export function candleIssues({ source, from, to, csv }: CandleValues): Issue[] {
  if (source === 'CSV') {
    if (csv === undefined) return [{ path: ['csv'], message: 'Choose a file.' }]
    if (csv.text.includes('\0')) return [{ path: ['csv'], message: 'The file is no text, so no CSV.' }]
    if (csv.text.length > MOST_CSV)
      return [
        {
          path: ['csv'],
          message: 'The file is larger than 7.5 MiB. npx tradebotctl backtest takes it from the shell.',
        },
      ]
    return []
  }
  return (['from', 'to'] as const).flatMap((field) =>
    instant(field === 'from' ? from : to) === undefined
      ? [{ path: [field], message: 'Enter a day and a time.' }]
      : [],
  )
}

export function candlesInput({ source, from, to, csv }: CandleValues) {
  return source === 'CSV'
    ? { csv: csv?.text ?? null, from: null, to: null }
    : { csv: null, from: instant(from) ?? null, to: instant(to) ?? null }
}

/** As <input type="datetime-local"> writes it. */
function typed(at: Date): string {
  return at.toISOString().slice(0, 16)
}

function instant(text: string): string | undefined {
  const at = new Date(`${text}Z`)
  return text === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
