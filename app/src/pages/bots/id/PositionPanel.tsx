import { Show, type JSX } from 'solid-js'
import { baseOf } from '../../../format/symbol.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { Exact, Pnl, Price, When } from '../../../parts/Figures.tsx'
import { Icon } from '../../../parts/Icon.tsx'
import { MarginRows } from './MarginRows.tsx'
import { PanelRow } from './PanelRow.tsx'

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
              <PanelRow label={sideWords(position())}>
                <Exact value={position().amount} unit={baseOf(props.bot.symbol)} />
              </PanelRow>
              <PanelRow label="Unrealised">
                <Pnl value={position().unrealizedPnl} currency={props.quote} showCurrency />
              </PanelRow>
              <PanelRow label="Average price">
                <Price value={position().averagePrice} />
              </PanelRow>
              <MarginRows bot={props.bot} position={position()} quote={props.quote} />
              <PanelRow label="Stop loss">
                <Price value={position().stopLossPrice} />
              </PanelRow>
              <Show when={position().protectedAtExchange}>
                <PanelRow label="Stop at the exchange">
                  <Price value={position().exchangeStopPrice} />
                </PanelRow>
              </Show>
              <PanelRow label="Take profit">
                <Show when={position().takeProfitPrice} fallback="none">
                  <Price value={position().takeProfitPrice} />
                </Show>
              </PanelRow>
              <PanelRow label="Opened">
                <When at={position().openedAt} />
              </PanelRow>
            </dl>
            <p class="guard" classList={{ 'guard-none': !isGuarded(props.bot) }} data-testid="guard">
              <Icon name={isGuarded(props.bot) ? 'shield' : 'alert'} />
              <span>{guardWords(props.bot)}</span>
            </p>
          </>
        )}
      </Show>
    </section>
  )
}

function sideWords({ side, leverage }: NonNullable<BotLive['position']>): JSX.Element {
  const word = side === 'BUY' ? 'Long' : 'Short'
  return (
    <>
      {word}
      <Show when={leverage}>{(times) => <span class="tag">{times()}x</span>}</Show>
    </>
  )
}

/** Somebody keeps the stop: the exchange, or TradeBot with each look. */
function isGuarded(bot: BotLive): boolean {
  return bot.position?.protectedAtExchange === true || bot.isActive
}

function guardWords({ position, isActive, checkIntervalSeconds, mode, state }: BotLive): string {
  if (position?.protectedAtExchange === true) {
    const beside = isActive ? ` TradeBot watches it too, every ${checkIntervalSeconds} s.` : ''
    return `A stop order rests at the exchange. It holds even while TradeBot is off.${beside}`
  }
  if (!isActive) return 'Nobody keeps its stop while the bot is stopped.'
  const paused = state.status === 'PAUSED' ? ', paused or not' : ''
  const why = position?.unprotectedBecause ? ` ${position.unprotectedBecause}` : ''
  const none = mode === 'LIVE' ? ' None rests at the exchange.' : ''
  return `The stop is kept by TradeBot, which looks every ${checkIntervalSeconds} s while it runs${paused}.${none}${why}`
}
