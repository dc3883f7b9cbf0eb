import { For, Show, createEffect, createMemo, createSignal, onCleanup } from 'solid-js'
import { formatPrice } from '../../../format/decimal.ts'
import { formatClock, formatWhen } from '../../../format/time.ts'
import {
  BotTradesQuery,
  CandleChangedSubscription,
  CandlesQuery,
  type TradeRow,
} from '../../../graphql/documents/bot-detail.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { now } from '../../../live/clock.ts'
import { liveSocket } from '../../../live/feed.ts'
import { Loaded } from '../../../parts/Loading.tsx'
import { onBotActivity } from './bot-activity.ts'
import { mergeCandle, scaleChart, type ChartCandle } from './chart-scale.ts'

const shown = 90
const lowHeight = 220
/** Beside the position of a perpetual, of which there is more to tell. */
const highHeight = 380
const axisWidth = 78

/** The market's last candles, moving, with this bot's fills and stops on them. */
export function PriceChart(props: { bot: BotLive }) {
  const market = () => ({
    exchange: props.bot.exchange,
    symbol: props.bot.symbol,
    timeframe: props.bot.timeframe,
  })
  const query = useQuery(CandlesQuery, () => ({ ...market(), limit: shown }))
  const fills = useQuery(BotTradesQuery, () => ({ id: props.bot.id, first: 50, after: null }))
  const [candles, setCandles] = createSignal<readonly ChartCandle[]>()
  createEffect(() => {
    const loaded = query.data()?.candles
    if (loaded) setCandles(loaded.slice(-shown))
  })
  createEffect(() => {
    const wanted = market()
    const stop = liveSocket()?.listen(
      CandleChangedSubscription,
      () => wanted,
      ({ candleChanged }) =>
        setCandles((known) => (known ? mergeCandle(known, candleChanged, shown) : known)),
    )
    onCleanup(() => stop?.())
  })
  onBotActivity(() => props.bot, fills.refetch)
  const trades = () => fills.data()?.bot?.trades.edges.map((edge) => edge.node) ?? []

  return (
    <section class="panel chart" aria-labelledby="chart-title">
      <div class="panel-head">
        <h2 id="chart-title">{props.bot.symbol}</h2>
        <span class="panel-note">
          {props.bot.timeframe} candles{trades().length > 0 ? ', triangles are fills of this bot' : ''}
        </span>
      </div>
      <Loaded
        data={candles()}
        problem={query.problem()}
        onRetry={query.refetch}
        lines={5}
        label="Loading candles"
      >
        {(loaded) => (
          <Show
            when={loaded().length > 1}
            fallback={
              <p class="tab-empty">No candles of this market yet. A worker fetches them when a bot starts.</p>
            }
          >
            <Plot candles={loaded()} trades={trades()} bot={props.bot} />
          </Show>
        )}
      </Loaded>
    </section>
  )
}

