import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aPerpetual } from './bot.fixture.ts'
import {
  bankruptcyPrice,
  fundingAmount,
  initialMargin,
  isLiquidated,
  liquidationDistancePerc,
  liquidationFill,
  liquidationPrice,
} from './futures.ts'
import { bookFundingOf } from './futures-fill.ts'
import { Decimal, decimal, plain, ZERO } from './money.ts'
import { bookFill, exitPrices, type Holding, sellableAmount, unrealizedPnl } from './position.ts'

const FLAT: Holding = { position: null, dustAmount: ZERO, dustCost: ZERO }
const market = aPerpetual()
const rules = { maintenanceMarginPerc: decimal('0.4') }

describe('liquidation', () => {
  const long = {
    side: 'BUY' as const,
    amount: decimal(2),
    averagePrice: decimal(1000),
    margin: decimal(100),
  }
  const short = { ...long, side: 'SELL' as const }
  test('lies where the maintenance margin is all that is left', () => {
    // (2 × 1,000 ∓ 100) / (2 × (1 ∓ 0.004))
    expect(liquidationPrice(long, rules)?.toFixed()).toBe('953.815261044176706827')
    expect(liquidationPrice(short, rules)?.toFixed()).toBe('1045.816733067729083665')
    expect(bankruptcyPrice(long).toFixed()).toBe('950')
    expect(bankruptcyPrice(short).toFixed()).toBe('1050')
    expect(liquidationPrice({ ...long, margin: decimal(2000) }, rules), 'leverage 1').toBeNull()
  })
  test('how far away that is, in percent of the entry price', () => {
    const distance = (side: 'BUY' | 'SELL', leverage: number) =>
      liquidationDistancePerc(side, leverage, rules).toDecimalPlaces(6, Decimal.ROUND_DOWN).toFixed()
    // (1/20 − 0.004) / 0.996 and / 1.004
    expect(distance('BUY', 20)).toBe('4.618473')
    expect(distance('SELL', 20)).toBe('4.581673')
    expect(distance('BUY', 1)).toBe('100')
    expect(liquidationDistancePerc('BUY', 250, rules).toFixed(), 'liquidated at once').toBe('0')
    expect(liquidationDistancePerc('SELL', 500, rules).isNegative()).toBe(true)
  })
  test('is at the mark price, or where the margin ends; its fee is no more than what is left of the margin', () => {
    const held = (side: 'BUY' | 'SELL') => ({
      ...(side === 'BUY' ? long : short),
      futures: { leverage: 20, margin: decimal(100), liquidationPrice: null, funding: ZERO },
    })
    const closed = (side: 'BUY' | 'SELL', mark: number, fee = '0.1') => {
      const futures = { settle: 'USDT', ...rules, liquidationFeePerc: decimal(fee) }
      const end = liquidationFill(held(side), decimal(mark), { futures })
      return [end.price.toFixed(), end.fee.toFixed()]
    }
    expect(closed('BUY', 953)).toEqual(['953', '1.906'])
    expect(closed('BUY', 953, '1.25'), '100 − 2 × 47 is left').toEqual(['953', '6'])
    expect(closed('BUY', 900), 'a gap').toEqual(['950', '0'])
    expect(closed('SELL', 1047)).toEqual(['1047', '2.094'])
    expect(closed('SELL', 1047, '1.25')).toEqual(['1047', '6'])
    expect(closed('SELL', 1100)).toEqual(['1050', '0'])
    expect(isLiquidated('BUY', decimal(950), decimal(950))).toBe(true)
    expect(isLiquidated('SELL', decimal(949), decimal(950))).toBe(false)
    expect(isLiquidated('BUY', decimal(1), null)).toBe(false)
  })
  test('takes the margin and no more, wherever the mark price is', () => {
    fc.assert(
      fc.property(anOpened, aPrice, ({ side, amount, price, leverage }, mark) => {
        const opened = bookFill(FLAT, fill(side, amount, price), market, undefined, leverage).holding
        const { position } = opened
        if (position?.futures === undefined) throw new Error('nothing is held')
        const { margin, liquidationPrice: at } = position.futures
        if (at === null || !isLiquidated(side, mark, at)) return
        const end = liquidationFill(position, mark, market)
        const closing = {
          ...fill(side === 'BUY' ? 'SELL' : 'BUY', amount, end.price),
          fee: end.fee,
        }
        const { realized, holding } = bookFill(opened, closing, market)
        expect(holding.position).toBeNull()
        expect(end.fee.gte(0) && end.price.gt(0)).toBe(true)
        const lost = margin.plus(realized ?? 0)
        // The bankruptcy price is rounded to 18 decimals, once for each unit that is held.
        expect(lost.gte(amount.times('-1e-18').minus('2e-18')), plain(lost)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

test('a new position is liquidated as far away as the leverage says', () => {
  fc.assert(
    fc.property(anOpened, ({ side, amount, price, leverage }) => {
      const margin = initialMargin(amount.times(price), leverage)
      const at = liquidationPrice({ side, amount, averagePrice: price, margin }, rules)
      const distance = liquidationDistancePerc(side, leverage, rules)
      if (at === null) {
        expect(distance.gte('99.999999')).toBe(true)
        return
      }
      const found = at.minus(price).abs().div(price).times(100)
      expect(found.minus(distance).abs().lt('1e-10'), `${plain(found)} ${plain(distance)}`).toBe(true)
    }),
  )
})

test('funding: longs pay shorts where the rate is above 0', () => {
  const of = (side: 'BUY' | 'SELL', rate: string) =>
    fundingAmount(side, decimal('0.5'), decimal(50_000), decimal(rate)).toFixed()
  expect([of('BUY', '0.0001'), of('SELL', '0.0001')]).toEqual(['-2.5', '2.5'])
  expect([of('BUY', '-0.0001'), of('SELL', '-0.0001')]).toEqual(['2.5', '-2.5'])
})

test('a short is left above its entry with a loss and below it with a profit; its trailing stop follows the lowest price', () => {
  const position = { side: 'SELL' as const, averagePrice: decimal(100), bestPrice: decimal(90) }
  const exits = { stopLossPerc: decimal(2), takeProfitPerc: decimal(4), trailingStopPerc: null }
  expect(exitPrices(position, exits)).toEqual({ stopLoss: decimal(102), takeProfit: decimal(96) })
  expect(exitPrices({ ...position, side: 'BUY' }, exits).stopLoss).toEqual(decimal(98))
  expect(exitPrices(position, { ...exits, trailingStopPerc: decimal(5) }).stopLoss).toEqual(decimal('94.5'))
  expect(exitPrices(position, { ...exits, trailingStopPerc: decimal(50) }).stopLoss).toEqual(decimal(102))
  expect(exitPrices(position, { ...exits, takeProfitPerc: decimal(100) }).takeProfit, 'no price').toBeNull()
})

test('a position of one step can be left, however little it is worth', () => {
  expect(sellableAmount(decimal('0.001'), decimal(1), market)?.toFixed()).toBe('0.001')
  expect(sellableAmount(decimal('0.0015'), decimal(1), market)?.toFixed()).toBe('0.001')
  expect(sellableAmount(ZERO, decimal(1), market)).toBeNull()
})

const anAmount = fc.integer({ min: 1, max: 10_000_000 }).map((steps) => decimal(steps).div(1000))
const aPrice = fc.integer({ min: 1, max: 1_000_000 }).map((ticks) => decimal(ticks).div(10))
const aSide = fc.constantFrom('BUY' as const, 'SELL' as const)
const anOpened = fc.record({
  side: aSide,
  amount: anAmount,
  price: aPrice,
  leverage: fc.integer({ min: 1, max: 125 }),
})
const aStep = fc.record({
  side: aSide,
  amount: anAmount,
  price: aPrice,
  feePart: fc.integer({ min: 0, max: 1000 }),
  feeCurrency: fc.constantFrom('USDT', 'BTC', 'BNB'),
  /** Of what is held, where it is on the other side; over 100: more than is held. */
  part: fc.integer({ min: 1, max: 130 }),
  /** In millionths of the notional, after the fill. */
  funding: fc.option(fc.integer({ min: -800, max: 800 }), { nil: null }),
})

test('any sequence of fills and fundings: equity is cash and what is held, margin is never below 0, nothing is flipped', () => {
  const seen = { shorts: 0, excess: 0, between: 0 }
  const prices = new Map([['BNB', decimal('612.34')]])
  fc.assert(
    fc.property(
      fc.array(aStep, { maxLength: 30 }),
      fc.integer({ min: 1, max: 125 }),
      fc.boolean(),
      (steps, leverage, whole) => {
        let holding = FLAT
        let [held, cash, realized] = [ZERO, ZERO, ZERO]
        for (const step of steps) {
          const { side, price } = step
          const sign = side === 'BUY' ? 1 : -1
          const reduces = held.times(sign).lt(0)
          const part = whole ? 100 : step.part
          const share = held.abs().times(part).div(100).toDecimalPlaces(3, Decimal.ROUND_UP)
          const amount = reduces ? share : step.amount
          const fee = (step.feeCurrency === 'BTC' ? amount : amount.times(price))
            .times(step.feePart)
            .div(100_000)
            .toDecimalPlaces(10)
          const given = { side, amount, price, fee, feeCurrency: step.feeCurrency }
          const booked = bookFill(holding, given, market, prices, leverage)
          const before = holding.position
          holding = booked.holding

          const taken = reduces ? Decimal.min(amount, held.abs()) : amount
          expect(plain(booked.excess)).toBe(plain(amount.minus(taken)))
          expect(booked.realized === null).toBe(!reduces)
          if (before !== null && holding.position !== null) expect(holding.position.side).toBe(before.side)
          held = held.plus(taken.times(sign))
          cash = cash.minus(taken.times(price).times(sign)).minus(booked.fee)
          realized = realized.plus(booked.realized ?? ZERO)
          if (holding.position !== null && step.funding !== null) {
            const amountPaid = held.abs().times(price).times(step.funding).div(1_000_000)
            holding = {
              ...holding,
              position: bookFundingOf(holding.position, amountPaid, market.futures ?? null),
            }
            realized = realized.plus(amountPaid)
            cash = cash.plus(amountPaid)
          }

          const { position } = holding
          expect(plain(held), 'the position is the sum of its fills').toBe(
            plain((position?.amount ?? ZERO).times(position?.side === 'SELL' ? -1 : 1)),
          )
          const equity = realized.plus(unrealizedPnl(position, price))
          expect(plain(equity), 'equity is cash and what is held').toBe(plain(cash.plus(held.times(price))))
          if (booked.excess.gt(0)) seen.excess += 1
          if (position === null) continue
          if (position.side === 'SELL') seen.shorts += 1
          if (betweenEntryAndBankruptcy(position)) seen.between += 1
        }
      },
    ),
    { numRuns: 300 },
  )
  expect(seen.shorts).toBeGreaterThan(200)
  expect(seen.excess).toBeGreaterThan(20)
  expect(seen.between).toBeGreaterThan(500)
})

/** Where there is more than the maintenance margin at the entry price, as long as funding has not eaten it. */
function betweenEntryAndBankruptcy(position: NonNullable<Holding['position']>): boolean {
  const { side, amount, averagePrice, futures, cost } = position
  if (futures === undefined) throw new Error('a spot position')
  expect(futures.margin.gte(0)).toBe(true)
  for (const value of [futures.margin, futures.liquidationPrice ?? ZERO, averagePrice, cost])
    expect(value.decimalPlaces()).toBeLessThanOrEqual(18)
  const backed = { side, amount, averagePrice, margin: futures.margin }
  if (futures.margin.lt(amount.times(averagePrice).times('0.00400001'))) return false
  const at = futures.liquidationPrice
  if (at === null) return false
  const end = bankruptcyPrice(backed)
  const slack = '1e-17'
  const [low, high] = side === 'BUY' ? [end, averagePrice] : [averagePrice, end]
  expect(
    at.gte(low.minus(slack)) && at.lte(high.plus(slack)),
    `${plain(low)} ${plain(at)} ${plain(high)}`,
  ).toBe(true)
  return true
}

test('closed at once or in any number of pieces, the profit is the same and all of the margin is free again', () => {
  fc.assert(
    fc.property(
      aSide,
      aPrice,
      aPrice,
      fc.integer({ min: 1, max: 125 }),
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 }),
      (side, entry, exit, leverage, pieces) => {
        const total = decimal(pieces.reduce((sum, piece) => sum + piece, 0)).div(1000)
        const other = side === 'BUY' ? ('SELL' as const) : ('BUY' as const)
        const opened = bookFill(
          FLAT,
          fill(side, total, entry, '0.000000000000000001'),
          market,
          undefined,
          leverage,
        )
        const atOnce = bookFill(opened.holding, fill(other, total, exit), market).realized ?? ZERO
        let { holding } = opened
        let [realized, margin] = [ZERO, holding.position?.futures?.margin ?? ZERO]
        for (const piece of pieces) {
          const booked = bookFill(holding, fill(other, decimal(piece).div(1000), exit), market)
          const left = booked.holding.position?.futures?.margin ?? ZERO
          expect(left.gte(0) && left.lte(margin)).toBe(true)
          ;[holding, margin] = [booked.holding, left]
          realized = realized.plus(booked.realized ?? ZERO)
        }
        expect(holding.position).toBeNull()
        expect(realized.minus(atOnce).abs().lte(decimal('1e-18').times(pieces.length))).toBe(true)
      },
    ),
  )
})

test('what grows after a part was closed is averaged over what is held, as venues do', () => {
  const one = bookFill(FLAT, fill('SELL', decimal(2), decimal(100)), market, undefined, 10)
  const two = bookFill(one.holding, fill('BUY', decimal(1), decimal(90)), market)
  expect(two.realized?.toFixed()).toBe('10')
  const three = bookFill(two.holding, fill('SELL', decimal(1), decimal(110)), market, undefined, 5)
  expect(three.holding.position).toMatchObject({
    amount: decimal(2),
    averagePrice: decimal(105),
    cost: decimal(210),
  })
  // 20 less a half, and 110 / 10: a position keeps its leverage.
  expect(three.holding.position?.futures).toMatchObject({ leverage: 10, margin: decimal(21) })
})

function fill(side: 'BUY' | 'SELL', amount: Decimal, price: Decimal, fee = '0') {
  return { side, amount, price, fee: decimal(fee), feeCurrency: 'USDT' }
}
