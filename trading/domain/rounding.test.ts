import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal } from './money.ts'
import {
  amountFor,
  roundAmount,
  roundBuyLimit,
  roundBuyPrice,
  roundSellLimit,
  roundSellPrice,
  roundTrigger,
} from './rounding.ts'

const value = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 20n }), fc.integer({ min: 0, max: 18 }))
  .map(([units, places]) => decimal(String(units)).div(decimal(10).pow(places)))
const step = fc.option(
  fc
    .tuple(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 0, max: 9 }))
    .map(([units, places]) => decimal(units).div(decimal(10).pow(places))),
  { nil: null },
)

test('each rounding goes in its safe direction, lies on the step, and keeps what Postgres can', () => {
  fc.assert(
    fc.property(value, step, (given, by) => {
      const [market, sizes] = [{ priceTick: by }, { amountStep: by }]
      const [down, up] = [
        [roundAmount(given, sizes), roundBuyLimit(given, market), roundTrigger(given, market, 'SELL')],
        [roundTrigger(given, market), roundBuyPrice(given, market), roundSellLimit(given, market)],
      ]
      for (const rounded of down)
        expect(rounded.lte(given) && given.minus(rounded).lt(by ?? '1e-18')).toBe(true)
      for (const rounded of up)
        expect(rounded.gte(given) && rounded.minus(given).lt(by ?? '1e-18')).toBe(true)
      const sold = roundSellPrice(given, market)
      expect(sold.gt(0) && (sold.lte(given) || sold.eq(by ?? '1e-18'))).toBe(true)
      for (const rounded of [...down, ...up, sold]) {
        expect(rounded.decimalPlaces()).toBeLessThanOrEqual(18)
        if (by !== null) expect(rounded.mod(by).isZero()).toBe(true)
      }
    }),
  )
})

test('what money buys never costs more than the money, and one step more would', () => {
  fc.assert(
    fc.property(value, value, step, (money, price, by) => {
      const amount = amountFor(money, price, { amountStep: by })
      expect(amount.times(price).lte(money)).toBe(true)
      expect(
        amount
          .plus(by ?? '1e-18')
          .times(price)
          .gt(money),
      ).toBe(true)
    }),
  )
})
