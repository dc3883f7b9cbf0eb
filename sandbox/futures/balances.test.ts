import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Money } from '../money.ts'
import { type Sandbox, startSandbox } from '../server.ts'
import { type Client, type Keys, makeClient } from '../testing/client.ts'
import { checkFuturesBooks, type FuturesClient, makeFutures } from '../testing/futures.ts'

let sandbox: Sandbox
let client: Client
let futures: FuturesClient
beforeAll(async () => {
  sandbox = await startSandbox({ limits: { perMinute: 10_000_000 } })
  client = makeClient(sandbox.url)
  futures = makeFutures(client)
})
afterAll(() => sandbox.close())

/** What a random customer, or the market, does next. Prices are percent of the first price. */
const action = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('price' as const), to: fc.integer({ min: 88, max: 113 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fund' as const), rate: fc.integer({ min: -300, max: 300 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('transfer' as const),
      type: fc.constantFrom('MAIN_UMFUTURE', 'UMFUTURE_MAIN'),
      cents: fc.integer({ min: 1, max: 100_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('order' as const),
      type: fc.constantFrom('MARKET', 'MARKET', 'LIMIT', 'STOP_MARKET', 'ALGO'),
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      timeInForce: fc.constantFrom('GTC', 'GTC', 'IOC', 'FOK', 'GTX'),
      quantity: fc.integer({ min: 1, max: 120 }),
      price: fc.integer({ min: 90, max: 110 }),
      reduceOnly: fc.boolean(),
      workingType: fc.constantFrom('MARK_PRICE', 'CONTRACT_PRICE'),
    }),
  },
)
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

test('the wallet is what came in, plus profit and funding, less fees, to the last digit, whatever is traded', async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: 5, maxLength: 25 }),
      fc.constantFrom(3, 20, 125),
      async (actions, leverage) => {
        await client.hold('BTCUSDT', '60000.00')
        const keys = await futures.open('1000', leverage, { balances: { USDT: '1000' } })
        for (const step of actions) await act(keys, step)
        const trades = await checkFuturesBooks(client, futures, keys, '1000')
        seen.set('trade', (seen.get('trade') ?? 0) + trades)
        for (const { incomeType } of await futures.income(keys))
          seen.set(incomeType, (seen.get(incomeType) ?? 0) + 1)
        const summary = await futures.summary(keys)
        expect(summary.availableBalance.gte(0)).toBe(true)
        expect(summary.totalPositionInitialMargin.lte(summary.totalWalletBalance)).toBe(true)
      },
    ),
    { numRuns: 30 },
  )
  // The sequences must have reached what they are for.
  for (const kind of ['trade', 'REALIZED_PNL', 'COMMISSION', 'FUNDING_FEE', 'TRANSFER', 'INSURANCE_CLEAR'])
    expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(0)
}, 120_000)

const percent = (of: number, decimals: number) => new Money(60_000).mul(of).div(100).toFixed(decimals)

const act = async (keys: Keys, step: Action): Promise<void> => {
  if (step.do === 'price') {
    await client.hold('BTCUSDT', percent(step.to, 2))
    return
  }
  if (step.do === 'fund') {
    await futures.fund(new Money(step.rate).div(1_000_000).toFixed(6))
    return
  }
  if (step.do === 'transfer') {
    const answer = await futures.transfer(keys, step.type, new Money(step.cents).div(100).toFixed(2))
    expect([200, 400]).toContain(answer.status)
    return
  }
  const { side, timeInForce, workingType } = step
  const common = {
    side,
    quantity: new Money(step.quantity).div(1000).toFixed(3),
    reduceOnly: String(step.reduceOnly),
  }
  const price = percent(step.price, 1)
  const place = {
    MARKET: () => futures.place(keys, { ...common, type: 'MARKET' }),
    LIMIT: () => futures.place(keys, { ...common, type: 'LIMIT', timeInForce, price }),
    STOP_MARKET: () => futures.place(keys, { ...common, type: 'STOP_MARKET', workingType, stopPrice: price }),
    ALGO: () => futures.placeAlgo(keys, { ...common, type: 'STOP_MARKET', workingType, triggerPrice: price }),
  }
  const key =
    step.type === 'ALGO' || step.type === 'LIMIT' || step.type === 'STOP_MARKET' ? step.type : 'MARKET'
  expect([200, 400]).toContain((await place[key]()).status)
}
