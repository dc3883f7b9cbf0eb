import { type Bar, mergeBar, type PriceSource } from './price-source.ts'

/**
 * Within a bar the price runs straight from open to one extreme, to the other, to close, a third of the bar
 * each; the extreme against the bar's direction comes first, as it usually does.
 */
const knots = (bar: Bar): [number, number, number, number] =>
  bar.close >= bar.open ? [bar.open, bar.low, bar.high, bar.close] : [bar.open, bar.high, bar.low, bar.close]

const within = (bar: Bar, fraction: number): number => {
  const points = knots(bar)
  const x = Math.min(Math.max(fraction, 0), 1) * 3
  const i = Math.min(Math.floor(x), 2)
  const a = points[i] ?? bar.open
  const b = points[i + 1] ?? bar.close
  return a + (b - a) * (x - i)
}

const place = (source: PriceSource, time: number): { index: number; fraction: number } => {
  const x = (time - source.originMs) / source.barMs
  const index = Math.floor(x)
  return { index, fraction: x - index }
}

/** The price at a moment (ms), not yet rounded to the tick. */
export const priceOn = (source: PriceSource, time: number): number => {
  const { index, fraction } = place(source, time)
  return within(source.bar(index), fraction)
}

const partOf = (bar: Bar, from: number, to: number): Bar => {
  if (from <= 0 && to >= 1) return bar
  const open = within(bar, from)
  const close = within(bar, to)
  const passed = knots(bar).filter((_, i) => i / 3 > from && i / 3 < to)
  return {
    open,
    close,
    high: Math.max(open, close, ...passed),
    low: Math.min(open, close, ...passed),
    volume: bar.volume * (to - from),
  }
}

/** Open, extremes and close of [from, to) in ms; the close is the price just before `to`. from < to. */
export const barOn = (source: PriceSource, from: number, to: number): Bar => {
  const first = place(source, from)
  const last = place(source, to)
  if (first.index === last.index) return partOf(source.bar(first.index), first.fraction, last.fraction)
  let all: Bar | undefined
  let at = first.index
  if (first.fraction > 0) all = partOf(source.bar(at++), first.fraction, 1)
  if (at < last.index) all = mergeBar(all, source.span(at, last.index))
  if (last.fraction > 0) all = mergeBar(all, partOf(source.bar(last.index), 0, last.fraction))
  if (!all) throw new RangeError(`empty stretch ${from}..${to}`)
  return all
}

/** A moment of the price's path. `jump`: the price got here without passing what lies between. */
export type PathPoint = { time: number; price: number; jump: boolean }

/** The corners of the path in (from, to], `to` itself included: between two of them the price runs straight unless it jumps. */
export const cornersOn = (source: PriceSource, from: number, to: number): PathPoint[] => {
  const corners: PathPoint[] = []
  const end = place(source, to).index
  for (let index = place(source, from).index; index <= end; index++) {
    const bar = source.bar(index)
    const start = source.originMs + index * source.barMs
    if (start > from && source.bar(index - 1).close !== bar.open)
      corners.push(
        { time: start, price: source.bar(index - 1).close, jump: false },
        { time: start, price: bar.open, jump: true },
      )
    knots(bar).forEach((price, i) => {
      const time = start + (source.barMs * i) / 3
      if (time > from && time < to && i < 3 && !(i === 0 && bar.open !== source.bar(index - 1).close))
        corners.push({ time, price, jump: false })
    })
  }
  corners.push({ time: to, price: priceOn(source, to), jump: false })
  return corners
}
