import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aMarket } from './bot.fixture.ts'
import { Decimal, decimal, plain, ZERO } from './money.ts'
import {
  bookDust,
  bookFill,
  exitPrices,
  feeValue,
  type FillToBook,
  type Holding,
  reachesMinimum,
  sellableAmount,
  unrealizedPnl,
} from './position.ts'

const market = aMarket()
const FLAT: Holding = { position: null, dustAmount: ZERO, dustCost: ZERO }

const fill = (
  side: 'BUY' | 'SELL',
  amount: string,
  price: string,
  fee = '0',
  feeCurrency = 'USDT',
): FillToBook => ({
  side,
  amount: decimal(amount),
  price: decimal(price),
  fee: decimal(fee),
  feeCurrency,
})

test('fee in BTC, dust, and the next exit sells the dust along: by hand', () => {
  // Buys 0.002 at 50,000; the fee of 0.1 % is taken from what is received: 0.001998 is held, at a cost of 100.
  const one = bookFill(FLAT, fill('BUY', '0.002', '50000', '0.000002', 'BTC'), market)
  expect(shown(one.holding)).toMatchObject({
    amount: '0.001998',
    cost: '100',
    averagePrice: '50000',
    dustAmount: '0',
  })
  expect([one.realized, plain(one.fee)]).toEqual([null, '0.1'])

  // 0.00199 is on the step; at 51,000 it brings 101.49, less 0.10149 in USDT. Its share of the cost: 100 × 199000/199800.
  const amount = sellableAmount(one.holding.position?.amount ?? ZERO, decimal(51_000), market) ?? ZERO
  expect(plain(amount)).toBe('0.00199')
  const two = bookFill(one.holding, fill('SELL', plain(amount), '51000', '0.10149'), market)
  expect(two.realized && plain(two.realized)).toBe('1.7889104004004004') // 101.38851 - 99.5995995995995996 (18 decimals)
  expect(shown(two.holding)).toMatchObject({ amount: '0.000008', cost: '0.4004004004004004' })

  // What is left is below the step: dust, booked at 0.000008 × 51,000 = 0.408.
  const dust = bookDust(two.holding, decimal(51_000))
  expect(shown(dust.holding)).toEqual({ dustAmount: '0.000008', dustCost: '0.408' })
  expect(plain(dust.realized)).toBe('0.0075995995995996')
  const profit = two.realized?.plus(dust.realized)
  expect(profit && plain(profit)).toBe(plain(decimal('101.38851').plus('0.408').minus(100)))

  // The next buy takes the dust in, and its exit sells it: 0.002 - 0.000002 + 0.000008 = 0.002006, of which 0.002 is on the step.
  const three = bookFill(dust.holding, fill('BUY', '0.002', '50000', '0.000002', 'BTC'), market)
  expect(shown(three.holding)).toMatchObject({
    amount: '0.002006',
    cost: '100.408',
    dustAmount: '0',
    dustCost: '0',
  })
  expect(plain(sellableAmount(decimal('0.002006'), decimal(50_000), market) ?? ZERO)).toBe('0.002')
})

test('a fee in a third currency is money at its price of now, in cost and in profit', () => {
  const prices = new Map([['BNB', decimal('600.5')]])
  // 0.005 BNB × 600.5 = 3.0025
  const bought = bookFill(FLAT, fill('BUY', '1', '100', '0.005', 'BNB'), market, prices)
  expect(shown(bought.holding)).toMatchObject({ amount: '1', cost: '103.0025' })
  expect(plain(bought.fee)).toBe('3.0025')
  const sold = bookFill(bought.holding, fill('SELL', '1', '110', '0.002', 'BNB'), market, prices)
  // 110 - 0.002 × 600.5 - 103.0025
  expect(sold.realized && plain(sold.realized)).toBe('5.7965')
})

