import { Show, type JSX } from 'solid-js'
import { CheckField } from '../../../parts/CheckField.tsx'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { Advanced } from './Advanced.tsx'
import type { BotForm } from './bot-form.ts'
import { LiquidationNote } from './LiquidationNote.tsx'
import { NumberFields } from './NumberFields.tsx'
import { riskFieldsAbout } from './number-fields.ts'

/** Step 3: stops and limits, by what they are about. */
export function RiskFields(props: { form: BotForm }) {
  return (
    <>
      <Group title="Each position" lead="Where it is left, whatever the strategy says.">
        <NumberFields form={props.form} names={riskFieldsAbout('position')} />
        <Show when={props.form.values.positionType === 'FUTURES'}>
          <LiquidationNote form={props.form} />
        </Show>
      </Group>
      <Group title="Each day" lead="Days begin at midnight UTC.">
        <NumberFields form={props.form} names={riskFieldsAbout('day')} />
        <ChoiceField
          label="An open position at the daily loss limit or target"
          name="onDailyLimit"
          value={props.form.values.onDailyLimit}
          onValue={(value) => props.form.set('onDailyLimit', value === 'CLOSE' ? 'CLOSE' : 'KEEP')}
          error={props.form.errors.of('onDailyLimit')}
          choices={[
            { value: 'KEEP', label: 'Keep it', detail: 'It stays guarded by its stop loss and take profit.' },
            { value: 'CLOSE', label: 'Close it', detail: 'It is left at the market price at once.' },
          ]}
        />
        <CheckField
          label="Go on by itself the next day"
          name="resumeNextDay"
          checked={props.form.values.resumeNextDay}
          onChecked={(checked) => props.form.set('resumeNextDay', checked)}
          error={props.form.errors.of('resumeNextDay')}
          help="After a daily limit. Off: it waits until you resume it."
        />
      </Group>
      <Advanced form={props.form} fields={[...riskFieldsAbout('bot'), ...riskFieldsAbout('order')]}>
        <Group title="The bot as a whole">
          <NumberFields form={props.form} names={riskFieldsAbout('bot')} />
        </Group>
        <Group title="Each order" lead="Safety nets round every entry. Exits and stops always go out.">
          <NumberFields form={props.form} names={riskFieldsAbout('order')} />
        </Group>
      </Advanced>
    </>
  )
}

function Group(props: { title: string; lead?: string; children: JSX.Element }) {
  return (
    <section class="field-group">
      <h3>
        {props.title}
        <small>{props.lead}</small>
      </h3>
      {props.children}
    </section>
  )
}
