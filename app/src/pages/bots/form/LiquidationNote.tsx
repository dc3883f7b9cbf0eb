import { Match, Show, Switch } from 'solid-js'
import { formatExact } from '../../../format/decimal.ts'
import { Icon } from '../../../parts/Icon.tsx'
import type { BotForm } from './bot-form.ts'
import { useChosenMarket } from './chosen-market.ts'
import { nearestLiquidation } from './liquidation.ts'

/** Where the exchange takes the position away, as leverage and stop loss are typed. The API judges it exactly. */
export function LiquidationNote(props: { form: BotForm }) {
  const market = useChosenMarket(() => props.form.values)
  const typed = (text: string) => (/^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined)
  const leverage = () => typed(props.form.values.leverage)
  const stopLoss = () => typed(props.form.values.stopLossPerc)
  const tooMuch = () => {
    const most = market()?.maxLeverage
    const wanted = leverage()
    return most != null && wanted !== undefined && wanted > most ? most : undefined
  }
  const nearest = () => {
    const rate = market()?.maintenanceMarginPerc
    const times = leverage()
    if (rate == null || times === undefined || times < 1) return undefined
    return nearestLiquidation(props.form.values.direction, times, Number(rate))
  }
  const bad = () => {
    const found = nearest()
    const stop = stopLoss()
    return tooMuch() !== undefined || (found !== undefined && stop !== undefined && stop >= found.distance)
  }
  const far = (distance: number) => formatExact((Math.floor(distance * 100) / 100).toFixed(2))
  const stopWords = (distance: number) => {
    const stop = stopLoss()
    if (stop === undefined) return '.'
    const at = `${formatExact(String(stop))} %`
    return stop < distance
      ? `; the stop loss, at ${at}, comes first.`
      : `, before the stop loss at ${at}. Lower the stop loss or the leverage.`
  }
  return (
    <p class="guard" classList={{ 'guard-none': bad() }} role="status" data-testid="liquidation">
      <Icon name={bad() ? 'alert' : 'info'} />
      <span>
        <Switch fallback="Choose a market, and you see here how far it is to liquidation.">
          <Match when={tooMuch()}>
            {(most) => (
              <>
                {props.form.values.symbol} takes a leverage of {most()}x at the most.
              </>
            )}
          </Match>
          <Match when={nearest()}>
            {(found) => (
              <Show
                when={found().distance < 99.9999}
                fallback="Not leveraged: a long position is not liquidated at any price."
              >
                <strong>
                  A {found().side === 'LONG' ? 'long' : 'short'} is liquidated about {far(found().distance)} %
                  from its entry
                </strong>
                {stopWords(found().distance)}
              </Show>
            )}
          </Match>
        </Switch>
      </span>
    </p>
  )
}
