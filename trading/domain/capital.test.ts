import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aBot, aMarket, aState } from './bot.fixture.ts'
import {
  collarPercOf,
  dearestPrice,
  decideReservation,
  type Decision,
  denyEntryOrder,
  entryLimit,
  FUTURES_FEE_PERC,
  type Need,
} from './capital.ts'
import { type Decimal, decimal, minimum, percentOf, plain, ZERO } from './money.ts'
import { reachesMinimum } from './position.ts'
import { entrySize } from './tick/size.ts'

const market = aMarket()
const LIVE = { mode: 'LIVE', apiKeyId: '1' } as const

const decide = (
  free: string,
  reserved = '0',
  more: { patient?: boolean; quoteFeePerc?: Decimal } = {},
): Decision =>
  decideReservation(
    {
      side: 'BUY',
      amount: decimal('0.002'),
      reference: decimal(50_000),
      limit: decimal(50_500),
      dearest: decimal(50_500),
      leverage: 1,
      quoteFeePerc: ZERO,
      patient: false,
      ...more,
    },
    { asset: 'USDT', free: decimal(free), reserved: decimal(reserved) },
    market,
  )

describe('0.002 BTC at 50,000, up to 50,500: 100 to 101 USDT', () => {
  test('with enough, the whole collar is reserved', () => {
    expect(decide('101')).toEqual({ kind: 'RESERVE', limit: decimal(50_500), amount: decimal(101) })
  })
  test('with exactly enough at the price, the limit comes down to it, and all of it is reserved', () => {
    expect(decide('100')).toEqual({ kind: 'RESERVE', limit: decimal(50_000), amount: decimal(100) })
    expect(decide('100.055')).toEqual({
      kind: 'RESERVE',
      limit: decimal('50027.5'),
      amount: decimal('100.055'),
    })
    // 100.00001 / 0.002 = 50,000.005: down to the tick
    expect(decide('100.00001')).toMatchObject({ limit: decimal(50_000), amount: decimal(100) })
  })
  test('with less, it is refused with the amounts', () => {
    expect(decide('99.99')).toEqual({
      kind: 'DENY',
      denial: {
        code: 'BALANCE_INSUFFICIENT',
        message: '0.002 BTC at 50000 costs 100 USDT, and 99.99 USDT is free.',
      },
    })
    expect(decide('0').kind).toBe('DENY')
  })
  test('what others have reserved may come back: it waits, and says what is held', () => {
    expect(decide('500', '450')).toEqual({
      kind: 'WAIT',
      message:
        '0.002 BTC at 50000 costs 100 USDT, and 500 USDT is free, of which 450 is reserved by other orders of this key.',
    })
    expect(decide('500', '600').kind).toBe('WAIT')
  })
  test('while it is patient it waits for the whole collar, later it takes what there is', () => {
    expect(decide('500', '399.5', { patient: true }).kind).toBe('WAIT')
    expect(decide('500', '399.5')).toMatchObject({ kind: 'RESERVE', limit: decimal(50_250) })
    expect(decide('100.5', '0', { patient: true }), 'nobody will bring more').toMatchObject({
      kind: 'RESERVE',
    })
  })
  test('a fee in quote currency is reserved too', () => {
    const quoteFeePerc = decimal('0.1')
    expect(decide('101', '0', { quoteFeePerc })).toMatchObject({
      kind: 'RESERVE',
      limit: decimal('50449.55'),
    })
    expect(decide('101.101', '0', { quoteFeePerc })).toMatchObject({ amount: decimal('101.101') })
    expect(decide('100.09', '0', { quoteFeePerc }).kind).toBe('DENY')
  })
})

describe('0.02 BTC at 50,000 on a 10x perpetual: 100 of margin, and 2 for fees both ways', () => {
  const perpetual = (free: string, more: Partial<Need> = {}) => {
    const [reference, limit] = [decimal(50_000), decimal(more.side === 'SELL' ? 49_500 : 50_500)]
    const need: Need = {
      ...{ side: 'BUY', amount: decimal('0.02'), reference, limit, leverage: 10, patient: false },
      dearest: decimal(50_500),
      quoteFeePerc: FUTURES_FEE_PERC,
      ...more,
    }
    return decideReservation(need, { asset: 'USDT', free: decimal(free), reserved: ZERO }, market)
  }
  test('a long reserves up to its limit, which comes down where money is short', () => {
    expect(perpetual('200')).toEqual({
      kind: 'RESERVE',
      limit: decimal(50_500),
      amount: decimal('103.02'),
    })
    expect(perpetual('102')).toMatchObject({ limit: decimal(50_000), amount: decimal(102) })
  })
  test('a short reserves what the price may rise to, never lowers its limit, and takes what there is for the price itself', () => {
    const side = 'SELL'
    expect(perpetual('200', { side })).toEqual({
      kind: 'RESERVE',
      limit: decimal(49_500),
      amount: decimal('103.02'),
    })
    expect(perpetual('102.5', { side })).toMatchObject({ limit: decimal(49_500), amount: decimal('102.5') })
  })
  test('with less either is refused, with the figures', () => {
    for (const side of ['BUY', 'SELL'] as const)
      expect(perpetual('101.99', { side })).toEqual({
        kind: 'DENY',
        denial: {
          code: 'BALANCE_INSUFFICIENT',
          message:
            '0.02 BTC at 50000 takes 102 USDT at 10x leverage, fees included, and 101.99 USDT is free.',
        },
      })
  })
})

