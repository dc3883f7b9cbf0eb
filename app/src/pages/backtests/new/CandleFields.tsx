import { Show } from 'solid-js'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { Field } from '../../../parts/Field.tsx'
import type { FormErrors } from '../../../parts/form-errors.ts'
import { TextField } from '../../../parts/TextField.tsx'
import type { CandleValues } from './candle-values.ts'

/** Which candles to run over. */
export function CandleFields(props: {
  values: CandleValues
  errors: FormErrors
  onChange: (part: Partial<CandleValues>) => void
}) {
  const set = (field: 'from' | 'to' | 'csv', part: Partial<CandleValues>) => {
    props.errors.clear(field)
    props.onChange(part)
  }
  const read = async (file: File | undefined) => {
    set('csv', { csv: file === undefined ? undefined : { name: file.name, text: await file.text() } })
  }
  return (
    <>
      <ChoiceField
        label="Candles"
        name="source"
        value={props.values.source}
        onValue={(value) => props.onChange({ source: value === 'CSV' ? 'CSV' : 'DATABASE' })}
        choices={[
          {
            value: 'DATABASE',
            label: 'Of the exchange',
            detail: 'What TradeBot does not have yet is fetched.',
          },
          { value: 'CSV', label: 'Of a file', detail: 'openTimeMs, open, high, low, close, volume' },
        ]}
      />
      <Show
        when={props.values.source === 'DATABASE'}
        fallback={
          <Field label="CSV file" name="csv" error={props.errors.of('csv')} help={props.values.csv?.name}>
            {(control) => (
              <input
                type="file"
                name="csv"
                accept=".csv,text/csv"
                id={control.id}
                aria-describedby={control['aria-describedby']}
                aria-invalid={control['aria-invalid']}
                onChange={(event) => void read(event.currentTarget.files?.[0])}
              />
            )}
          </Field>
        }
      >
        <div class="field-grid field-pair">
          <TextField
            label="From (UTC)"
            name="from"
            type="datetime-local"
            value={props.values.from}
            onValue={(from) => set('from', { from })}
            error={props.errors.of('from')}
            help="Candles before it are read to warm the strategy up."
          />
          <TextField
            label="To (UTC)"
            name="to"
            type="datetime-local"
            value={props.values.to}
            onValue={(to) => set('to', { to })}
            error={props.errors.of('to')}
          />
        </div>
      </Show>
    </>
  )
}
