import type { BotConfig } from '../../../graphql/documents/bot-detail.ts'
import type { FormChoices } from '../../../graphql/documents/bot-form.ts'
import { intervalFor, timeframeFor } from '../form/exchange-defaults.ts'
import { defaultValues, valuesOf, type BotFormValues } from '../form/form-values.ts'

/** What the form begins with: a copy of a bot, or the defaults made to fit the exchanges that are offered. */
export function startValues(choices: FormChoices, source: BotConfig | undefined): BotFormValues {
  if (source) return { ...valuesOf(source), name: `${source.name} (copy)` }
  const count = choices.bots.totalCount
  const values = { ...defaultValues(), name: count === 0 ? 'My first bot' : `Bot ${count + 1}` }
  const exchange = choices.exchanges.find((one) => one.id === values.exchange) ?? choices.exchanges[0]
  if (!exchange) return values
  return {
    ...values,
    exchange: exchange.id,
    timeframe: timeframeFor(exchange, values.timeframe),
    checkIntervalSeconds: intervalFor(exchange, values.checkIntervalSeconds),
  }
}
