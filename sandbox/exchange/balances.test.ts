import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Money } from '../money.ts'
import { type Sandbox, startSandbox } from '../server.ts'
import { checkBooks } from '../testing/books.ts'
import { type Client, type Keys, makeClient, orderSchema } from '../testing/client.ts'

let sandbox: Sandbox
let client: Client
beforeAll(async () => {
  sandbox = await startSandbox({ limits: { perMinute: 10_000_000 } })
  client = makeClient(sandbox.url)
})
afterAll(() => sandbox.close())

/** What a random customer does next. Prices are percent of the last held price. */
const action = fc.oneof(
  fc.record({ do: fc.constant('price' as const), to: fc.integer({ min: 80, max: 125 }) }),
  fc.record({ do: fc.constant('cancel' as const), which: fc.nat(9) }),
  fc.record({
    do: fc.constant('order' as const),
    type: fc.constantFrom('MARKET', 'QUOTE', 'LIMIT', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT', 'STOP_LOSS'),
    side: fc.constantFrom('BUY', 'SELL'),
    timeInForce: fc.constantFrom('GTC', 'GTC', 'GTC', 'IOC', 'FOK'),
    quantity: fc.integer({ min: 10, max: 12_000 }),
    price: fc.integer({ min: 85, max: 115 }),
    stop: fc.integer({ min: 85, max: 115 }),
    slow: fc.boolean(),
  }),
)
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

const INITIAL: Record<string, string> = { USDT: '10000', BTC: '0.05' }

test('per asset, start + fills - fees is free + locked, to the last digit, whatever is ordered', async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 25 }), async (actions) => {
      await client.control('DELETE', '/sandbox/faults')
      await client.hold('BTCUSDT', '60000.01')
      const keys = await client.openAccount({ balances: INITIAL })
      let last = new Money('60000.01')
      for (const step of actions) {
        if (step.do === 'price') {
          last = new Money('60000.01').mul(step.to).div(100).toDecimalPlaces(2)
          await client.hold('BTCUSDT', last.toFixed(2))
        } else if (step.do === 'cancel') await cancelOne(keys, step.which)
        else await order(keys, step, last)
      }
      const trades = await checkBooks(client, keys, INITIAL)
      for (const status of await statuses(keys)) seen.set(status, (seen.get(status) ?? 0) + 1)
      seen.set('trade', (seen.get('trade') ?? 0) + trades)
    }),
    { numRuns: 100 },
  )
  // The sequences must have reached what they are for.
  for (const state of ['FILLED', 'CANCELED', 'EXPIRED', 'NEW', 'PARTIALLY_FILLED', 'trade'])
    expect(seen.get(state) ?? 0, state).toBeGreaterThan(0)
}, 120_000)

const statuses = async (keys: Keys) => {
  const { body } = await client.signed(keys, 'GET', '/api/v3/allOrders', { symbol: 'BTCUSDT', limit: 1000 })
  return orderSchema
    .array()
    .parse(body)
    .map((row) => row.status)
}

const cancelOne = async (keys: Keys, which: number) => {
  const { body } = await client.signed(keys, 'GET', '/api/v3/openOrders', { symbol: 'BTCUSDT' })
  const open = orderSchema.array().parse(body)
  const chosen = open[which % Math.max(open.length, 1)]
  if (chosen)
    await client.signed(keys, 'DELETE', '/api/v3/order', { symbol: 'BTCUSDT', orderId: chosen.orderId })
}

const order = async (keys: Keys, step: Extract<Action, { do: 'order' }>, last: Money) => {
  const { type, side, timeInForce } = step
  const percent = (of: number) => last.mul(of).div(100).toFixed(2)
  const quantity = new Money(step.quantity).div(100_000).toFixed(5)
  if (step.slow)
    await client.control('POST', '/sandbox/faults', {
      endpoint: 'POST /api/v3/order',
      kind: 'partial',
      count: 1,
      ms: 200,
      account: keys.apiKey,
    })
  const stops = { stopPrice: percent(step.stop) }
  const limits = { price: percent(step.price), timeInForce }
  const shapes: Record<string, Record<string, string>> = {
    MARKET: { type, quantity },
    QUOTE: { type: 'MARKET', quoteOrderQty: new Money(step.quantity).toFixed(2) },
    LIMIT: { type, quantity, ...limits },
    STOP_LOSS_LIMIT: { type, quantity, ...limits, ...stops },
    TAKE_PROFIT_LIMIT: { type, quantity, ...limits, ...stops },
    STOP_LOSS: { type, quantity, ...stops },
  }
  const answer = await client.place(keys, { side, ...shapes[type] })
  expect([200, 400]).toContain(answer.status)
}
