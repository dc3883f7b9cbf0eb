import { afterAll, beforeAll, expect, test } from 'vitest'
import { booksEqualTheExchanges } from './books.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'
import { startSystem, type System } from './system.ts'
import { signUp } from './trader.ts'
import { seconds, until } from './until.ts'
import { makeWaves } from './waves.ts'

/** How long the storm lasts; a soak sets it to hours. */
/** How long a hidden order stays out of the exchange's answers, also once no new one is hidden. */
const hiddenMs = 4_000
const stormSeconds = Number(process.env['TRADEBOT_CHAOS_SECONDS'] ?? 20)
const seed = Number(process.env['TRADEBOT_CHAOS_SEED'] ?? 7)

let system: System
let sandbox: Sandbox
beforeAll(async () => {
  // Times short enough for many a fault to be lived through.
  system = await startSystem({
    env: {
      TRADEBOT_HTTP_TIMEOUT_MS: '2500',
      TRADEBOT_SEND_BUDGET_MS: '1000',
      TRADEBOT_RECV_WINDOW_MS: '1500',
      TRADEBOT_HEARTBEAT_MS: '500',
      TRADEBOT_DEAD_AFTER_MS: '3000',
    },
  })
  sandbox = openSandbox(system.sandboxUrl)
})
afterAll(() => system?.stop())

const markets = { BTC: 'BTCUSDT', ETH: 'ETHUSDT', SOL: 'SOLUSDT' } as const

test(
  'an exchange that drops, delays, refuses and hides, and workers killed and frozen all the while: no order doubled, none lost',
  async () => {
    const trader = await signUp(system.url)
    const bots = await Promise.all(
      Object.entries(markets).map(async ([base, symbol]) => {
        const keys = await sandbox.newAccount()
        const apiKeyId = await trader.addKey(keys)
        const bot = await trader.createBot({ symbol: `${base}/USDT`, mode: 'LIVE', apiKeyId })
        await trader.start(bot.id)
        const waves = makeWaves(sandbox, symbol, { everySeconds: 2 })
        waves.start()
        return { id: String(bot.id), base, symbol, keys, waves }
      }),
    )
    const order = 'POST /api/v3/order'
    const faults = [
      { endpoint: order, kind: 'drop', chance: 0.08 },
      { endpoint: order, kind: 'delay', chance: 0.08, ms: 4_000 },
      { endpoint: order, kind: '5xx_after', chance: 0.08 },
      { endpoint: order, kind: '503', chance: 0.05 },
      { endpoint: order, kind: 'reset', chance: 0.05 },
      { endpoint: order, kind: 'reject', chance: 0.05 },
      { endpoint: order, kind: 'hide', chance: 0.08, ms: hiddenMs },
      { endpoint: order, kind: 'partial', chance: 0.1, ms: 2_000 },
      { endpoint: 'GET /api/v3/*', kind: '5xx', chance: 0.03 },
      { endpoint: 'GET /api/v3/*', kind: 'reset', chance: 0.02 },
    ]
    const raiseStorm = async () => {
      for (const [index, fault] of faults.entries()) await sandbox.fault({ ...fault, seed: seed + index })
    }
    await raiseStorm()
    // The supervisor starts its worker again, ever later when it keeps dying; the second one is frozen beyond its death and thawed.
    const second = await system.addWorker()
    const end = performance.now() + stormSeconds * 1000
    let exchangeKilled = false
    while (performance.now() < end) {
      second.signal('SIGSTOP')
      await seconds(5)
      second.signal('SIGCONT')
      process.kill(await until('the worker is back', () => pidOf('worker'), 30_000), 'SIGKILL')
      if (!exchangeKilled && performance.now() > end - (stormSeconds * 1000) / 2) {
        exchangeKilled = true
        process.kill(system.pid('sandbox'), 'SIGKILL')
        await until('the exchange is back', () => sandbox.clearFaults().catch(() => false), 30_000)
        await raiseStorm()
      }
      await seconds(3)
    }
    const hits = (await sandbox.faultHits()).filter((fault) => fault.endpoint === order)
    const total = hits.reduce((sum, fault) => sum + fault.hits, 0)
    expect(total, `faults that orders met: ${JSON.stringify(hits)}`).toBeGreaterThan(0)
    await sandbox.clearFaults()
    for (const { waves } of bots) await waves.stop()

    for (const { id } of bots)
      await trader.botWhen(id, 'has settled its order', (now) => settled(now.orders), 60_000)
    for (const { id } of bots) {
      const { state } = await trader.bot(id)
      if (state.status !== 'STOPPED') await trader.stop(id, 'CLOSE')
    }
    for (const { id } of bots)
      await trader.botWhen(id, 'is flat', (now) => !now.state.closing && now.position === null, 60_000)
    // The exchange's own answers are compared below: what the storm hid last must be seen in them again.
    await seconds(hiddenMs / 1000 + 0.5)
    for (const { id, base, symbol, keys } of bots) {
      expect((await trader.orders(id)).length, `orders of the ${base} bot`).toBeGreaterThan(2)
      await booksEqualTheExchanges(trader, id, sandbox, keys, { base, symbol })
    }
    await trader.api.close()
  },
  (stormSeconds + 240) * 1000,
)

/** A protective stop may rest. */
function settled(orders: { edges: { node: { status: string; purpose: string } }[] }): boolean {
  const unsettled = ['INTENDED', 'SUBMITTING', 'UNKNOWN', 'OPEN', 'PARTIALLY_FILLED']
  const rests = (node: { status: string; purpose: string }) =>
    node.purpose === 'PROTECTIVE_STOP' && node.status === 'OPEN'
  return orders.edges.every(({ node }) => rests(node) || !unsettled.includes(node.status))
}

function pidOf(part: string): number | undefined {
  try {
    const pid = system.pid(part)
    return process.kill(pid, 0) ? pid : undefined
  } catch {
    return undefined // Between its end and its new start.
  }
}
