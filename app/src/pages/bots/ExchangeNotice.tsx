import { For } from 'solid-js'
import { formatFull } from '../../format/time.ts'
import { ExchangeStatusQuery } from '../../graphql/documents/exchange-status.ts'
import { useQuery } from '../../graphql/use-query.ts'
import { createPoll } from '../../live/poll.ts'
import { Notice } from '../../parts/Notice.tsx'

const everyMs = 15_000

/** Which of these exchanges is being maintained, or has told TradeBot to be silent for a while. */
export function ExchangeNotice(props: { exchanges: readonly string[] }) {
  const query = useQuery(ExchangeStatusQuery, () => ({}))
  createPoll(() => true, query.refetch, everyMs)
  const troubled = () =>
    query.data()?.exchanges.filter((one) => one.status !== 'OK' && props.exchanges.includes(one.id)) ?? []
  return (
    <For each={troubled()}>
      {(exchange) => (
        <Notice tone="warn" icon="clock">
          <p data-testid={`exchange-${exchange.id}`}>
            <strong>
              {exchange.status === 'MAINTENANCE'
                ? `${exchange.name} is being maintained.`
                : `${exchange.name} told TradeBot to wait.`}
            </strong>{' '}
            Its bots go on by themselves as soon as it answers; stops that rest at the exchange stay there.
          </p>
          <p>
            {exchange.statusMessage}
            {exchange.statusSince ? ` Since ${formatFull(new Date(exchange.statusSince))}.` : ''}
          </p>
        </Notice>
      )}
    </For>
  )
}
