import { useNavigate } from '@solidjs/router'
import { Show, createSignal, untrack } from 'solid-js'
import { StartBacktestMutation } from '../../../graphql/documents/backtests.ts'
import type { FormChoices } from '../../../graphql/documents/bot-form.ts'
import { runMutation } from '../../../graphql/run-mutation.ts'
import { Button } from '../../../parts/Button.tsx'
import { createFormErrors, focusFirstInvalid, type Issue } from '../../../parts/form-errors.ts'
import { Notice } from '../../../parts/Notice.tsx'
import { SelectField } from '../../../parts/SelectField.tsx'
import { TextField } from '../../../parts/TextField.tsx'
import { paths } from '../../../paths.ts'
import { createBotForm } from '../../bots/form/bot-form.ts'
import { timeframeFor } from '../../bots/form/exchange-defaults.ts'
import { findFormIssues, toCreateInput } from '../../bots/form/form-input.ts'
import type { BotFormValues } from '../../bots/form/form-values.ts'
import { FundFields } from '../../bots/form/FundFields.tsx'
import { KindChoice } from '../../bots/form/KindChoice.tsx'
import { MarketField } from '../../bots/form/MarketField.tsx'
import { RiskFields } from '../../bots/form/RiskFields.tsx'
import { TechnicalFields } from '../../bots/form/TechnicalFields.tsx'
import { TimeframeField } from '../../bots/form/TimeframeField.tsx'
import { CandleFields } from './CandleFields.tsx'
import { candleIssues, candlesInput, candleLabels, lastMonth, type CandleValues } from './candle-values.ts'

/** What the bot form asks, less what only a bot needs, and the time to run over. */
export function BacktestForm(props: { choices: FormChoices; initial: BotFormValues }) {
  const navigate = useNavigate()
  const form = createBotForm(
    untrack(() => ({
      ...props.initial,
      mode: 'PAPER' as const,
      apiKeyId: '',
    })),
  )
  const [candles, setCandles] = createSignal<CandleValues>(lastMonth(new Date()))
  const candleErrors = createFormErrors(candleLabels)
  const [busy, setBusy] = createSignal(false)
  const exchange = () => props.choices.exchanges.find((one) => one.id === form.values.exchange)
  let element: HTMLFormElement | undefined

  const mark = (issues: readonly Issue[]) => {
    const isCandles = ({ path }: Issue) => path[0] !== undefined && Object.hasOwn(candleLabels, path[0])
    candleErrors.set(issues.filter(isCandles))
    form.errors.set(issues.filter((issue) => !isCandles(issue)).map(ofConfig))
    if (element) focusFirstInvalid(element)
  }
  const start = async () => {
    const own = [...findFormIssues(form.values), ...candleIssues(candles())]
    if (own.length > 0) return mark(own)
    setBusy(true)
    const config = toCreateInput(form.values)
    const data = await runMutation(StartBacktestMutation, { input: { config, ...candlesInput(candles()) } })
    setBusy(false)
    const answer = data?.startBacktest
    if (answer?.__typename === 'Backtest') navigate(paths.backtest(answer.id))
    else if (answer?.__typename === 'ValidationError') mark(answer.issues)
    else if (answer) form.errors.setGeneral(answer.message)
  }
  const chooseExchange = (id: string) => {
    const next = props.choices.exchanges.find((one) => one.id === id)
    if (!next) return
    form.set('exchange', id)
    form.set('timeframe', timeframeFor(next, form.values.timeframe))
  }

  return (
    <form
      class="panel wizard-panel backtest-form"
      novalidate
      ref={(made) => (element = made)}
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy()) void start()
      }}
    >
      <Show when={form.errors.general()}>
        {(message) => (
          <Notice tone="danger">
            <p>{message()}</p>
          </Notice>
        )}
      </Show>
      <h2>Market and time</h2>
      <div class="field-grid field-pair">
        <TextField
          label="Name"
          name="name"
          maxlength={100}
          value={form.values.name}
          onValue={(value) => form.set('name', value)}
          error={form.errors.of('name')}
        />
        <SelectField
          label="Exchange"
          name="exchange"
          value={form.values.exchange}
          options={props.choices.exchanges.map((one) => ({ value: one.id, label: one.name }))}
          onValue={chooseExchange}
          error={form.errors.of('exchange')}
        />
      </div>
      <KindChoice form={form} />
      <div class="field-grid field-pair">
        <MarketField form={form} />
        <TimeframeField form={form} timeframes={exchange()?.timeframes ?? []} />
      </div>
      <CandleFields
        values={candles()}
        errors={candleErrors}
        onChange={(part) => setCandles((all) => ({ ...all, ...part }))}
      />
      <h2>Strategy</h2>
      <TechnicalFields form={form} choices={props.choices} />
      <h2>Risk</h2>
      <RiskFields form={form} />
      <h2>Money</h2>
      <FundFields form={form} choices={props.choices} />
      <div class="wizard-actions">
        <span class="spacer" />
        <Button type="submit" kind="primary" icon="play" busy={busy()}>
          Run backtest
        </Button>
      </div>
    </form>
  )
}

/** The API tells of a setting as config.NAME. */
function ofConfig(issue: Issue): Issue {
  return issue.path[0] === 'config' ? { ...issue, path: issue.path.slice(1) } : issue
}