function Plot(props: { candles: readonly ChartCandle[]; trades: readonly TradeRow[]; bot: BotLive }) {
  const [width, setWidth] = createSignal(600)
  const watch = (element: SVGSVGElement) => {
    const observer = new ResizeObserver(
      ([entry]) => entry && setWidth(Math.max(200, entry.contentRect.width)),
    )
    observer.observe(element)
    onCleanup(() => observer.disconnect())
  }
  const plotWidth = () => width() - axisWidth
  const height = () => (props.bot.position?.margin != null && width() > 500 ? highHeight : lowHeight)
  const levels = () => {
    const position = props.bot.position
    return [
      { name: 'Stop', price: position?.stopLossPrice, tone: 'stop' },
      { name: 'Entry', price: position?.averagePrice, tone: 'entry' },
      { name: 'Liquidation', price: position?.liquidationPrice, tone: 'stop' },
      { name: 'Target', price: position?.takeProfitPrice, tone: 'target' },
    ].flatMap((level) => (level.price ? [{ ...level, price: level.price }] : []))
  }
  // A stop far away would flatten the candles: only levels within a span of them stretch the scale.
  const inView = createMemo(() => {
    const lows = props.candles.map((candle) => Number(candle.low))
    const highs = props.candles.map((candle) => Number(candle.high))
    const [low, high] = [Math.min(...lows), Math.max(...highs)]
    const span = high - low
    return levels().filter(({ price }) => Number(price) > low - span && Number(price) < high + span)
  })
  const scale = createMemo(() =>
    scaleChart(
      props.candles,
      inView().map(({ price }) => Number(price)),
      plotWidth(),
      height(),
    ),
  )
  const last = () => props.candles.at(-1)
  const labelOf = () => {
    const first = props.candles[0]
    const end = last()
    if (!first || !end) return 'Price chart'
    return `${props.bot.symbol} from ${formatWhen(new Date(first.openTime), now())}, last price ${formatPrice(end.close)}`
  }

  return (
    <svg class="plot" ref={watch} height={height() + 26} role="img" aria-label={labelOf()}>
      <g transform="translate(0 4)">
        <For each={scale().ticks}>
          {(tick) => (
            <g class="plot-tick">
              <line x1="0" x2={plotWidth()} y1={scale().y(tick)} y2={scale().y(tick)} />
              <text x={width() - 4} y={scale().y(tick) + 4}>
                {formatPrice(String(Number(tick.toPrecision(10))))}
              </text>
            </g>
          )}
        </For>
        <For each={scale().bars}>
          {(bar) => (
            <g class={bar.rises ? 'plot-up' : 'plot-down'}>
              <line x1={bar.x} x2={bar.x} y1={bar.wickTop} y2={bar.wickBottom} />
              <rect
                x={bar.x - scale().barWidth / 2}
                width={scale().barWidth}
                y={bar.bodyTop}
                height={bar.bodyHeight}
              />
            </g>
          )}
        </For>
        <For each={inView()}>
          {(level) => (
            <g class={`plot-level plot-${level.tone}`}>
              <line
                x1="0"
                x2={plotWidth()}
                y1={scale().y(Number(level.price))}
                y2={scale().y(Number(level.price))}
              />
              <text x="4" y={scale().y(Number(level.price)) - 4}>
                {level.name} {formatPrice(level.price)}
              </text>
            </g>
          )}
        </For>
        <For each={props.trades}>
          {(trade) => (
            <Fill trade={trade} x={scale().x(trade.executedAt)} y={scale().y(Number(trade.price))} />
          )}
        </For>
        <Show when={last()}>
          {(candle) => (
            <g
              class="plot-last"
              transform={`translate(${plotWidth() + 4} ${scale().y(Number(candle().close))})`}
            >
              <rect x="0" y="-10" width={axisWidth - 4} height="20" rx="4" />
              <text x={axisWidth - 8} y="4">
                {formatPrice(candle().close)}
              </text>
            </g>
          )}
        </Show>
        <text class="plot-time" x="0" y={height() + 18}>
          {formatClock(new Date(props.candles[0]?.openTime ?? 0))}
        </text>
        <text class="plot-time plot-time-end" x={plotWidth()} y={height() + 18}>
          {formatClock(new Date(last()?.openTime ?? 0))}
        </text>
      </g>
    </svg>
  )
}

/** Points up for a buy, under the price; down for a sell, above it. */
function Fill(props: { trade: TradeRow; x: number | undefined; y: number }) {
  const buys = () => props.trade.side === 'BUY'
  return (
    <Show when={props.x !== undefined}>
      <path
        class={`plot-fill ${buys() ? 'plot-buy' : 'plot-sell'}`}
        transform={`translate(${props.x} ${props.y + (buys() ? 5 : -5)})`}
        d={buys() ? 'M0 0l6 10h-12z' : 'M0 0l6 -10h-12z'}
      >
        <title>
          {buys() ? 'Bought' : 'Sold'} {props.trade.amount} at {formatPrice(props.trade.price)}
        </title>
      </path>
    </Show>
  )
}
