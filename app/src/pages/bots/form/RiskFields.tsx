import { CheckField } from '../../../parts/CheckField.tsx'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { Advanced } from './Advanced.tsx'
import type { BotForm } from './bot-form.ts'
import { NumberFields } from './NumberFields.tsx'
import { numberFieldsOf } from './number-fields.ts'

/** Step 3: stops and limits. */
export function RiskFields(props: { form: BotForm }) {
  return (
    <>
      <NumberFields form={props.form} names={numberFieldsOf('risk', false)} />
      <ChoiceField
        label="An open position at a daily limit"
        name="onDailyLimit"
        value={props.form.values.onDailyLimit}
        onValue={(value) => props.form.set('onDailyLimit', value === 'CLOSE' ? 'CLOSE' : 'KEEP')}
        error={props.form.errors.of('onDailyLimit')}
        choices={[
          { value: 'KEEP', label: 'Keep it', detail: 'It stays guarded by its stop loss and take profit.' },
          { value: 'CLOSE', label: 'Close it', detail: 'It is sold at the market price at once.' },
        ]}
      />
      <CheckField
        label="Go on by itself the next day"
        name="resumeNextDay"
        checked={props.form.values.resumeNextDay}
        onChecked={(checked) => props.form.set('resumeNextDay', checked)}
        error={props.form.errors.of('resumeNextDay')}
        help="After a daily limit. Days begin at midnight UTC. Off: it waits until you resume it."
      />
      <Advanced form={props.form} fields={numberFieldsOf('risk', true)}>
        <NumberFields form={props.form} names={numberFieldsOf('risk', true)} />
      </Advanced>
    </>
  )
}
