import { SelectField } from '../../../parts/SelectField.tsx'
import type { BotForm } from './bot-form.ts'

const units: Record<string, string> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week', M: 'month' }

export function TimeframeField(props: { form: BotForm; timeframes: readonly string[] }) {
  return (
    <SelectField
      label="Timeframe"
      name="timeframe"
      value={props.form.values.timeframe}
      options={props.timeframes.map((one) => ({ value: one, label: timeframeWords(one) }))}
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
