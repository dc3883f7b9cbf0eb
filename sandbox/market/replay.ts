import { type Bar, mergeBar, type PriceSource } from './price-source.ts'

/**
 * A recorded market as a ring: the candles are played one after another, each as one bar of `barMs`,
 * the first of them at `originMs`, again and again in both directions of time.
 */
export const makeReplaySource = (candles: readonly Bar[], barMs: number, originMs: number): PriceSource => {
  const count = candles.length
  const bar = (index: number): Bar => {
    const found = candles[((index % count) + count) % count]
    if (!found) throw new RangeError(`no candle for bar ${index} of ${count}`)
    return found
  }
  const ring = candles.reduce<Bar | undefined>((all, candle) => mergeBar(all, candle), undefined)

  const span = (from: number, to: number): Bar => {
    const rounds = Math.floor((to - from) / count)
    let all: Bar | undefined
    for (let i = from; i < to - rounds * count; i++) all = mergeBar(all, bar(i))
    if (ring && rounds > 0) {
      all = all ?? { ...ring, volume: 0 }
      all.high = Math.max(all.high, ring.high)
      all.low = Math.min(all.low, ring.low)
      all.volume += ring.volume * rounds
    }
    if (!all) throw new RangeError(`empty span ${from}..${to}`)
    return { ...all, open: bar(from).open, close: bar(to - 1).close }
  }
  return { barMs, originMs, bar, span }
}