test('a fee whose currency has no known price is guessed at nothing: neither cost nor profit hold it', () => {
  const bought = bookFill(FLAT, fill('BUY', '1', '100', '0.5', 'BNB'), market, new Map([['TON', decimal(3)]]))
  expect(shown(bought.holding)).toMatchObject({ amount: '1', cost: '100' })
  expect(plain(bought.fee)).toBe('0')
  expect(feeValue(fill('BUY', '1', '100', '0.5', 'BNB'), market, new Map())).toBeNull()
  expect(
    feeValue(fill('BUY', '1', '100', '0', 'BNB'), market, new Map()),
    'nothing is worth nothing',
  ).toEqual(ZERO)
})

test('an entry in pieces is averaged over its fills, before fees', () => {
  const one = bookFill(FLAT, fill('BUY', '1', '100', '0.1'), market)
  const two = bookFill(one.holding, fill('BUY', '3', '104', '0.312'), market)
  expect(shown(two.holding)).toMatchObject({ amount: '4', averagePrice: '103', cost: '412.412' })
})

test('a sell without a position is refused by the function; its caller books no profit', () => {
  expect(() => bookFill(FLAT, fill('SELL', '1', '100'), market)).toThrow(RangeError)
})

describe('exit prices', () => {
  const rules = { stopLossPerc: decimal(2), takeProfitPerc: decimal(4), trailingStopPerc: null }
  const position = { side: 'BUY' as const, averagePrice: decimal(100), bestPrice: decimal(110) }
  test('percent of the average entry price; 0 is no take profit', () => {
    expect(exitPrices(position, rules)).toEqual({ stopLoss: decimal(98), takeProfit: decimal(104) })
    expect(exitPrices(position, { ...rules, takeProfitPerc: ZERO }).takeProfit).toBeNull()
  })
  test('a trailing stop follows the best price, and never lies below the fixed one', () => {
    expect(exitPrices(position, { ...rules, trailingStopPerc: decimal(5) }).stopLoss).toEqual(
      decimal('104.5'),
    )
    expect(exitPrices(position, { ...rules, trailingStopPerc: decimal(50) }).stopLoss).toEqual(decimal(98))
  })
})

test('what can be sold lies on the step and reaches the minimum; else nothing', () => {
  const sellable = (amount: string, price = '50000') =>
    sellableAmount(decimal(amount), decimal(price), market)?.toFixed() ?? null
  expect(sellable('0.001239')).toBe('0.00123')
  expect(sellable('0.0001')).toBe('0.0001') // exactly 5 USDT
  expect(sellable('0.000099')).toBeNull() // 0.00009 is 4.50
  expect(sellable('0.000009')).toBeNull()
  expect(reachesMinimum(ZERO, decimal(1), { amountStep: null, minAmount: null, minCost: null })).toBe(false)
})

/** Amounts on the step, prices on the tick, fees of any 18 decimals, in quote or in base: as venues give them. */
const aFill = fc.record({
  side: fc.constantFrom('BUY' as const, 'SELL' as const),
  amount: fc.bigInt({ min: 1n, max: 10n ** 12n }).map((units) => decimal(String(units)).div(1e8)),
  price: fc.bigInt({ min: 1n, max: 10n ** 9n }).map((cents) => decimal(String(cents)).div(100)),
  feePart: fc.integer({ min: 0, max: 1000 }),
  feeCurrency: fc.constantFrom('USDT', 'BTC', 'BNB'),
  part: fc.integer({ min: 1, max: 100 }),
  dustAfter: fc.boolean(),
})

const bnbPrice = fc.option(
  fc.bigInt({ min: 1n, max: 10n ** 6n }).map((cents) => decimal(String(cents)).div(100)),
  { nil: null },
)

