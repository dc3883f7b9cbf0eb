import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Indicator,
  startBollinger,
  startEma,
  startHighest,
  startLowest,
  startMacd,
  startRsi,
} from './indicators.ts'
import { walk } from './walk.fixture.ts'
import { textbookBands, textbookEma, textbookMacd, wilderRsi } from './textbook.fixture.ts'

const all = <Value>(indicator: Indicator<Value>, values: readonly number[]) => values.map(indicator)
const rounded = (values: readonly (number | undefined)[], digits: number) =>
  values.filter((value) => value !== undefined && !Number.isNaN(value)).map((value) => value?.toFixed(digits))

/** 1e-8 of the value; beside it 1e-12 of the price, which is what subtracting two prices leaves of a double. */
function expectSame(ours: readonly (number | undefined)[], textbook: readonly number[], price: number): void {
  expect(ours).toHaveLength(textbook.length)
  for (const [index, value] of textbook.entries()) {
    const found = ours[index]
    if (Number.isNaN(value)) expect(found, `value ${index} should not be there yet`).toBeUndefined()
    else expect(Math.abs((found ?? NaN) - value)).toBeLessThanOrEqual(1e-8 * Math.abs(value) + 1e-12 * price)
  }
}

const period = fc.integer({ min: 2, max: 30 })
/** Prices that have nothing to do with one another, and walks of small steps, at any scale of price. */
const prices = fc
  .tuple(
    fc.constantFrom(1e-6, 0.01, 1, 1000),
    fc.array(fc.integer({ min: 100, max: 10_000 }), { minLength: 1, maxLength: 150 }),
    fc.boolean(),
  )
  .map(([scale, numbers, walk]) => {
    let price = 5_000
    return numbers.map((number) => {
      price = walk ? price * (1 + (number - 5_050) / 500_000) : number
      return price * scale
    })
  })

