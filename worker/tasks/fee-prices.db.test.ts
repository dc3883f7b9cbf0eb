import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import { decimal } from '#trading/domain/money.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { control } from '../exchange/sandbox.fixture.ts'
import { type Engine, knowMarkets, makeEngine } from './engine.fixture.ts'
import { feePrices } from './fee-prices.ts'

const db = withTestDatabase()
let sandbox: Sandbox
let engine: Engine
beforeAll(async () => {
  sandbox = await startSandbox()
  engine = makeEngine(db.pool, db.url, sandbox.url)
  await knowMarkets(db.pool)
  await db.pool.query(
    `INSERT INTO markets (exchange, symbol, base, quote, type) VALUES ('sandbox', 'BNB/USDT', 'BNB', 'USDT', 'SPOT')`,
  )
  await control(sandbox.url, 'POST', '/sandbox/price', { symbol: 'BNBUSDT', price: '612.34' })
  await control(sandbox.url, 'POST', '/sandbox/price', { symbol: 'BTCUSDT', price: '50000' })
})
afterAll(() => sandbox.close())

const order = { exchange: 'sandbox', symbol: 'BTC/USDT' }
const paid = (feeCurrency: string, fee = '0.001') => ({ fee: decimal(fee), feeCurrency })

test('a fee in BNB is valued by the venue’s own market of BNB; base and quote need no price', async () => {
  const prices = await feePrices(engine.deps, order, [paid('BNB'), paid('BTC'), paid('USDT'), paid('BNB')])
  expect([...prices]).toEqual([['BNB', decimal('612.34')]])
})

test('where only the market the other way round is known, its price serves inverted', async () => {
  const prices = await feePrices(engine.deps, { ...order, symbol: 'ETH/BTC' }, [paid('USDT')])
  expect([...prices]).toEqual([['USDT', decimal('0.00002')]])
})

test('a currency without a market, or a fee of nothing, has no price; nor has any while the venue is away', async () => {
  expect(await feePrices(engine.deps, order, [paid('TON'), paid('BNB', '0')])).toEqual(new Map())
  await control(sandbox.url, 'POST', '/sandbox/faults', { endpoint: '*', kind: 'reset', count: 50 })
  // Another process, which remembers no price.
  expect(await feePrices(engine.makeDeps(), order, [paid('BNB')])).toEqual(new Map())
})
