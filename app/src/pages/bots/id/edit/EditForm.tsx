import { A, useNavigate } from '@solidjs/router'
import { Show, createEffect, createSignal, on, untrack } from 'solid-js'
import type { BotConfig } from '../../../../graphql/documents/bot-detail.ts'
import { UpdateBotMutation, type FormChoices } from '../../../../graphql/documents/bot-form.ts'
import { runMutation } from '../../../../graphql/run-mutation.ts'
import { Button } from '../../../../parts/Button.tsx'
import { focusFirstInvalid, type Issue } from '../../../../parts/form-errors.ts'
import { Notice } from '../../../../parts/Notice.tsx'
import { TextField } from '../../../../parts/TextField.tsx'
import { showToast } from '../../../../parts/toasts.ts'
import { paths } from '../../../../paths.ts'
import { createBotForm } from '../../form/bot-form.ts'
import { findFormIssues, toUpdateInput } from '../../form/form-input.ts'
import { valuesOf } from '../../form/form-values.ts'
import { FundFields } from '../../form/FundFields.tsx'
import { KeyChoice } from '../../form/KeyChoice.tsx'
import { NumberFields } from '../../form/NumberFields.tsx'
import { numberFieldsOf } from '../../form/number-fields.ts'
import { RiskFields } from '../../form/RiskFields.tsx'
import { TechnicalFields } from '../../form/TechnicalFields.tsx'
import { TimeframeField } from '../../form/TimeframeField.tsx'

export function EditForm(props: {
  config: BotConfig
  choices: FormChoices
  onReload: () => void
  onKeysChanged: () => void
}) {
  const navigate = useNavigate()
  const before = untrack(() => valuesOf(props.config))
  const revision = untrack(() => props.config.revision)
  const form = createBotForm(before)
  const [busy, setBusy] = createSignal(false)
  const [stale, setStale] = createSignal(false)
  let touched = false
  createEffect(
    on(
      () => props.config.revision,
      () => {
        // A save of one's own is answered by itself.
        if (untrack(busy)) return
        if (touched) setStale(true)
        else props.onReload()
      },
      { defer: true },
    ),
  )
  const timeframes = () =>
    props.choices.exchanges.find((one) => one.id === props.config.exchange)?.timeframes ?? []

  const save = async (element: HTMLFormElement) => {
    const mark = (issues: readonly Issue[]) => {
      form.errors.set(issues)
      focusFirstInvalid(element)
    }
    const own = findFormIssues(form.values)
    if (own.length > 0) return mark(own)
    const input = toUpdateInput(props.config.id, revision, form.values, before)
    if (!input) return navigate(paths.bot(props.config.id))
    setBusy(true)
    const data = await runMutation(UpdateBotMutation, { input })
    setBusy(false)
    const answer = data?.updateBot
    if (!answer) return
    if (answer.__typename === 'Bot') {
      showToast({ tone: 'ok', message: 'Saved. A running bot takes it at its next tick.' })
      navigate(paths.bot(props.config.id))
    } else if (answer.__typename === 'ValidationError') mark(answer.issues)
    else if (answer.__typename === 'StaleRevisionError') setStale(true)
    else form.errors.setGeneral(answer.message)
  }

  return (
    <form
      class="panel edit-form"
      novalidate
      onInput={() => (touched = true)}
      onClick={() => (touched = true)}
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy()) void save(event.currentTarget)
      }}
    >
      <Show when={stale()}>
        <Notice tone="warn" icon="alert" action={<Button onClick={() => props.onReload()}>Reload</Button>}>
          <p>
            <strong>Someone changed this bot meanwhile.</strong> Reload to see its settings as they are now;
            what you typed here is then lost.
          </p>
        </Notice>
      </Show>
      <Show when={form.errors.general()}>
        {(message) => (
          <Notice tone="danger">
            <p>{message()}</p>
          </Notice>
        )}
      </Show>
      <p class="field-help">
        {props.config.mode === 'PAPER' ? 'Paper' : 'Live'} on {props.config.exchange}, {props.config.symbol}.
        These never change; <A href={paths.duplicateBot(props.config.id)}>duplicate the bot</A> for another
        market or mode.
      </p>
      <fieldset class="form-section">
        <legend>Basic settings</legend>
        <div class="field-grid field-pair">
          <TextField
            label="Name"
            name="name"
            maxlength={100}
            value={form.values.name}
            onValue={(value) => form.set('name', value)}
            error={form.errors.of('name')}
          />
          <TimeframeField form={form} timeframes={timeframes()} />
        </div>
        <Show when={form.values.mode === 'LIVE'}>
          <KeyChoice form={form} choices={props.choices} onKeysChanged={props.onKeysChanged} />
        </Show>
        <NumberFields form={form} names={numberFieldsOf('basic', true)} />
      </fieldset>
      <fieldset class="form-section">
        <legend>Technical indicators</legend>
        <TechnicalFields form={form} choices={props.choices} />
      </fieldset>
      <fieldset class="form-section">
        <legend>Risk management</legend>
        <RiskFields form={form} />
      </fieldset>
      <fieldset class="form-section">
        <legend>Fund management</legend>
        <FundFields form={form} choices={props.choices} />
      </fieldset>
      <div class="wizard-actions">
        <span class="spacer" />
        <A class="button button-secondary" href={paths.bot(props.config.id)}>
          Cancel
        </A>
        <Button type="submit" kind="primary" busy={busy()}>
          Save changes
        </Button>
      </div>
    </form>
  )
}
