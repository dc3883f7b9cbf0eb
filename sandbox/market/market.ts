import { holdAt, type Hold, holdsIn } from './holds.ts'
import { barOn, cornersOn, type PathPoint, priceOn } from './path.ts'
import { type Bar, mergeBar, type PriceSource } from './price-source.ts'
import type { SymbolSpec } from './symbols.ts'

/** One listed market: its rules, its own price history, and the holds laid over it. */
export type Listing = { spec: SymbolSpec; source: PriceSource; holds: Hold[] }

export type Market = ReadonlyMap<string, Listing>

const toTick = (spec: SymbolSpec, price: number): number => Number(price.toFixed(spec.priceDecimals))

/** The last price at a moment (ms). */
export const priceAt = (listing: Listing, time: number): number => {
  const hold = holdAt(listing.holds, time)
  return hold ? hold.price : toTick(listing.spec, priceOn(listing.source, time))
}

const flat = (price: number): Bar => ({ open: price, high: price, low: price, close: price, volume: 0 })

/** The candle of [from, to) in ms, holds included; from < to. */
export const candleOf = (listing: Listing, from: number, to: number): Bar => {
  const held = holdsIn(listing.holds, from, to)
  let all: Bar | undefined
  let at = from
  for (const hold of held) {
    if (at < hold.from) all = mergeBar(all, barOn(listing.source, at, hold.from))
    all = mergeBar(all, flat(hold.price))
    at = hold.to
  }
  if (at < to) all = mergeBar(all, barOn(listing.source, at, to))
  if (!all) throw new RangeError(`empty candle ${from}..${to}`)
  const { spec } = listing
  return {
    open: toTick(spec, all.open),
    high: toTick(spec, all.high),
    low: toTick(spec, all.low),
    close: toTick(spec, all.close),
    volume: all.volume,
  }
}

/** The path of the last price over (from, to], as corners; the starts and ends of holds are jumps. */
export const pathOf = (listing: Listing, from: number, to: number): PathPoint[] => {
  const { spec, source } = listing
  const point = (time: number, price: number, jump: boolean) => ({ time, price: toTick(spec, price), jump })
  const free = (start: number, end: number, jumps: boolean) => {
    if (jumps) points.push(point(start, priceOn(source, start), true))
    for (const p of cornersOn(source, start, end)) points.push(point(p.time, p.price, p.jump))
  }
  const points: PathPoint[] = []
  let at = from
  let wasHeld = holdAt(listing.holds, from) !== undefined
  for (const hold of holdsIn(listing.holds, from, to)) {
    if (at < hold.from) free(at, hold.from, wasHeld)
    points.push(point(hold.from, hold.price, true))
    at = hold.to
    wasHeld = true
  }
  if (at < to) free(at, to, wasHeld)
  else points.push(point(to, priceAt(listing, to), true))
  return points
}
