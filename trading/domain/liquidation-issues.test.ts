import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Direction } from './bot.ts'
import { aPerpetual } from './bot.fixture.ts'
import { liquidationDistancePerc } from './futures.ts'
import { liquidationIssues } from './liquidation-issues.ts'
import { decimal } from './money.ts'

const rules = (maintenance = '0.4') => ({
  settle: 'USDT',
  liquidationFeePerc: decimal('1.25'),
  ...aPerpetual().futures,
  maintenanceMarginPerc: decimal(maintenance),
})
const stopped = (direction: Direction, leverage: number, stopLossPerc: string) => ({
  direction,
  leverage,
  stopLossPerc: decimal(stopLossPerc),
})

test('a 20x long whose stop lies beyond liquidation is told both percentages and both ways out', () => {
  // (1/20 − 0.004) / (1 − 0.004) = 4.6184 %; at 16x it is 5.8735 %, at 17x 5.5044 %.
  expect(liquidationIssues(stopped('LONG', 20, '5.6'), rules())).toEqual([
    {
      path: ['stopLossPerc'],
      message:
        'stopLossPerc 5.6 lies beyond liquidation: at leverage 20 the exchange liquidates a long position 4.6184 % from its entry, before the stop loss. Lower stopLossPerc below 4.6184 or leverage to at most 16.',
    },
  ])
})

test('of both sides the short one is liquidated sooner, and decides', () => {
  // (1/20 − 0.004) / (1 + 0.004) = 4.5816 %.
  expect(liquidationIssues(stopped('LONG', 20, '4.6'), rules())).toEqual([])
  const [issue] = liquidationIssues(stopped('BOTH', 20, '4.6'), rules())
  expect(issue?.message).toContain('a short position 4.5816 % from its entry')
  expect(liquidationIssues(stopped('SHORT', 20, '4.6'), rules())).toEqual([issue])
})

test('where the margin is eaten at once, only less leverage helps', () => {
  const [issue] = liquidationIssues(stopped('LONG', 125, '1'), rules('1'))
  expect(issue?.message).toMatch(/0 % from its entry, before the stop loss\. Leverage to at most 50\.$/)
})

test('without leverage a long is never refused, and a short only beyond its own liquidation', () => {
  expect(liquidationIssues(stopped('LONG', 1, '99.999'), rules())).toEqual([])
  const [issue] = liquidationIssues(stopped('SHORT', 1, '99.9'), rules())
  expect(issue?.message).toMatch(/Lower stopLossPerc below 99\.2031\.$/)
})

test('whoever follows the sentence is not refused again', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Direction>('LONG', 'SHORT', 'BOTH'),
      fc.integer({ min: 1, max: 125 }),
      fc.integer({ min: 1, max: 99_999 }).map((thousandths) => decimal(thousandths).div(1000)),
      fc.constantFrom('0.4', '0.5', '1', '2.5'),
      (direction, leverage, stopLossPerc, maintenance) => {
        const config = { direction, leverage, stopLossPerc }
        const [issue] = liquidationIssues(config, rules(maintenance))
        if (issue === undefined) {
          const side = direction === 'LONG' ? 'BUY' : 'SELL'
          return liquidationDistancePerc(side, leverage, rules(maintenance)).gt(stopLossPerc)
        }
        const lower = /at most (\d+)\.$/.exec(issue.message)?.[1]
        const below = /stopLossPerc below ([\d.]+\d)/.exec(issue.message)?.[1]
        if (lower === undefined && below === undefined) expect(issue.message).toContain('Lower both')
        if (lower !== undefined) {
          expect(liquidationIssues({ ...config, leverage: Number(lower) }, rules(maintenance))).toEqual([])
          expect(
            liquidationIssues({ ...config, leverage: Number(lower) + 1 }, rules(maintenance)),
          ).toHaveLength(1)
        }
        if (below !== undefined) {
          const less = decimal(below).minus('0.000000000000000001')
          expect(liquidationIssues({ ...config, stopLossPerc: less }, rules(maintenance))).toEqual([])
        }
        return true
      },
    ),
  )
})