describe('published worked examples', () => {
  /** StockCharts ChartSchool, Relative Strength Index, cs-rsi.xls: QQQQ, 14 days. */
  const QQQQ = [
    44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931,
    46.0328, 45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137,
    46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
  ]

  test('RSI: the table of StockCharts, to the two decimals that technicalindicators keeps', () => {
    const published = [
      70.5328, 66.3186, 66.5498, 69.4063, 66.3552, 57.9749, 62.9296, 63.2571, 56.0593, 62.3771, 54.7076,
      50.4228, 39.9898, 41.4605, 41.8689, 45.4632, 37.304, 33.0795, 37.773,
    ]
    expect(rounded(all(startRsi(14), QQQQ), 2)).toEqual(rounded(published, 2))
    expect(rounded(wilderRsi(QQQQ, 14), 4)).toEqual(rounded(published, 4))
    // The same closes with two decimals, as the page prints them, give the 70.46 that is often quoted.
    const printed = QQQQ.slice(0, 15).map((close) => Number(close.toFixed(2)))
    expect(all(startRsi(14), printed).at(-1)).toBe(70.46)
  })

  test('EMA: the table of StockCharts, 10 days', () => {
    // ChartSchool, Moving Averages.
    const closes = [
      22.27, 22.19, 22.08, 22.17, 22.18, 22.13, 22.23, 22.43, 22.24, 22.29, 22.15, 22.39, 22.38, 22.61, 23.36,
      24.05, 23.75, 23.83, 23.95, 23.63, 23.82, 23.87, 23.65, 23.19, 23.1, 23.33, 22.68, 23.1, 22.4, 22.17,
    ]
    const published = [
      22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.8, 22.97, 23.13, 23.28, 23.34, 23.43, 23.51, 23.53, 23.47,
      23.4, 23.39, 23.26, 23.23, 23.08, 22.92,
    ]
    expect(rounded(all(startEma(10), closes), 2)).toEqual(rounded(published, 2))
  })

  test('MACD: the spreadsheet of InvestExcel, 12, 26 and 9 days', () => {
    // "How to Calculate MACD in Excel": Apple, 2013. The signal line begins at the ninth MACD.
    const closes = [
      459.99, 448.85, 446.06, 450.81, 442.8, 448.97, 444.57, 441.4, 430.47, 420.05, 431.14, 425.66, 430.58,
      431.72, 437.87, 428.43, 428.35, 432.5, 443.66, 455.72, 454.49, 452.08, 452.73, 461.91, 463.58, 461.14,
      452.08, 442.66, 428.91, 429.79, 431.99, 427.72, 423.2, 426.21, 426.98, 435.69, 434.33, 429.8, 419.85,
      426.24,
    ]
    const macd = [
      -2.0705581901, -2.6218423283, -2.3290667405, -2.1816321148, -2.4026262729, -3.3421216814, -3.5303631361,
    ]
    const values = all(startMacd(12, 26, 9), closes)
    expect(values.findIndex((value) => value !== undefined)).toBe(33)
    expectSame(
      values.slice(33).map((value) => value?.macd),
      macd,
      430,
    )
    const signals = values.slice(33).map((value) => value?.signal)
    expect(signals[0]).toBeCloseTo(3.037525868733945, 12)
    expect(signals[1]).toBeCloseTo(1.90565222933578, 12)
    expect(signals[6]).toBeCloseTo(-1.338100412582993, 12)
  })

  test('Bollinger: the table of StockCharts, 20 days and 2 deviations', () => {
    // ChartSchool, Bollinger Bands, cs-bbands.xls: SPY.
    const closes = [
      86.1557, 89.0867, 88.7829, 90.3228, 89.0671, 91.1453, 89.4397, 89.175, 86.9302, 87.6752, 86.9596,
      89.4299, 89.3221, 88.7241, 87.4497, 87.2634, 89.4985, 87.9006, 89.126, 90.7043, 92.9001, 92.9784,
      91.8021, 92.6647, 92.6843,
    ]
    const bands = all(startBollinger(20, 2), closes).slice(19)
    // The table gives the middle to six decimals, and the closes to four.
    const table = { middle: [88.70794, 89.04516, 89.239745, 89.390705, 89.5078, 89.68866] }
    const upper = [91.291862, 91.949268, 92.612595, 92.9342, 93.31195, 93.72845]
    const lower = [86.124018, 86.141052, 85.866895, 85.84721, 85.70365, 85.64887]
    for (const [index, band] of bands.entries()) {
      expect(band?.middle).toBeCloseTo(table.middle[index] ?? NaN, 5)
      expect(band?.upper).toBeCloseTo(upper[index] ?? NaN, 4)
      expect(band?.lower).toBeCloseTo(lower[index] ?? NaN, 4)
    }
  })
})

describe('random series equal the definition, to 1e-8 relative', () => {
  test('EMA', () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 30 }), (values, n) => {
        expectSame(all(startEma(n), values), textbookEma(values, n), Math.max(...values))
      }),
    )
  })

  test('RSI, to the two decimals that technicalindicators rounds to', () => {
    fc.assert(
      fc.property(prices, period, (values, n) => {
        const ours = all(startRsi(n), values)
        for (const [index, value] of wilderRsi(values, n).entries()) {
          if (Number.isNaN(value)) expect(ours[index]).toBeUndefined()
          else expect(Math.abs((ours[index] ?? NaN) - value)).toBeLessThan(0.005 + 1e-8 * 100)
        }
      }),
    )
  })

  test('MACD and its signal line', () => {
    fc.assert(
      fc.property(prices, period, period, period, (values, a, b, n) => {
        const [fast, slow] = [Math.min(a, b), Math.max(a, b) + 1]
        const ours = all(startMacd(fast, slow, n), values)
        const { macd, signal } = textbookMacd(values, fast, slow, n)
        // Given only together.
        const told = macd.map((value, index) => (Number.isNaN(signal[index]) ? NaN : value))
        expectSame(
          ours.map((value) => value?.macd),
          told,
          Math.max(...values),
        )
        expectSame(
          ours.map((value) => value?.signal),
          signal,
          Math.max(...values),
        )
      }),
    )
  })

  test('Bollinger', () => {
    fc.assert(
      fc.property(prices, period, fc.integer({ min: 1, max: 40 }), (values, n, tenths) => {
        const ours = all(startBollinger(n, tenths / 10), values)
        const theirs = textbookBands(values, n, tenths / 10)
        for (const name of ['lower', 'middle', 'upper'] as const)
          expectSame(
            ours.map((value) => value?.[name]),
            theirs[name],
            Math.max(...values),
          )
      }),
    )
  })

  test('highest and lowest are those of the last values, in streams longer than they keep', () => {
    const values = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 150 })
    const falling = Array.from({ length: 5_000 }, (_, index) => 5_000 - index)
    const check = (series: readonly number[], n: number) => {
      const [highs, lows] = [all(startHighest(n), series), all(startLowest(n), series)]
      for (const index of series.keys()) {
        const window = series.slice(index - n + 1, index + 1)
        expect(highs[index]).toBe(index < n - 1 ? undefined : Math.max(...window))
        expect(lows[index]).toBe(index < n - 1 ? undefined : Math.min(...window))
      }
    }
    check(falling, 20)
    check(falling.toReversed(), 20)
    fc.assert(fc.property(values, fc.integer({ min: 1, max: 30 }), check))
  })
})

