import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equityOf, reachedLimit, utcDay, utcMidnight } from './day-ledger.ts'
import { decimal } from './money.ts'

const limits = { dailyTargetPerc: decimal(2), maxDailyLossPerc: decimal(1), maxDailyTrades: 3 }
const reason = (pnl: string, tradeCount = 0, rules: Parameters<typeof reachedLimit>[0] = limits) =>
  reachedLimit(rules, { startEquity: decimal(1000), tradeCount }, decimal(pnl))?.reason ?? null

test('a limit counts as reached at its very value', () => {
  expect(reason('-9.999999999999999999')).toBeNull()
  expect(reason('-10')).toBe('DAILY_LOSS')
  expect(reason('19.999999999999999999')).toBeNull()
  expect(reason('20')).toBe('DAILY_TARGET')
  expect(reason('0', 2)).toBeNull()
  expect(reason('0', 3)).toBe('DAILY_TRADES')
})

test('the loss is named first, then the target, then the trades', () => {
  expect(reason('-10', 3)).toBe('DAILY_LOSS')
  expect(reason('20', 3)).toBe('DAILY_TARGET')
})

test('limits that are off stop nothing', () => {
  const off = { dailyTargetPerc: null, maxDailyLossPerc: null, maxDailyTrades: null }
  fc.assert(fc.property(fc.integer(), fc.nat(), (pnl, count) => reason(String(pnl), count, off) === null))
})

test('the message says what was reached, in figures', () => {
  expect(reachedLimit(limits, { startEquity: decimal(1000), tradeCount: 0 }, decimal('-12.5'))?.message).toBe(
    'Daily loss limit reached: -12.5 of 1000 is a loss of 1 % or more.',
  )
})

test('days are UTC’s, wherever the host is', () => {
  expect(process.env['TZ'], 'the test run is far from UTC').toBe('Pacific/Auckland')
  expect(utcDay(new Date('2026-11-22T23:59:59.999Z'))).toBe('2026-11-22')
  expect(utcDay(new Date('2026-11-23T00:00:00.000Z'))).toBe('2026-11-23')
  expect(utcMidnight('2026-11-23').toISOString()).toBe('2026-11-23T00:00:00.000Z')
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      (instant) => {
        const since = instant.getTime() - utcMidnight(utcDay(instant)).getTime()
        return since >= 0 && since < 86_400_000
      },
    ),
  )
})

test('equity is capital, realised and unrealised', () => {
  expect(equityOf(decimal(1000), decimal('-2.5'), decimal('0.25'))).toEqual(decimal('997.75'))
})
