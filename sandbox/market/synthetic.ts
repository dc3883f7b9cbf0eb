import { hash32, hashText, unit } from './hash.ts'
import type { Bar, PriceSource } from './price-source.ts'
import type { SymbolSpec } from './symbols.ts'

/** Periods in seconds and relative amplitudes that move the price within a minute or two: EMA 12/26 of 1s candles cross on these. */
const FAST_WAVES: readonly (readonly [number, number])[] = [
  [47, 0.0022],
  [73, 0.002],
  [113, 0.0028],
]
/** Jitter of each second, and the wick beyond it: it keeps RSI(14) off its ends while a wave rises. */
const JITTER = 0.0005
const WICK = 0.0001

/** Periods in minutes and relative amplitudes of the slow movement, known at each whole minute and straight between. */
const SLOW_WAVES: readonly (readonly [number, number])[] = [
  [13, 0.0025],
  [41, 0.004],
  [137, 0.006],
  [475, 0.01],
  [1861, 0.015],
  [7633, 0.025],
  [33_120, 0.04],
  [139_680, 0.07],
]
/** Value noise: periods in minutes and relative amplitudes. */
const OCTAVES: readonly (readonly [number, number])[] = [
  [7, 0.001],
  [29, 0.0015],
  [127, 0.003],
  [541, 0.006],
  [2880, 0.012],
]

const MINUTE = 60
const HOUR = 3600
const HOURS_KEPT = 100_000

/**
 * A market that is a pure function of (seed, symbol, second): waves of incommensurate periods plus hashed
 * noise, in logarithms around the symbol's base price. Bars are seconds since the epoch; each opens where
 * the one before closed. Whole hours are remembered, so that long candles stay cheap.
 */
export const makeSyntheticSource = (seed: number, spec: SymbolSpec): PriceSource => {
  const salt = hash32(hashText(spec.symbol), seed)
  const waves = (list: typeof FAST_WAVES, kind: number) =>
    list.map(([period, amplitude], i) => ({
      omega: (2 * Math.PI) / (period * (0.93 + 0.14 * unit(salt + kind, i))),
      phase: 2 * Math.PI * unit(salt + kind, i + 100),
      amplitude,
    }))
  const slowWaves = waves(SLOW_WAVES, 1)
  const fastWaves = waves(FAST_WAVES, 2)
  const jitterSalt = hash32(salt, 3)
  const volumeSalt = hash32(salt, 4)
  const octaves = OCTAVES.map(([period, amplitude], i) => ({ period, amplitude, salt: hash32(salt, 10 + i) }))

  const slow = (minute: number): number => {
    let log = 0
    for (const w of slowWaves) log += w.amplitude * Math.sin(w.omega * minute + w.phase)
    for (const o of octaves) {
      const x = minute / o.period
      const i = Math.floor(x)
      const f = x - i
      const a = unit(o.salt, i)
      log += o.amplitude * (2 * (a + (unit(o.salt, i + 1) - a) * f * f * (3 - 2 * f)) - 1)
    }
    return log
  }
  const jitter = (second: number) => JITTER * (2 * unit(jitterSalt, second) - 1)

  const price = (log: number): number => Number((spec.basePrice * Math.exp(log)).toFixed(spec.priceDecimals))

  // sin(angle + omega k) by the addition theorem, from tables over one minute: a sine per wave and minute is enough.
  const tables = fastWaves.map((w) => ({
    ...w,
    period: (2 * Math.PI) / w.omega,
    sines: Float64Array.from({ length: MINUTE }, (_, k) => w.amplitude * Math.sin(w.omega * k)),
    cosines: Float64Array.from({ length: MINUTE }, (_, k) => w.amplitude * Math.cos(w.omega * k)),
  }))

  // The price at the 61 second marks of one minute, in logarithms. One minute is kept: callers walk in order.
  const marks = new Float64Array(MINUTE + 1)
  let markedMinute = -1
  let nextSlow = { minute: -1, log: 0 }
  const markMinute = (minute: number): Float64Array => {
    if (markedMinute === minute) return marks
    markedMinute = minute
    const first = minute * MINUTE
    const start = nextSlow.minute === minute ? nextSlow.log : slow(minute)
    const end = slow(minute + 1)
    nextSlow = { minute: minute + 1, log: end }
    for (let k = 0; k < MINUTE; k++) marks[k] = start + ((end - start) * k) / MINUTE + jitter(first + k)
    // The last mark is computed as the next minute computes its first, or the two could round to different ticks.
    let last = end + jitter(first + MINUTE)
    for (const { omega, phase, period, sines, cosines, amplitude } of tables) {
      const angle = omega * (first % period) + phase
      const sine = Math.sin(angle)
      const cosine = Math.cos(angle)
      for (let k = 0; k < MINUTE; k++)
        marks[k] = (marks[k] ?? 0) + sine * (cosines[k] ?? 0) + cosine * (sines[k] ?? 0)
      last += Math.sin(omega * ((first + MINUTE) % period) + phase) * amplitude
    }
    marks[MINUTE] = last
    return marks
  }

  const lotsPerSecond = Math.max(2, spec.volumePerSecond * 10 ** spec.quantityDecimals)
  const lots = (hash: number) => 1 + Math.floor((lotsPerSecond * 2 * (hash >>> 16)) / 65536)
  const wick = (hash: number) => (WICK * (hash & 0xffff)) / 65536

  type Extremes = { high: number; low: number; lots: number }
  const widen = (into: Extremes, from: number, to: number) => {
    for (let second = from; second < to;) {
      const minute = Math.floor(second / MINUTE)
      markMinute(minute)
      const end = Math.min(to, (minute + 1) * MINUTE)
      for (; second < end; second++) {
        const k = second - minute * MINUTE
        const a = marks[k] ?? 0
        const b = marks[k + 1] ?? 0
        const h = hash32(volumeSalt, second)
        const reach = wick(h)
        const high = (a > b ? a : b) + reach
        const low = (a < b ? a : b) - reach
        if (high > into.high) into.high = high
        if (low < into.low) into.low = low
        into.lots += lots(h)
      }
    }
  }

  const hours = new Map<number, Extremes>()
  const hourOf = (hour: number): Extremes => {
    const known = hours.get(hour)
    if (known) return known
    const made = { high: -Infinity, low: Infinity, lots: 0 }
    widen(made, hour * HOUR, (hour + 1) * HOUR)
    if (hours.size >= HOURS_KEPT) hours.clear()
    hours.set(hour, made)
    return made
  }

  const mark = (second: number): number => {
    const minute = Math.floor(second / MINUTE)
    return markMinute(minute)[second - minute * MINUTE] ?? 0
  }
  const span = (from: number, to: number): Bar => {
    const all: Extremes = { high: -Infinity, low: Infinity, lots: 0 }
    let at = from
    while (at < to) {
      if (at % HOUR === 0 && at + HOUR <= to) {
        const hour = hourOf(at / HOUR)
        all.high = Math.max(all.high, hour.high)
        all.low = Math.min(all.low, hour.low)
        all.lots += hour.lots
        at += HOUR
      } else {
        const end = Math.min(to, (Math.floor(at / HOUR) + 1) * HOUR)
        widen(all, at, end)
        at = end
      }
    }
    return {
      open: price(mark(from)),
      high: price(all.high),
      low: price(all.low),
      close: price(mark(to)),
      volume: Number((all.lots / 10 ** spec.quantityDecimals).toFixed(spec.quantityDecimals)),
    }
  }
  return { barMs: 1000, originMs: 0, span, bar: (index) => span(index, index + 1) }
}
