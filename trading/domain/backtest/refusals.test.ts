import { expect, test } from 'vitest'
import { aConfig, aMarket } from '../bot.fixture.ts'
import { decimal } from '../money.ts'
import { startBacktest } from './backtest.ts'
import { makeCandleWriter } from './candle-columns.ts'
import { randomWalk } from './random-walk.ts'

const walk = () => randomWalk({ seed: 8, count: 400, movePerc: 1.5 })

function figuresOf(
  candles = walk(),
  more: Partial<ReturnType<typeof aConfig>> = {},
  market: Partial<ReturnType<typeof aMarket>> = {},
) {
  const backtest = startBacktest({
    config: aConfig({ timeframe: '1m', ...more }),
    market: { ...aMarket(), ...market },
    candles,
    fromMs: null,
  })
  while (backtest.advance(1_000));
  return backtest.result().figures
}

/** The same walk at prices of 0.0016, as of another market. */
function tiny() {
  const candles = walk()
  const writer = makeCandleWriter(candles.length)
  const text = (value: number | undefined) => ((value ?? 0) * 1e-6).toFixed(12)
  for (let index = 0; index < candles.length; index++) {
    const { openTime, open, high, low, close } = candles
    writer.push(openTime[index] ?? 0, {
      open: text(open[index]),
      high: text(high[index]),
      low: text(low[index]),
      close: text(close[index]),
      volume: '1',
    })
  }
  return writer.done()
}

test('prices far below the tick: each entry that expired is counted, and both reasons are told', () => {
  const figures = figuresOf(tiny(), {}, { priceTick: decimal('0.01'), minCost: null })
  expect(figures.trades + figures.openTrades).toBe(0)
  const [refusal] = figures.refusals
  expect(refusal?.code).toBe('ORDER_EXPIRED')
  expect(refusal?.count).toBeGreaterThan(3)
  expect(figures.notes[0]).toMatch(/do not fit BTC\/USDT, whose price tick is 0\.01: 0\.0/)
  expect(figures.notes[1]).toMatch(
    new RegExp(
      `^${refusal?.count} entries were refused \\(ORDER_EXPIRED\\)\\. The first, on 20.* UTC: .*expired`,
    ),
  )
})

test('each signal that was denied is counted, with the sentence of the first', () => {
  const traded = figuresOf()
  expect(traded.trades).toBeGreaterThan(3)
  expect(traded.refusals).toEqual([])
  expect(traded.notes).toEqual([])
  const denied = figuresOf(walk(), {}, { minCost: decimal(1_000_000) })
  expect(denied.trades).toBe(0)
  expect(denied.refusals).toMatchObject([{ code: 'ORDER_BELOW_MINIMUM' }])
  expect(denied.refusals[0]?.count).toBeGreaterThanOrEqual(traded.trades)
  expect(denied.notes[0]).toMatch(/entries were refused \(ORDER_BELOW_MINIMUM\).*below the market's minimum/)
})
