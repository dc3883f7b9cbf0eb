import { quoteOf } from '../../../format/symbol.ts'
import type { BotConfig } from '../../../graphql/documents/bot-detail.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { PageTitle } from '../../../parts/PageTitle.tsx'
import { ModeBadge, StatusBadge } from '../../../parts/StatusBadge.tsx'
import { paths } from '../../../paths.ts'
import { BotActions } from './BotActions.tsx'
import { ExchangeNotice } from '../ExchangeNotice.tsx'
import { BotNotices } from './BotNotices.tsx'
import { kindNote } from '../bot-words.ts'
import { BotTabs } from './BotTabs.tsx'
import { ConfigPanel } from './ConfigPanel.tsx'
import { LiveFigures } from './LiveFigures.tsx'
import { PositionPanel } from './PositionPanel.tsx'
import { PriceChart } from './PriceChart.tsx'
import { TradingLadder } from './TradingLadder.tsx'

export function BotView(props: { config: BotConfig; bot: BotLive }) {
  const quote = () => quoteOf(props.bot.symbol)
  return (
    <>
      <PageTitle
        title={props.bot.name}
        back={{ href: paths.bots, label: 'Bots' }}
        detail={
          <>
            <StatusBadge status={props.bot.state.status} large />
            <ModeBadge mode={props.bot.mode} exchange={props.bot.exchange} />
            <span>
              {props.bot.symbol}
              {kindNote(props.bot)} {'\u00b7'} {props.bot.timeframe} {'\u00b7'} {props.bot.exchange}
            </span>
          </>
        }
      >
        <BotActions bot={props.bot} />
      </PageTitle>
      <ExchangeNotice exchanges={[props.bot.exchange]} />
      <BotNotices bot={props.bot} />
      <TradingLadder bot={props.bot} />
      <LiveFigures bot={props.bot} />
      <div class="bot-columns">
        <PriceChart bot={props.bot} />
        <PositionPanel bot={props.bot} quote={quote()} />
      </div>
      <BotTabs bot={props.bot} />
      <ConfigPanel config={props.config} bot={props.bot} />
    </>
  )
}
