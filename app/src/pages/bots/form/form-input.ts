import type { CreateBotInput, UpdateBotInput } from '../../../graphql/documents/bot-form.ts'
import { defaultValues, type BotFormValues } from './form-values.ts'
import { allNumberFields, numberSpecs, type NumberField } from './number-fields.ts'

export type FormIssue = { path: string[]; message: string }

/**
 * What only the form can know: that a text is no number, or is missing. Ranges and relations are the API's
 * (validateBot, createBot). Fields that are not shown are not looked at.
 */
export function findFormIssues(values: BotFormValues): FormIssue[] {
  const issues: FormIssue[] = []
  for (const name of allNumberFields) {
    const message =
      (numberSpecs[name].shown?.(values) ?? true) ? numberIssue(name, values[name].trim()) : undefined
    if (message) issues.push({ path: [name], message })
  }
  if (values.name.trim() === '') issues.push({ path: ['name'], message: 'Give the bot a name.' })
  if (values.symbol.trim() === '') issues.push({ path: ['symbol'], message: 'Choose a market.' })
  if (values.mode === 'LIVE' && values.apiKeyId === '')
    issues.push({ path: ['apiKeyId'], message: 'A live bot needs an API key. Choose or add one.' })
  for (const [name, text] of Object.entries(values.strategyParams)) {
    if (!decimal.test(text.trim())) issues.push({ path: ['strategyParams', name], message: notDecimal })
  }
  return issues
}

/** Fit to be sent. A number that cannot be sent gives way to its default: the form's own issues name it. */
export function toCreateInput(values: BotFormValues): CreateBotInput {
  const { number, decimals, optionalNumber, optionalDecimal } = readers(values)
  return {
    name: values.name.trim(),
    exchange: values.exchange,
    symbol: values.symbol.trim(),
    timeframe: values.timeframe,
    mode: values.mode,
    apiKeyId: values.mode === 'LIVE' && values.apiKeyId !== '' ? values.apiKeyId : null,
    positionType: values.positionType,
    direction: values.positionType === 'SPOT' ? 'LONG' : values.direction,
    leverage: values.positionType === 'SPOT' ? 1 : number('leverage'),
    strategy: values.strategy,
    strategyParams: paramsOf(values),
    checkIntervalSeconds: number('checkIntervalSeconds'),
    emaFast: number('emaFast'),
    emaSlow: number('emaSlow'),
    rsiPeriod: number('rsiPeriod'),
    rsiOverbought: decimals('rsiOverbought'),
    rsiOversold: decimals('rsiOversold'),
    stopLossPerc: decimals('stopLossPerc'),
    takeProfitPerc: decimals('takeProfitPerc'),
    maxDailyLossPerc: optionalDecimal('maxDailyLossPerc'),
    dailyTargetPerc: optionalDecimal('dailyTargetPerc'),
    maxDailyTrades: optionalNumber('maxDailyTrades'),
    onDailyLimit: values.onDailyLimit,
    resumeNextDay: values.resumeNextDay,
    trailingStopPerc: optionalDecimal('trailingStopPerc'),
    maxDrawdownPerc: optionalDecimal('maxDrawdownPerc'),
    cooldownSeconds: optionalNumber('cooldownSeconds'),
    maxOrdersPerMinute: optionalNumber('maxOrdersPerMinute'),
    priceCollarPerc: optionalDecimal('priceCollarPerc'),
    initialCapital: decimals('initialCapital'),
    positionSizeFixed: decimals('positionSizeFixed'),
    maxOrderValue: optionalDecimal('maxOrderValue'),
    paperFeePerc: decimals('paperFeePerc'),
    paperSlippagePerc: decimals('paperSlippagePerc'),
    transferAmount: optionalDecimal('transferAmount'),
    autoTransferFunds:
      values.positionType === 'FUTURES' && values.mode === 'LIVE' && values.autoTransferFunds,
  }
}

/** Only what differs from `before`: the API changes only what is given. Null clears an optional setting. */
export function toUpdateInput(
  id: string,
  revision: number,
  values: BotFormValues,
  before: BotFormValues,
): UpdateBotInput | undefined {
  const { exchange: _e, symbol: _s, mode: _m, positionType: _p, ...next } = toCreateInput(values)
  const old = toCreateInput(before)
  const changed = (name: keyof typeof next) => JSON.stringify(next[name]) !== JSON.stringify(old[name])
  const given = Object.fromEntries(
    Object.entries(next).filter(([name]) => isKey(next, name) && changed(name)),
  )
  return Object.keys(given).length === 0 ? undefined : { id, revision, ...given }
}

const decimal = /^-?\d{1,20}(\.\d{1,18})?$/
const whole = /^-?\d{1,9}$/
const notDecimal = 'Enter a plain number with a point, such as 0.5.'

function numberIssue(name: NumberField, text: string): string | undefined {
  const spec = numberSpecs[name]
  if (text === '') return spec.optional ? undefined : 'Enter a number.'
  if (spec.whole) return whole.test(text) ? undefined : 'Enter a whole number.'
  return decimal.test(text) ? undefined : notDecimal
}

function readers(values: BotFormValues) {
  const fallback = defaultValues()
  const usable = (name: NumberField) => {
    const text = values[name].trim()
    return numberIssue(name, text) ? fallback[name] : text
  }
  return {
    number: (name: NumberField) => Number(usable(name)),
    decimals: (name: NumberField) => usable(name),
    optionalNumber: (name: NumberField) => (usable(name) === '' ? null : Number(usable(name))),
    optionalDecimal: (name: NumberField) => (usable(name) === '' ? null : usable(name)),
  }
}

function paramsOf(values: BotFormValues) {
  return Object.entries(values.strategyParams)
    .map(([name, value]) => ({ name, value: value.trim() }))
    .filter((param) => decimal.test(param.value))
}

function isKey<T extends object>(object: T, name: PropertyKey): name is keyof T {
  return name in object
}
