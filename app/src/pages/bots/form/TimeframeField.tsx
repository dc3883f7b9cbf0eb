import { SelectField } from '../../../parts/SelectField.tsx'
import type { BotForm } from './bot-form.ts'

const units: Record<string, string> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week', M: 'month' }

// Offered until a worker has asked the exchange for its own.
const common = ['1m', '5m', '15m', '1h', '4h', '1d']

export function TimeframeField(props: { form: BotForm; timeframes: readonly string[] }) {
  const offered = () => {
    const known = props.timeframes.length > 0 ? props.timeframes : common
    const chosen = props.form.values.timeframe
    return known.includes(chosen) ? known : [chosen, ...known]
  }
  return (
    <SelectField
      label="Timeframe"
      name="timeframe"
      value={props.form.values.timeframe}
      options={offered().map((one) => ({ value: one, label: timeframeWords(one) }))}
      onValue={(value) => props.form.set('timeframe', value)}
      error={props.form.errors.of('timeframe')}
      help="The length of a candle. Shorter means more signals, and more fees."
    />
  )
}

function timeframeWords(timeframe: string): string {
  const match = /^(\d+)([smhdwM])$/.exec(timeframe)
  const unit = units[match?.[2] ?? '']
  if (!match || !unit) return timeframe
  return `${match[1]} ${unit}${match[1] === '1' ? '' : 's'}`
}