test('a short is asked for no less than the collar below its price, up to the tick, and above maxOrderValue it is refused', () => {
  const bot = aBot({ ...LIVE, maxOrderValue: decimal(1000) })
  const tick = { priceTick: decimal('0.1') }
  expect(plain(entryLimit(bot, 'SELL', decimal('0.02'), decimal('50000.1'), tick))).toBe('49500.1')
  const order = { side: 'SELL', amount: decimal('0.02'), limit: decimal(49_500) } as const
  expect(denyEntryOrder(bot, { ...order, referencePrice: decimal(50_000) }, market)).toBeNull()
  expect(denyEntryOrder(bot, { ...order, referencePrice: decimal(50_001) }, market)).toEqual({
    code: 'ORDER_ABOVE_MAXIMUM',
    message: '0.02 BTC is worth 1000.02 USDT, above maxOrderValue 1000.',
  })
})

test('the collar is 1 % where the bot names none; PAPER adds the slippage that it was told to simulate', () => {
  expect(collarPercOf(aBot(LIVE))).toEqual(decimal(1))
  expect(collarPercOf(aBot({ paperSlippagePerc: decimal(2) }))).toEqual(decimal(3))
  expect(collarPercOf(aBot({ paperSlippagePerc: decimal(2), priceCollarPerc: decimal('0.5') }))).toEqual(
    decimal('0.5'),
  )
})

test('an entry is sized so that it stays within maxOrderValue up to the collar', () => {
  const bot = aBot({ ...LIVE, maxOrderValue: decimal(100) })
  // 100 / 50,500 = 0.00198019…
  const { notional, amount } = entrySize(bot, aState(), market, decimal(50_000))
  expect([plain(notional), plain(amount)]).toEqual(['100', '0.00198'])
  expect(entryLimit(bot, 'BUY', amount, decimal(50_000), market)).toEqual(decimal(50_500))
  // Lowered after the size was decided: the limit comes down, and below the price the order is refused.
  expect(
    plain(entryLimit(aBot({ ...LIVE, maxOrderValue: decimal(99) }), 'BUY', amount, decimal(50_000), market)),
  ).toBe('50000')
  const lowered = aBot({ ...LIVE, maxOrderValue: decimal(98) })
  const limit = entryLimit(lowered, 'BUY', amount, decimal(50_000), market)
  expect(
    denyEntryOrder(lowered, { side: 'BUY', amount, referencePrice: decimal(50_000), limit }, market),
  ).toEqual({
    code: 'ORDER_ABOVE_MAXIMUM',
    message: '0.00198 BTC is worth 99 USDT, above maxOrderValue 98.',
  })
})

test('the market may have changed its rules since the tick', () => {
  const order = {
    side: 'BUY',
    amount: decimal('0.002'),
    referencePrice: decimal(50_000),
    limit: decimal(50_500),
  } as const
  for (const more of [
    { amountStep: decimal('0.0015') },
    { minCost: decimal('100.01') },
    { minAmount: decimal(1) },
  ])
    expect(denyEntryOrder(aBot(LIVE), order, aMarket(more))?.code).toBe('ORDER_BELOW_MINIMUM')
  expect(denyEntryOrder(aBot(LIVE), order, market)).toBeNull()
})

const digits = (most: number, places: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 0, max: places }))
    .map(([units, scale]) => decimal(units).div(decimal(10).pow(scale)))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const step = fc.integer({ min: 0, max: 8 }).map((places) => decimal(10).pow(-places))
const situation = fc.record({
  price: digits(10_000_000, 8),
  tick: maybe(step),
  amountStep: maybe(step),
  minCost: maybe(digits(100, 2)),
  size: digits(1_000_000, 4),
  equity: digits(1_000_000, 4),
  maxOrderValue: maybe(digits(1_000_000, 4)),
  collar: maybe(digits(1000, 2).filter((value) => value.lte(100))),
  free: digits(2_000_000, 6),
  quoteFeePerc: fc.constantFrom(ZERO, decimal('0.1'), decimal('0.26')),
  waits: fc.boolean(),
  side: fc.constantFrom('BUY' as const, 'SELL' as const),
  leverage: fc.constantFrom(1, 1, 3, 20, 125),
})

