import { useSearchParams } from '@solidjs/router'
import { Match, Switch, createMemo } from 'solid-js'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { Tabs } from '../../../parts/Tabs.tsx'
import { DaysTab } from './DaysTab.tsx'
import { EventsTab } from './EventsTab.tsx'
import { FundingTab } from './FundingTab.tsx'
import { OrdersTab } from './OrdersTab.tsx'
import { TradesTab } from './TradesTab.tsx'
import { TransfersTab } from './TransfersTab.tsx'

const orders = { id: 'orders', label: 'Orders' }
const others = [
  { id: 'trades', label: 'Trades' },
  { id: 'events', label: 'Events' },
  { id: 'days', label: 'Days' },
]
const funding = { id: 'funding', label: 'Funding' }
const transfers = { id: 'transfers', label: 'Transfers' }

/** Only what there can be: funding of perpetuals, transfers of those at an exchange. */
function tabsOf({ positionType, mode }: BotLive) {
  const ofFutures = positionType === 'SPOT' ? [] : mode === 'LIVE' ? [funding, transfers] : [funding]
  return [orders, ...others, ...ofFutures]
}

/** What the bot did. The tab is in the address, so that it can be linked to. */
export function BotTabs(props: { bot: BotLive }) {
  const [params, setParams] = useSearchParams()
  const tabs = createMemo(() => tabsOf(props.bot))
  const current = () => tabs().find((tab) => tab.id === params['tab'])?.id ?? orders.id
  return (
    <Tabs
      tabs={tabs()}
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
        <Match when={current() === 'funding'}>
          <FundingTab bot={props.bot} />
        </Match>
        <Match when={current() === 'transfers'}>
          <TransfersTab bot={props.bot} />
        </Match>
      </Switch>
    </Tabs>
  )
}
