import { A } from '@solidjs/router'
import type { Viewer } from '../graphql/documents/session.ts'
import { paths } from '../paths.ts'
import { AccountMenu } from './AccountMenu.tsx'
import { Brand } from './Brand.tsx'
import { HaltButton } from './Halt.tsx'
import { LiveDot } from './ConnectionBanner.tsx'

export function Header(props: { viewer: Viewer }) {
  return (
    <header class="header">
      <A href={paths.bots} class="brand-link" aria-label="TradeBot: all bots">
        <Brand />
      </A>
      <nav class="nav" aria-label="Main">
        <A href={paths.bots}>Bots</A>
        <A href={paths.backtests}>Backtests</A>
        <A href={paths.alerts}>Alerts</A>
        <A href={paths.keys}>API keys</A>
        <A href={paths.tokens}>API tokens</A>
      </nav>
      <div class="header-end">
        <LiveDot />
        <HaltButton viewer={props.viewer} />
        <AccountMenu viewer={props.viewer} />
      </div>
    </header>
  )
}
