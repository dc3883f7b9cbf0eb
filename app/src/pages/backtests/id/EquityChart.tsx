import { For, Show, createMemo, createSignal, onCleanup } from 'solid-js'
import { formatMoney } from '../../../format/decimal.ts'
import { quoteOf } from '../../../format/symbol.ts'
import { BacktestCurveQuery, type CurvePoint } from '../../../graphql/documents/backtests.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { Loaded } from '../../../parts/Loading.tsx'
import { scaleCurve } from './curve-scale.ts'

const height = 240
const axisWidth = 84

/** Equity over the time of the backtest, and beside it what buying and holding would have made. */
export function EquityChart(props: { id: string; symbol: string }) {
  const query = useQuery(BacktestCurveQuery, () => ({ id: props.id }))
  const points = () => query.data()?.backtest?.equityCurve
  return (
    <section class="panel chart" aria-labelledby="curve-title">
      <div class="panel-head">
        <h2 id="curve-title">Equity</h2>
        <span class="panel-note curve-key">
          <span class="curve-key-bot">Bot</span> <span class="curve-key-hold">Buy and hold</span>
        </span>
      </div>
      <Loaded
        data={points()}
        problem={query.problem()}
        onRetry={query.refetch}
        lines={5}
        label="Loading the curve"
      >
        {(loaded) => (
          <Show when={loaded().length > 1} fallback={<p class="tab-empty">Too short for a curve.</p>}>
            <Plot points={loaded()} currency={quoteOf(props.symbol)} />
          </Show>
        )}
      </Loaded>
    </section>
  )
}

const day = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
})

function Plot(props: { points: readonly CurvePoint[]; currency: string }) {
  const [width, setWidth] = createSignal(600)
  const watch = (element: SVGSVGElement) => {
    const observer = new ResizeObserver(
      ([entry]) => entry && setWidth(Math.max(200, entry.contentRect.width)),
    )
    observer.observe(element)
    onCleanup(() => observer.disconnect())
  }
  const plotWidth = () => width() - axisWidth
  const scale = createMemo(() => scaleCurve(props.points, plotWidth(), height))
  const money = (value: number) => formatMoney(value.toFixed(8), props.currency)
  const ends = () => ({ first: props.points[0], last: props.points.at(-1) })
  const label = () => {
    const { first, last } = ends()
    if (!first || !last) return 'Equity'
    return `Equity from ${money(first.equity)} to ${money(last.equity)} ${props.currency}; bought and held it were ${money(last.buyAndHold)}.`
  }
  return (
    <svg class="plot" ref={watch} height={height + 26} role="img" aria-label={label()}>
      <g transform="translate(0 4)">
        <For each={scale().ticks}>
          {(tick) => (
            <g class="plot-tick">
              <line x1="0" x2={plotWidth()} y1={scale().y(tick)} y2={scale().y(tick)} />
              <text x={width() - 4} y={scale().y(tick) + 4}>
                {money(tick)}
              </text>
            </g>
          )}
        </For>
        <path class="curve-hold" d={scale().hold} />
        <path class="curve-bot" d={scale().bot} />
        <text class="plot-time" x="0" y={height + 18}>
          {day.format(new Date(ends().first?.at ?? 0))} UTC
        </text>
        <text class="plot-time plot-time-end" x={plotWidth()} y={height + 18}>
          {day.format(new Date(ends().last?.at ?? 0))} UTC
        </text>
      </g>
    </svg>
  )
}
