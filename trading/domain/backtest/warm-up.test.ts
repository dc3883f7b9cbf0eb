import { expect, test } from 'vitest'
import { STRATEGIES } from '../strategies/index.ts'
import { paramsOf } from '../strategies/strategy.ts'
import { aConfig } from '../bot.fixture.ts'
import { tooFewCandles } from './warm-up.ts'

const config = aConfig({ emaFast: 12, emaSlow: 26, rsiPeriod: 14 })

test.for(STRATEGIES)('$id: what is told to be enough is enough', (strategy) => {
  const params = paramsOf(strategy, config)
  const needed = strategy.warmUp(params)
  const message = tooFewCandles(strategy, params, needed - 10)
  expect(message).toContain(`needs ${needed} candles to warm up`)
  expect(message).toContain('Give 10 more candles at least')
  const [, told = '', need] = /or shorter periods: (.+) need (\d+)\.$/.exec(message) ?? []
  const shorter = Object.fromEntries(told.split(', ').map((pair) => pair.split('=')))
  const values = Object.fromEntries(Object.entries(shorter).map(([name, value]) => [name, Number(value)]))
  expect(strategy.warmUp({ ...params, ...values })).toBe(Number(need))
  expect(Number(need)).toBeLessThanOrEqual((needed - 10) / 2)
  expect(strategy.check?.({ ...params, ...values }) ?? []).toEqual([])
})

test('with next to no candles no periods would do', () => {
  const [strategy] = STRATEGIES
  if (strategy === undefined) throw new Error('there is no strategy')
  expect(tooFewCandles(strategy, paramsOf(strategy, config), 5)).toMatch(
    /there are 5\. Give \d+ more candles at least\.$/,
  )
})