test('any sequence of fills: the position is their sum, net of fees in base, and equity is cash and what is held', () => {
  fc.assert(
    fc.property(fc.array(aFill, { maxLength: 30 }), bnbPrice, (steps, bnb) => {
      const prices: ReadonlyMap<string, Decimal> = new Map(bnb === null ? [] : [['BNB', bnb]])
      let holding = FLAT
      let [base, cash, realized] = [ZERO, ZERO, ZERO]
      for (const step of steps) {
        const held = holding.position?.amount ?? ZERO
        if (step.side === 'SELL' && held.lte('0.00000001')) continue
        // A sell is never over more than is held; its fee is in quote, as spot venues take it from what is received.
        const amount =
          step.side === 'BUY'
            ? step.amount
            : Decimal.max(held.times(step.part).div(100).toDecimalPlaces(8, Decimal.ROUND_DOWN), '0.00000001')
        const feeCurrency = step.side === 'SELL' && step.feeCurrency === 'BTC' ? 'USDT' : step.feeCurrency
        const of = feeCurrency === 'BTC' ? amount : amount.times(step.price)
        const fee = of.times(step.feePart).div(100_000).toDecimalPlaces(18, Decimal.ROUND_DOWN)
        const booked = bookFill(holding, { ...step, amount, fee, feeCurrency }, market, prices)
        holding = booked.holding
        expect(booked.fee.gte(0), 'what a day has paid never shrinks').toBe(true)

        const sign = step.side === 'BUY' ? 1 : -1
        base = base.plus(amount.times(sign)).minus(feeCurrency === 'BTC' ? fee : ZERO)
        cash = cash
          .minus(amount.times(step.price).times(sign))
          .minus(feeCurrency === 'BTC' ? ZERO : booked.fee)
        if (feeCurrency === 'USDT') expect(booked.fee).toEqual(fee)
        realized = realized.plus(booked.realized ?? ZERO)
        if (step.dustAfter && step.part < 20 && holding.position !== null) {
          const dust = bookDust(holding, step.price)
          holding = dust.holding
          realized = realized.plus(dust.realized)
        }
        exact(holding, [realized])
        // Each line of the books, to the last of 18 decimals.
        expect(plain((holding.position?.amount ?? ZERO).plus(holding.dustAmount))).toBe(plain(base))
        const unrealized = unrealizedPnl(holding.position, step.price)
        const worth = (holding.position?.amount ?? ZERO).times(step.price).plus(holding.dustCost)
        expect(plain(realized.plus(unrealized))).toBe(plain(cash.plus(worth)))
      }
    }),
    { numRuns: 300 },
  )
})

test('sold out in any number of pieces, all of the cost is shared out and nothing is left or lost', () => {
  const cost = fc.bigInt({ min: 1n, max: 10n ** 10n })
  fc.assert(
    fc.property(
      cost,
      fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 }),
      (cents, pieces) => {
        const total = pieces.reduce((sum, piece) => sum + piece, 0)
        const price = decimal(String(cents)).div(100)
        let { holding } = bookFill(
          FLAT,
          fill('BUY', String(total), plain(price), '0.000000000000000001'),
          market,
        )
        let realized = ZERO
        for (const piece of pieces) {
          const booked = bookFill(holding, fill('SELL', String(piece), plain(price)), market)
          holding = booked.holding
          realized = realized.plus(booked.realized ?? ZERO)
        }
        expect(holding.position).toBeNull()
        expect(plain(realized)).toBe('-0.000000000000000001')
      },
    ),
  )
})

/** Nothing that is kept has more decimals than Postgres keeps. */
function exact({ position, dustAmount, dustCost }: Holding, more: Decimal[]): void {
  const kept = [dustAmount, dustCost, ...more]
  if (position !== null)
    kept.push(position.amount, position.cost, position.averagePrice, position.realizedPnl)
  for (const value of kept) expect(value.decimalPlaces()).toBeLessThanOrEqual(18)
}

function shown({ position, dustAmount, dustCost }: Holding) {
  const held =
    position === null
      ? {}
      : {
          amount: plain(position.amount),
          cost: plain(position.cost),
          averagePrice: plain(position.averagePrice),
        }
  return { ...held, dustAmount: plain(dustAmount), dustCost: plain(dustCost) }
}
