import { For, Show, type JSX } from 'solid-js'
import { quoteOf } from '../../../format/symbol.ts'
import { signOf } from '../../../format/decimal.ts'
import type { BacktestFigures } from '../../../graphql/documents/backtests.ts'
import { Money } from '../../../parts/Figures.tsx'
import { Notice } from '../../../parts/Notice.tsx'
import { percent, ratio, signedPercent } from '../backtest-words.ts'

/** What became of the money, and what else there is to judge it by. */
export function ResultFigures(props: { figures: BacktestFigures; symbol: string }) {
  const quote = () => quoteOf(props.symbol)
  const all = () => props.figures
  return (
    <>
      <Show when={all().notes.length > 0 || all().gaps > 0}>
        <Notice tone="info">
          <Show when={all().gaps > 0}>
            <p>Candles are missing at {all().gaps} places; indicators go on over them.</p>
          </Show>
          <For each={all().notes}>{(note) => <p>{note}</p>}</For>
        </Notice>
      </Show>
      <dl class="figures backtest-figures">
        <Figure label="Return">
          <span
            class="num"
            classList={{ gain: signOf(all().returnPerc) > 0, loss: signOf(all().returnPerc) < 0 }}
          >
            {signedPercent(all().returnPerc)}
          </span>
        </Figure>
        <Figure label="Buy and hold">
          <span class="num">{signedPercent(all().buyAndHoldPerc)}</span>
        </Figure>
        <Figure label="Equity">
          <Money value={all().finalEquity} currency={quote()} showCurrency />
        </Figure>
        <Figure label="Fees">
          <Money value={all().fees} currency={quote()} showCurrency />
        </Figure>
        <Figure label="Max drawdown">
          <span class="num">{percent(all().maxDrawdownPerc)}</span>
          <small class="currency"> held: {percent(all().buyAndHoldDrawdownPerc)}</small>
        </Figure>
        <Figure label="Sharpe">
          <span class="num" title="Mean over deviation of daily returns, times √365">
            {ratio(all().sharpe)}
          </span>
        </Figure>
        <Figure label="Trades">
          <span class="num">{all().trades}</span>
          <Show when={all().openTrades > 0}>
            <small class="currency"> and one open</small>
          </Show>
        </Figure>
        <Figure label="Win rate">
          <span class="num">{percent(all().winRatePerc)}</span>
        </Figure>
        <Figure label="Profit factor">
          <span class="num" title="What winners made over what losers lost">
            {ratio(all().profitFactor)}
          </span>
        </Figure>
        <Figure label="Exposure">
          <span class="num" title="Share of the time with a position">
            {percent(all().exposurePerc)}
          </span>
        </Figure>
        <Figure label="Capital">
          <Money value={all().initialCapital} currency={quote()} showCurrency />
        </Figure>
        <Figure label="Candles">
          <span class="num">{new Intl.NumberFormat().format(all().candles)}</span>
        </Figure>
      </dl>
    </>
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
