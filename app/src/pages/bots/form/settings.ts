import { formatExact } from '../../../format/decimal.ts'
import { quoteOf } from '../../../format/symbol.ts'
import type { BotFormValues } from './form-values.ts'
import { numberFieldsOf, numberSpecs, type NumberField, type StepId } from './number-fields.ts'

export type Setting = { label: string; value: string }

/** A step's settings in words, for the review and the detail page. `keyLabel` names the API key. */
export function settingsOf(step: StepId, values: BotFormValues, keyLabel: string | undefined): Setting[] {
  const numbers = [...numberFieldsOf(step, false), ...numberFieldsOf(step, true)]
    .filter((name) => numberSpecs[name].shown?.(values) ?? true)
    .map((name) => ({ label: numberSpecs[name].label, value: numberWords(name, values) }))
  return [...wordsOf(step, values, keyLabel), ...numbers]
}

function wordsOf(step: StepId, values: BotFormValues, keyLabel: string | undefined): Setting[] {
  switch (step) {
    case 'basic':
      return [
        { label: 'Name', value: values.name },
        { label: 'Exchange', value: values.exchange },
        { label: 'Mode', value: values.mode === 'PAPER' ? 'Paper' : 'Live' },
        ...(values.mode === 'LIVE' ? [{ label: 'API key', value: keyLabel ?? 'none' }] : []),
        {
          label: 'Market',
          value: `${values.symbol}, ${values.positionType === 'SPOT' ? 'spot' : 'futures'}`,
        },
        { label: 'Timeframe', value: values.timeframe },
      ]
    case 'technical':
      return [
        { label: 'Strategy', value: values.strategy.replaceAll('_', ' + ') },
        ...(values.positionType === 'FUTURES'
          ? [{ label: 'Direction', value: values.direction.toLowerCase() }]
          : []),
        ...Object.entries(values.strategyParams).map(([label, value]) => ({ label, value })),
      ]
    case 'risk':
      return [
        {
          label: 'Position at a daily limit',
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
