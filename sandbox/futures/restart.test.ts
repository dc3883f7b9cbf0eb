import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startSandbox } from '../server.ts'
import { makeClient } from '../testing/client.ts'
import { checkFuturesBooks, makeFutures } from '../testing/futures.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-futures-'))
afterAll(() => rmSync(dataDir, { recursive: true }))

test('positions, orders, algo orders, income, transfers and held prices outlive a restart', async () => {
  const first = await startSandbox({ dataDir })
  const one = makeFutures(makeClient(first.url))
  const client = makeClient(first.url)
  await client.hold('BTCUSDT', '60000.00')
  await one.holdApart('mark', '60010.00')
  const keys = await one.open('500', 10)
  await one.transfer(keys, 'MAIN_UMFUTURE', '500')
  await one.market(keys, 'BUY', '0.05')
  const stop = { type: 'STOP_MARKET', side: 'SELL', quantity: '0.05', reduceOnly: 'true' }
  await one.placeAlgo(keys, {
    ...stop,
    triggerPrice: '59000',
    workingType: 'MARK_PRICE',
    clientAlgoId: 'stop',
  })
  const take = { type: 'LIMIT', timeInForce: 'GTC', side: 'SELL', quantity: '0.02', price: '61000' }
  await one.place(keys, { ...take, reduceOnly: 'true', newClientOrderId: 'take' })
  await one.fund('0.0001')
  const seen = async (of: typeof one) => ({
    position: await of.position(keys),
    summary: await of.summary(keys),
    algo: await of.algo(keys, 'stop'),
    take: await of.order(keys, 'take'),
    trades: await of.trades(keys),
    income: await of.income(keys),
    transfers: await of.transfers(keys, 'MAIN_UMFUTURE'),
  })
  const before = JSON.stringify(await seen(one))
  await first.close()

  const second = await startSandbox({ dataDir })
  const again = makeClient(second.url)
  const two = makeFutures(again)
  expect(JSON.stringify(await seen(two))).toBe(before)
  await again.hold('BTCUSDT', '61500.00')
  expect(await two.order(keys, 'take')).toMatchObject({ status: 'FILLED' })
  // Held apart before the restart, so still apart.
  expect((await two.position(keys))?.unRealizedProfit.lt(1)).toBe(true)
  await two.holdApart('mark', '58999.00')
  expect(await two.algo(keys, 'stop')).toMatchObject({ algoStatus: 'FINISHED' })
  expect(await two.position(keys)).toBeUndefined()
  await two.transfer(keys, 'UMFUTURE_MAIN', '100')
  expect(await checkFuturesBooks(again, two, keys, '500')).toBeGreaterThan(2)
  await second.close()
}, 30_000)
