import { expect, test } from 'vitest'
import { distancePerc, liquidationDistance, nearestLiquidation } from './liquidation.ts'

test('the distance is what the formula gives', () => {
  expect(liquidationDistance('LONG', 20, 0.4)).toBeCloseTo(4.61847, 5)
  expect(liquidationDistance('SHORT', 20, 0.4)).toBeCloseTo(4.58167, 5)
  expect(liquidationDistance('LONG', 1, 0.4)).toBeCloseTo(100, 10)
})

test('both directions: the short is liquidated first; a margin below what must remain leaves no way at all', () => {
  expect(nearestLiquidation('BOTH', 20, 0.4)).toEqual(nearestLiquidation('SHORT', 20, 0.4))
  expect(nearestLiquidation('BOTH', 20, 0.4).distance).toBeLessThan(
    nearestLiquidation('LONG', 20, 0.4).distance,
  )
  expect(nearestLiquidation('LONG', 125, 1).distance).toBe(0)
})

test('the distance between prices is of the first', () => {
  expect(distancePerc('200', '150')).toBe(25)
  expect(distancePerc('200', '250')).toBe(25)
})
