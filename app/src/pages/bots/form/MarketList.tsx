import { For, Match, Show, Switch } from 'solid-js'
import type { Market } from '../../../graphql/documents/bot-form.ts'
import { formatCompact } from '../../../format/decimal.ts'
import { When } from '../../../parts/Figures.tsx'

/** What the market field offers: what is traded most first, or why there is nothing. */
export function MarketList(props: {
  id: string
  markets: readonly Market[]
  kind: Market['type']
  chosen: string
  active: number
  search: string
  loading: boolean
  problem: string | undefined
  onChoose: (market: Market) => void
}) {
  const stale = () => props.markets.find((market) => market.stale)
  const what = () => (props.kind === 'SPOT' ? 'spot market' : 'perpetual')
  return (
    <div class="combobox-list">
      <Switch
        fallback={
          <p class="combobox-note">
            No {what()} here has "{props.search}" in its name.
          </p>
        }
      >
        <Match when={props.markets.length > 0}>
          <Show when={stale()}>
            {(market) => (
              <p class="combobox-note stale">
                As known since <When at={market().updatedAt} />; the exchange could not be asked anew.
              </p>
            )}
          </Show>
          <div class="market-row market-head" aria-hidden="true">
            <span>Market</span>
            <Show when={props.kind === 'FUTURES'}>
              <span class="market-leverage">Leverage</span>
            </Show>
            <span class="market-volume">24 h volume</span>
          </div>
          <ul id={props.id} role="listbox" aria-label="Markets">
            <For each={props.markets}>
              {(market, index) => (
                <li
                  class="market-row"
                  id={`${props.id}-${index()}`}
                  role="option"
                  aria-selected={market.symbol === props.chosen}
                  classList={{ active: index() === props.active }}
                  // Before blur, which would close the list under the pointer.
                  onMouseDown={(event) => {
                    event.preventDefault()
                    props.onChoose(market)
                  }}
                >
                  <span class="market-symbol">{market.symbol}</span>
                  <Show when={props.kind === 'FUTURES'}>
                    <span class="market-leverage num">
                      {market.maxLeverage ? `${market.maxLeverage}x` : '\u2013'}
                    </span>
                  </Show>
                  <span class="market-volume num">
                    <Show when={market.volume24h} fallback={'\u2013'}>
                      {(volume) => (
                        <>
                          {formatCompact(volume())} <small>{market.quote}</small>
                        </>
                      )}
                    </Show>
                  </span>
                </li>
              )}
            </For>
          </ul>
        </Match>
        <Match when={props.problem}>{(problem) => <p class="combobox-note loss">{problem()}</p>}</Match>
        <Match when={props.loading}>
          <p class="combobox-note" role="status">
            Reading the markets of this exchange{'\u2026'}
          </p>
        </Match>
        <Match when={props.search === ''}>
          <p class="combobox-note">
            This exchange has no {what()}s.{' '}
            {props.kind === 'FUTURES' ? 'Choose spot, or another exchange.' : ''}
          </p>
        </Match>
      </Switch>
    </div>
  )
}
