import { useNavigate, useSearchParams } from '@solidjs/router'
import { Match, Show, Switch, createSignal, untrack } from 'solid-js'
import { StartBotMutation } from '../../../graphql/documents/bot-commands.ts'
import { CreateBotMutation, type FormChoices } from '../../../graphql/documents/bot-form.ts'
import { runMutation } from '../../../graphql/run-mutation.ts'
import { mergeBot } from '../../../live/bots-store.ts'
import { Button } from '../../../parts/Button.tsx'
import { fieldOf, focusFirstInvalid, type Issue } from '../../../parts/form-errors.ts'
import { Notice } from '../../../parts/Notice.tsx'
import { showToast } from '../../../parts/toasts.ts'
import { paths } from '../../../paths.ts'
import { BasicFields } from '../form/BasicFields.tsx'
import { createBotForm } from '../form/bot-form.ts'
import { findFormIssues, toCreateInput } from '../form/form-input.ts'
import type { BotFormValues } from '../form/form-values.ts'
import { FundFields } from '../form/FundFields.tsx'
import { RiskFields } from '../form/RiskFields.tsx'
import { fieldsOfStep, stepIndexOf, steps } from '../form/steps.ts'
import { TechnicalFields } from '../form/TechnicalFields.tsx'
import { Review } from './Review.tsx'
import { Stepper } from './Stepper.tsx'
import { askForIssues } from './validate.ts'

/** Four steps and a review. The step is in the address, so that the browser's back button goes back a step. */
export function Wizard(props: {
  choices: FormChoices
  initial: BotFormValues
  onChoicesChanged: () => void
}) {
  const navigate = useNavigate()
  const [params, setParams] = useSearchParams()
  const form = createBotForm(untrack(() => props.initial))
  const [busy, setBusy] = createSignal<'next' | 'create' | 'start'>()
  const index = () => Math.min(steps.length, Math.max(0, Number(params['step'] ?? 1) - 1 || 0))
  const [reached, setReached] = createSignal(untrack(index))
  const current = () => steps[index()]
  let element: HTMLFormElement | undefined

  const goTo = (next: number) => {
    setReached((far) => Math.max(far, next))
    setParams({ step: next + 1 }, { scroll: true })
  }
  const mark = (issues: readonly Issue[]) => {
    form.errors.set(issues)
    if (element) focusFirstInvalid(element)
  }

  /** Goes on when the API finds nothing wrong with this step's fields; later steps are judged in their turn. */
  const next = async () => {
    const step = current()
    if (!step) return
    const mine = new Set(fieldsOfStep(step.id))
    const ofStep = (issue: Issue) => mine.has(fieldOf(issue))
    const own = findFormIssues(form.values).filter(ofStep)
    if (own.length > 0) return mark(own)
    setBusy('next')
    const answer = await askForIssues(toCreateInput(form.values))
    setBusy(undefined)
    if (answer.problem) return form.errors.setGeneral(answer.problem)
    const found = answer.issues.filter(ofStep)
    mark(found)
    if (found.length === 0) goTo(index() + 1)
  }

  const create = async (andStart: boolean) => {
    const own = findFormIssues(form.values)
    if (own.length > 0) return leadTo(own)
    setBusy(andStart ? 'start' : 'create')
    const data = await runMutation(CreateBotMutation, { input: toCreateInput(form.values) })
    const answer = data?.createBot
    if (answer?.__typename === 'ValidationError') leadTo(answer.issues)
    if (answer?.__typename === 'Bot') {
      if (andStart) await start(answer.id)
      showToast({ tone: 'ok', message: `${answer.name} is created.` })
      navigate(paths.bot(answer.id))
    }
    setBusy(undefined)
  }
  const leadTo = (issues: readonly Issue[]) => {
    const step = stepIndexOf(issues.map(fieldOf))
    if (step !== undefined) goTo(step)
    queueMicrotask(() => mark(issues))
  }

  return (
    <div class="wizard">
      <Stepper index={index()} reached={reached()} onStep={goTo} />
      <form
        class="panel wizard-panel"
        novalidate
        ref={(made) => (element = made)}
        onSubmit={(event) => {
          event.preventDefault()
          if (!busy()) void (current() ? next() : create(true))
        }}
      >
        <h2>{current()?.title ?? 'Review'}</h2>
        <p class="wizard-lead">
          {current()?.lead ?? 'Everything in one view. Nothing trades before you start it.'}
        </p>
        <Show when={form.errors.general()}>
          {(message) => (
            <Notice tone="danger">
              <p>{message()}</p>
            </Notice>
          )}
        </Show>
        <Switch fallback={<Review form={form} choices={props.choices} onEdit={goTo} />}>
          <Match when={current()?.id === 'basic'}>
            <BasicFields form={form} choices={props.choices} onChoicesChanged={props.onChoicesChanged} />
          </Match>
          <Match when={current()?.id === 'technical'}>
            <TechnicalFields form={form} choices={props.choices} />
          </Match>
          <Match when={current()?.id === 'risk'}>
            <RiskFields form={form} />
          </Match>
          <Match when={current()?.id === 'funds'}>
            <FundFields form={form} choices={props.choices} />
          </Match>
        </Switch>
        <div class="wizard-actions">
          <Show when={index() > 0}>
            <Button icon="back" onClick={() => goTo(index() - 1)}>
              Back
            </Button>
          </Show>
          <span class="spacer" />
          <Show
            when={current()}
            fallback={
              <>
                <Button busy={busy() === 'create'} onClick={() => void create(false)}>
                  Create only
                </Button>
                <Button type="submit" kind="primary" icon="play" busy={busy() === 'start'}>
                  Create and start
                </Button>
              </>
            }
          >
            <Button type="submit" kind="primary" busy={busy() === 'next'}>
              {index() === steps.length - 1 ? 'Review' : 'Next'}
            </Button>
          </Show>
        </div>
      </form>
    </div>
  )
}

/** The bot exists by now: a start that is refused is said, and the bot's page shows the rest. */
async function start(id: string): Promise<void> {
  const data = await runMutation(StartBotMutation, { id })
  const answer = data?.startBot
  if (answer?.__typename === 'Bot') mergeBot(answer)
  else if (answer) showToast({ tone: 'danger', message: `Created, but not started: ${answer.message}` })
}
