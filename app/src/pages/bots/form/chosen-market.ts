import { createMemo, type Accessor } from 'solid-js'
import { MarketsQuery, type Market } from '../../../graphql/documents/bot-form.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import type { BotFormValues } from './form-values.ts'

/** What is known of the market that is typed; undefined while it is not one. */
export function useChosenMarket(values: Accessor<BotFormValues>): Accessor<Market | undefined> {
  const symbol = () => values().symbol.trim()
  const query = useQuery(
    MarketsQuery,
    () => ({ exchange: values().exchange, search: symbol(), type: values().positionType, first: 20 }),
    () => !/^[^/]+\/[^/]+$/.test(symbol()),
  )
  return createMemo(() => query.data()?.markets.find((market) => market.symbol === symbol()))
}
