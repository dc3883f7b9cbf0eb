import { Show } from 'solid-js'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { Money, Pnl, Price } from '../../../parts/Figures.tsx'
import { distancePerc } from '../form/liquidation.ts'
import { PanelRow } from './PanelRow.tsx'

/** Closer than this, in percent of the mark price, liquidation is pointed out. */
const NEAR_PERC = 2

/** Of a perpetual: what values the position, what backs it, and where that is used up. */
export function MarginRows(props: {
  bot: BotLive
  position: NonNullable<BotLive['position']>
  quote: string
}) {
  const price = () => props.bot.state.markPrice ?? props.bot.state.lastPrice
  const distance = () => {
    const from = price()
    const to = props.position.liquidationPrice
    return from && to ? distancePerc(from, to) : undefined
  }
  return (
    <Show when={props.position.margin}>
      {(margin) => (
        <>
          <PanelRow label="Mark price">
            <Price value={props.bot.state.markPrice} />
          </PanelRow>
          <PanelRow label="Margin">
            <Money value={margin()} currency={props.quote} showCurrency />
          </PanelRow>
          <PanelRow label="Liquidation">
            <Show when={props.position.liquidationPrice} fallback="at no price">
              {(at) => (
                <>
                  <Price value={at()} />
                  <Show when={distance()}>
                    {(far) => (
                      <small class="row-note" classList={{ loss: far() < NEAR_PERC }}>
                        {far().toFixed(far() < 10 ? 2 : 1)} % away
                      </small>
                    )}
                  </Show>
                </>
              )}
            </Show>
          </PanelRow>
          <PanelRow label="Funding">
            <Pnl value={props.position.funding} currency={props.quote} showCurrency />
          </PanelRow>
        </>
      )}
    </Show>
  )
}
