import type { StrategyChoice } from '../../../graphql/documents/bot-form.ts'
import { formatExact } from '../../../format/decimal.ts'
import { quoteOf } from '../../../format/symbol.ts'
import type { BotFormValues } from './form-values.ts'
import { numberFieldsOf, numberSpecs, type NumberField, type StepId } from './number-fields.ts'

export type Setting = { label: string; value: string }

/** What names of the API mean to people: the key's label, and the bot's strategy where it is known. */
export type SettingNames = { key: string | undefined; strategy: StrategyChoice | undefined }

/** A step's settings in words, for the review and the detail page. */
export function settingsOf(step: StepId, values: BotFormValues, names: SettingNames): Setting[] {
  const numbers = [...numberFieldsOf(step, false), ...numberFieldsOf(step, true)]
    .filter((name) => numberSpecs[name].shown?.(values) ?? true)
    .filter((name) => step !== 'technical' || (names.strategy?.fields.includes(name) ?? true))
    .map((name) => ({ label: numberSpecs[name].label, value: numberWords(name, values) }))
  return [
    ...wordsOf(step, values, names),
    ...numbers,
    ...(step === 'technical' ? paramWords(values, names) : []),
  ]
}

function paramWords(values: BotFormValues, { strategy }: SettingNames): Setting[] {
  if (!strategy) return Object.entries(values.strategyParams).map(([label, value]) => ({ label, value }))
  return strategy.parameters.map(({ name, label, default: fallback }) => ({
    label,
    value: formatExact(values.strategyParams[name] ?? fallback),
  }))
}

function wordsOf(step: StepId, values: BotFormValues, { key, strategy }: SettingNames): Setting[] {
  switch (step) {
    case 'basic':
      return [
        { label: 'Name', value: values.name },
        { label: 'Exchange', value: values.exchange },
        { label: 'Mode', value: values.mode === 'PAPER' ? 'Paper' : 'Live' },
        ...(values.mode === 'LIVE' ? [{ label: 'API key', value: key ?? 'none' }] : []),
        {
          label: 'Market',
          value: `${values.symbol}, ${values.positionType === 'SPOT' ? 'spot' : 'futures'}`,
        },
        { label: 'Timeframe', value: values.timeframe },
      ]
    case 'technical':
      return [
        { label: 'Strategy', value: strategy?.name ?? values.strategy },
        ...(values.positionType === 'FUTURES'
          ? [{ label: 'Direction', value: values.direction.toLowerCase() }]
          : []),
      ]
    case 'risk':
      return [
        {
          label: 'Position at daily loss or target',
          value: values.onDailyLimit === 'KEEP' ? 'kept, guarded' : 'closed',
        },
        { label: 'Goes on next day', value: values.resumeNextDay ? 'yes' : 'no, waits for you' },
      ]
    case 'funds':
      return values.mode === 'LIVE' && values.positionType === 'FUTURES'
        ? [{ label: 'Moves funds between wallets', value: values.autoTransferFunds ? 'yes' : 'no' }]
        : []
  }
}

function numberWords(name: NumberField, values: BotFormValues): string {
  const text = values[name].trim()
  const unit = numberSpecs[name].unit
  if (text === '' || (name === 'takeProfitPerc' && text === '0')) return 'none'
  const number = formatExact(text)
  if (unit === undefined) return number
  return unit === 'quote'
    ? `${number} ${quoteOf(values.symbol)}`
    : unit === 'x'
      ? `${number}x`
      : `${number} ${unit}`
}
