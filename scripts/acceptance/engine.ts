import { describe, expect, test } from 'vitest'
import type { Keys, Sandbox } from './sandbox.ts'
import type { System } from './system.ts'
import { signUp } from './trader.ts'
import { seconds, until } from './until.ts'
import { makeWaves } from './waves.ts'

/** One signal makes one entry, though its candle stays the last closed one for a minute of ticks. */
export async function oneEntryOfOneSignal(system: System, sandbox: Sandbox): Promise<void> {
  const symbol = 'SOLUSDT'
  const trader = await signUp(system.url)
  const bot = await trader.createBot({
    symbol: 'SOL/USDT',
    timeframe: '1m',
    emaFast: 1,
    emaSlow: 2,
    takeProfitPerc: '1',
  })
  await trader.start(bot.id)
  await trader.botWhen(bot.id, 'runs', (now) => now.state.status === 'RUNNING')
  // A minute that closes well above crosses up, when the one before it had left the fast average (its close) below the slow one.
  const closes = (await sandbox.klines(symbol, '1m', 30)).slice(0, -1).map((candle) => candle.close)
  const last = closes.at(-1) ?? 0
  const price = last * 1.02
  if (last >= average(closes)) {
    await sandbox.holdPrice(symbol, last * 0.97)
    await nextMinute()
  }
  await sandbox.holdPrice(symbol, price)
  await until('the entry fills', async () => (await trader.orders(bot.id))[0]?.status === 'FILLED', 75_000)
  // The position goes at once, by its take profit; the signal's candle stays the last closed one.
  await sandbox.holdPrice(symbol, price * 1.02)
  await trader.botWhen(bot.id, 'is flat again', (now) => now.position === null)
  await seconds(15)
  const purposes = (await trader.orders(bot.id)).map((order) => order.purpose)
  expect(purposes.toSorted()).toEqual(['ENTRY', 'TAKE_PROFIT'])
  await trader.stop(bot.id, 'CLOSE')
}

/** Halts and stops, each with a user and a market of its own. */
export function testEngine(opened: () => { system: System; sandbox: Sandbox }): void {
  describe.concurrent('the engine', () => {
    test('a halted user’s position is still guarded: its stop loss goes out, and no entry does', async () => {
      const { system, sandbox } = opened()
      const trader = await signUp(system.url)
      const keys = await sandbox.newAccount()
      const apiKeyId = await trader.addKey(keys)
      const bot = await trader.createBot({ symbol: 'ETH/USDT', mode: 'LIVE', apiKeyId, stopLossPerc: '2' })
      await trader.start(bot.id)
      await trader.botWhen(bot.id, 'runs', (now) => now.state.status === 'RUNNING')
      const waves = makeWaves(sandbox, 'ETHUSDT')
      await waves.crossUp()
      await trader.botWhen(bot.id, 'holds a position', (now) => now.position !== null)
      const { haltTrading } = await trader.api.ask('mutation { haltTrading { haltedAt } }')
      expect(haltTrading.haltedAt).not.toBeNull()
      await waves.at(-3)
      await trader.botWhen(bot.id, 'was stopped out', (now) => now.position === null)
      await seconds(3)
      await waves.at(1)
      await seconds(4)
      await waves.at(-3)
      await seconds(3)
      await waves.at(1)
      await seconds(4)
      const filled = (await trader.orders(bot.id)).filter((order) => order.status === 'FILLED')
      // The price jumps over the limit of the stop at the exchange, so that the software's own sells, unless it came first.
      expect(filled.map((order) => order.purpose).toSorted()).toEqual(['ENTRY', 'STOP_LOSS'])
      const bought = (await sandbox.ordersOf(keys)).filter((order) => order.side === 'BUY')
      expect(bought).toHaveLength(1)
      expect((await trader.bot(bot.id)).state.status).toBe('RUNNING')
      await trader.api.ask('mutation { resumeTrading { haltedAt } }')
      await waves.at(-3)
      await seconds(3)
      await waves.at(1)
      await trader.botWhen(bot.id, 'enters again once trading is resumed', (now) => now.position !== null)
      await trader.stop(bot.id, 'CLOSE')
    }, 120_000)

    test('stop with CLOSE while an entry is unanswered: in the end there is no position on either side', async () => {
      const { system, sandbox } = opened()
      const trader = await signUp(system.url)
      const keys = await sandbox.newAccount()
      const bot = await trader.createBot({
        symbol: 'BNB/USDT',
        mode: 'LIVE',
        apiKeyId: await trader.addKey(keys),
      })
      await trader.start(bot.id)
      await trader.botWhen(bot.id, 'runs', (now) => now.state.status === 'RUNNING')
      await sandbox.fault({
        endpoint: 'POST /api/v3/order',
        kind: 'delay',
        count: 1,
        ms: 6_000,
        account: keys.apiKey,
      })
      await makeWaves(sandbox, 'BNBUSDT').crossUp()
      await until(
        'the exchange has accepted the entry',
        async () => (await sandbox.ordersOf(keys)).length > 0,
      )
      const refused = await trader.mutate('stopBot(id: $id)', '$id: ID!', { id: bot.id }, '')
      expect(refused.__typename, 'stopBot without a choice').toBe('OpenPositionError')
      const stopped = await trader.stop(bot.id, 'CLOSE')
      expect(stopped.state).toMatchObject({ status: 'STOPPED', closing: true })
      const flat = await trader.botWhen(bot.id, 'is flat', (now) => !now.state.closing, 60_000)
      expect(flat.position).toBeNull()
      expect(await heldValue(sandbox, keys, 'BNB', 'BNBUSDT'), 'worth of the BNB left: dust').toBeLessThan(5)
      const sides = (await sandbox.ordersOf(keys)).map((order) => order.side)
      expect(sides.toSorted()).toEqual(['BUY', 'SELL'])
    }, 120_000)
  })
}

async function heldValue(sandbox: Sandbox, keys: Keys, asset: string, symbol: string): Promise<number> {
  const held = (await sandbox.balances(keys)).find((balance) => balance.asset === asset)
  return (Number(held?.free ?? 0) + Number(held?.locked ?? 0)) * (await sandbox.price(symbol))
}

/** The exponential average over 2 of them, as it stands after the last. */
const average = (values: number[]) =>
  values.reduce((before, value) => before + (value - before) * (2 / 3), values[0] ?? 0)

const nextMinute = () => seconds(61 - new Date().getUTCSeconds())
