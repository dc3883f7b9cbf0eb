import { Show, type JSX } from 'solid-js'
import { baseOf } from '../../../format/symbol.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { Exact, Pnl, Price, When } from '../../../parts/Figures.tsx'
import { Icon } from '../../../parts/Icon.tsx'

/** The open position, and who keeps its stop. */
export function PositionPanel(props: { bot: BotLive; quote: string }) {
  return (
    <section class="panel position" aria-labelledby="position-title">
      <h2 id="position-title">Position</h2>
      <Show
        when={props.bot.position}
        fallback={<p class="none">Flat. The bot enters on its next signal while it runs.</p>}
      >
        {(position) => (
          <>
            <dl class="settings">
              <Row label={position().side === 'BUY' ? 'Long' : 'Short'}>
                <Exact value={position().amount} unit={baseOf(props.bot.symbol)} />
              </Row>
              <Row label="Unrealised">
                <Pnl value={position().unrealizedPnl} currency={props.quote} showCurrency />
              </Row>
              <Row label="Average price">
                <Price value={position().averagePrice} />
              </Row>
              <Row label="Stop loss">
                <Price value={position().stopLossPrice} />
              </Row>
              <Row label="Take profit">
                <Show when={position().takeProfitPrice} fallback="none">
                  <Price value={position().takeProfitPrice} />
                </Show>
              </Row>
              <Show when={position().liquidationPrice}>
                <Row label="Liquidation">
                  <Price value={position().liquidationPrice} />
                </Row>
              </Show>
              <Row label="Opened">
                <When at={position().openedAt} />
              </Row>
            </dl>
            <p class="guard">
              <Icon name="shield" />
              <span>{guardWords(props.bot, position().protectedAtExchange)}</span>
            </p>
          </>
        )}
      </Show>
    </section>
  )
}

function guardWords(bot: BotLive, atExchange: boolean): string {
  if (atExchange) return 'A stop order rests at the exchange. It holds even while TradeBot is off.'
  if (!bot.isActive) return 'Nobody keeps its stop while the bot is stopped.'
  return `The stop is kept by TradeBot, which looks every ${bot.checkIntervalSeconds} s while it runs.`
}

function Row(props: { label: string; children: JSX.Element }) {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}