test(
  'whatever balances, prices and rules: no order exceeds its reservation, the balance, the market, maxOrderValue or the collar',
  { timeout: 30_000 },
  () => {
    let sent = 0
    fc.assert(
      fc.property(fc.array(situation, { minLength: 1, maxLength: 6 }), (bots) => {
        // All of one key: each sees what the others have reserved.
        const free = bots[0]?.free ?? ZERO
        let reserved = ZERO
        for (const {
          price,
          tick,
          amountStep,
          minCost,
          size,
          equity,
          maxOrderValue,
          collar,
          ...more
        } of bots) {
          const { side, leverage } = more
          const rules = aMarket({ priceTick: tick, amountStep, minCost, minAmount: amountStep })
          const rulesOfBot = { positionSizeFixed: size, maxOrderValue, priceCollarPerc: collar, leverage }
          const bot = aBot({ ...LIVE, ...rulesOfBot })
          const reference = tick === null ? price : price.div(tick).ceil().times(tick)
          const { amount } = entrySize(bot, aState({ equity }), rules, reference)
          if (!reachesMinimum(amount, reference, rules)) continue
          const limit = entryLimit(bot, side, amount, reference, rules)
          const dearest = dearestPrice(bot, side, reference, limit)
          if (denyEntryOrder(bot, { side, amount, referencePrice: reference, limit }, rules) !== null)
            continue
          const { quoteFeePerc, waits: patient } = more
          const decision = decideReservation(
            { side, amount, reference, limit, dearest, leverage, quoteFeePerc, patient },
            { asset: 'USDT', free, reserved },
            rules,
          )
          if (decision.kind !== 'RESERVE') continue
          sent++
          // The exchange holds a buyer to his amount and his limit, so this is the most that it can cost; a seller may get more than his price.
          const most = amount.times(side === 'BUY' ? decision.limit : reference)
          const needed = most.div(leverage).plus(percentOf(most, quoteFeePerc)).toDecimalPlaces(18, 0)
          expect(needed.lte(decision.amount)).toBe(true)
          reserved = reserved.plus(decision.amount)
          expect(reserved.lte(free)).toBe(true)
          const far = decision.limit.minus(reference).abs()
          expect(far.lte(percentOf(reference, collar ?? decimal(1)).plus(tick ?? '1e-18'))).toBe(true)
          expect(decision.limit.lte(reference.plus(percentOf(reference, collar ?? decimal(1))))).toBe(true)
          expect(maxOrderValue === null || most.lte(maxOrderValue)).toBe(true)
          expect(amount.times(reference).lte(minimum(size, equity).times(leverage))).toBe(true)
          if (tick !== null) expect(decision.limit.mod(tick).isZero()).toBe(true)
          if (amountStep !== null) expect(amount.mod(amountStep).isZero()).toBe(true)
          for (const value of [decision.limit, decision.amount, amount])
            expect(value.decimalPlaces()).toBeLessThanOrEqual(18)
          expect(reachesMinimum(amount, reference, rules)).toBe(true)
          // Buying at all is possible: the limit is not below the price that it was decided at; a seller's is not above it.
          const at = tick === null ? reference.toDecimalPlaces(18, 1) : reference
          expect(side === 'BUY' ? decision.limit.gte(at) : limit.lte(reference.plus(tick ?? '1e-18'))).toBe(
            true,
          )
          expect(side === 'BUY' || decision.limit.eq(limit), 'a short is never lowered').toBe(true)
        }
      }),
      { numRuns: 500 },
    )
    expect(sent, 'the property is about orders that are sent').toBeGreaterThan(100)
  },
)

test('who is refused alone really lacks the money, and who has it is never refused', () => {
  fc.assert(
    fc.property(
      digits(1_000_000, 5),
      digits(10_000_000, 2),
      digits(10_000_000, 2),
      fc.constantFrom('BUY' as const, 'SELL' as const),
      fc.constantFrom(1, 3, 20),
      (amount, reference, free, side, leverage) => {
        const decision = decideReservation(
          {
            ...{ side, amount, reference, limit: reference.times('1.01'), leverage },
            dearest: reference.times('1.01'),
            quoteFeePerc: ZERO,
            patient: true,
          },
          { asset: 'USDT', free, reserved: ZERO },
          { priceTick: null, base: 'BTC' },
        )
        const needed = amount.times(reference).div(leverage).toDecimalPlaces(18, 0)
        expect(decision.kind).toBe(free.gte(needed) ? 'RESERVE' : 'DENY')
      },
    ),
  )
})
