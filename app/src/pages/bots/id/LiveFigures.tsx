import { Show, type JSX } from 'solid-js'
import { quoteOf } from '../../../format/symbol.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { Ago, Money, NextTick, Pnl, Price } from '../../../parts/Figures.tsx'

/** The bot's state in figures, as it moves. */
export function LiveFigures(props: { bot: BotLive }) {
  const quote = () => quoteOf(props.bot.symbol)
  const state = () => props.bot.state
  return (
    <dl class="figures">
      <Figure label="Equity">
        <Money value={state().equity} currency={quote()} showCurrency />
      </Figure>
      <Figure label="Today">
        <Pnl value={state().dailyPnl} currency={quote()} showCurrency />
      </Figure>
      <Figure label="Total PnL">
        <Pnl value={state().totalPnl} currency={quote()} showCurrency />
      </Figure>
      <Figure label="Entries today">
        <span class="num">{state().dailyTradeCount}</span>
      </Figure>
      <Figure label="Last price">
        <Price value={state().lastPrice} />
        <Show when={state().markPrice}>
          {(mark) => (
            <small class="currency mark-price">
              mark <Price value={mark()} />
            </small>
          )}
        </Show>
      </Figure>
      <Figure label="Last tick">
        <Ago at={state().lastTickAt} />
      </Figure>
      <Figure label="Next tick">
        <NextTick at={props.bot.isActive ? state().nextTickAt : null} />
      </Figure>
      <div class="figure figure-text">
        <dt>Last signal</dt>
        <dd>{state().lastSignal ?? <span class="none">none yet</span>}</dd>
      </div>
    </dl>
  )
}

function Figure(props: { label: string; children: JSX.Element }) {
  return (
    <div class="figure">
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}
