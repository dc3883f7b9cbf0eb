import { useSearchParams } from '@solidjs/router'
import { Match, Switch } from 'solid-js'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { Tabs } from '../../../parts/Tabs.tsx'
import { DaysTab } from './DaysTab.tsx'
import { EventsTab } from './EventsTab.tsx'
import { OrdersTab } from './OrdersTab.tsx'
import { TradesTab } from './TradesTab.tsx'

const tabs = [
  { id: 'orders', label: 'Orders' },
  { id: 'trades', label: 'Trades' },
  { id: 'events', label: 'Events' },
  { id: 'days', label: 'Days' },
]

/** What the bot did. The tab is in the address, so that it can be linked to. */
export function BotTabs(props: { bot: BotLive }) {
  const [params, setParams] = useSearchParams()
  const current = () => tabs.find((tab) => tab.id === params['tab'])?.id ?? 'orders'
  return (
    <Tabs
      tabs={tabs}
      current={current()}
      label="History"
      onTab={(tab) => setParams({ tab }, { replace: true })}
    >
      <Switch>
        <Match when={current() === 'orders'}>
          <OrdersTab bot={props.bot} />
        </Match>
        <Match when={current() === 'trades'}>
          <TradesTab bot={props.bot} />
        </Match>
        <Match when={current() === 'events'}>
          <EventsTab bot={props.bot} />
        </Match>
        <Match when={current() === 'days'}>
          <DaysTab bot={props.bot} />
        </Match>
      </Switch>
    </Tabs>
  )
}