describe('streaming from long ago equals recomputing over a warm-up of ten periods', () => {
  const seed = fc.integer({ min: 1, max: 2 ** 31 - 2 })
  const lastOf = <Value>(start: () => Indicator<Value>, values: readonly number[], window: number) =>
    [all(start(), values).at(-1), all(start(), values.slice(-window)).at(-1)] as const
  const check = (work: (values: readonly number[], n: number) => void) =>
    fc.assert(
      fc.property(seed, period, (from, n) => {
        const length = 20 * n + 5
        work(
          walk(from, length).map((candle) => candle.close),
          n,
        )
      }),
      { numRuns: 50 },
    )

  // Of its seed an EMA keeps (1 - 2 / (n + 1)) to the 9 n, 2e-8 at most from n = 4 on; the seed itself lies some percent off.
  test('EMA, to 1e-8 of the price', () => {
    check((values, n) => {
      const [streamed = NaN, recomputed = NaN] = lastOf(() => startEma(n), values, 10 * n)
      expect(Math.abs(streamed - recomputed)).toBeLessThan(1e-8 * streamed)
    })
  })

  test('MACD, to 1e-8 of the price', () => {
    check((values, n) => {
      const [fast, slow] = [Math.ceil(n / 3), Math.ceil(n / 3) + 1 + Math.floor(n / 3)]
      const start = () => startMacd(fast, slow, fast)
      const [streamed, recomputed] = lastOf(start, values, 10 * (slow + fast))
      const price = values.at(-1) ?? NaN
      expect(Math.abs((streamed?.macd ?? NaN) - (recomputed?.macd ?? NaN))).toBeLessThan(1e-8 * price)
      expect(Math.abs((streamed?.signal ?? NaN) - (recomputed?.signal ?? NaN))).toBeLessThan(1e-8 * price)
    })
  })

  // Wilder's averages keep (1 - 1 / n) to the 9 n of theirs, 1.2e-4.
  test('RSI, to a tenth of a point', () => {
    check((values, n) => {
      const [streamed = NaN, recomputed = NaN] = lastOf(() => startRsi(n), values, 10 * n)
      expect(Math.abs(streamed - recomputed)).toBeLessThan(0.1)
    })
  })

  test('Bollinger, to 1e-12 of the price: bands know their window alone, only sums were rounded on the way', () => {
    check((values, n) => {
      const [streamed, recomputed] = lastOf(() => startBollinger(n, 2), values, 10 * n)
      for (const name of ['lower', 'middle', 'upper'] as const)
        expect(Math.abs((streamed?.[name] ?? NaN) - (recomputed?.[name] ?? NaN))).toBeLessThan(
          1e-12 * (values.at(-1) ?? NaN),
        )
    })
  })
})

describe('where technicalindicators differs from the definition', () => {
  const flat = Array.from({ length: 60 }, () => 7)

  test('RSI of a price that never moved is 100, where the definition divides nothing by nothing', () => {
    expect(all(startRsi(14), flat).at(-1)).toBe(100)
  })

  test('a signal line of exactly 0 is left out by the library, and given here', () => {
    expect(all(startMacd(3, 5, 4), flat).at(-1)).toEqual({ macd: 0, signal: 0 })
    expect(all(startMacd(3, 5, 4), flat).findIndex((value) => value !== undefined)).toBe(7)
  })
})
