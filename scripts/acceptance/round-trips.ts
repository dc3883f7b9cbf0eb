import { expect } from 'vitest'
import { openSandbox, type Keys, type Sandbox } from './sandbox.ts'
import type { System } from './system.ts'
import { signUp, type Trader } from './trader.ts'
import { until } from './until.ts'
import type { Received } from './api.ts'
import { booksEqualTheExchanges } from './books.ts'

/**
 * The first point of "Done when" from sign-up on: a PAPER and a LIVE bot on sandbox BTC/USDT 1s, both transitions on botEvents, RUNNING
 * within a second on botChanged, round trips, and the LIVE one's books equal to the exchange's to the last digit.
 */
export async function tradeBothModes(system: System, options: { liveEntries: number; timeoutMs: number }) {
  const sandbox = openSandbox(system.sandboxUrl)
  const trader = await signUp(system.url)
  const keys = await sandbox.newAccount()
  const apiKeyId = await trader.addKey(keys)
  const paper = await trader.createBot({ mode: 'PAPER' })
  const live = await trader.createBot({ mode: 'LIVE', apiKeyId })
  const events = await trader.api.subscribe(
    'subscription { botEvents { cursor botId type fromStatus toStatus message } }',
  )
  for (const bot of [paper, live]) await startsWithinASecond(trader, bot.id)
  for (const bot of [paper, live]) {
    const transitions = await until(
      `both transitions of bot ${bot.id} are on botEvents`,
      () => {
        const seen = transitionsOf(events, bot.id)
        return seen.length >= 2 && seen
      },
      5_000,
    )
    expect(transitions.slice(0, 2)).toEqual(['STOPPED→PENDING', 'PENDING→RUNNING'])
  }

  await makesRoundTrips(trader, paper.id, 1, options.timeoutMs)
  await makesRoundTrips(trader, live.id, options.liveEntries, options.timeoutMs)
  for (const bot of [paper, live]) {
    await trader.stop(bot.id, 'CLOSE')
    await trader.botWhen(bot.id, 'is flat', (now) => !now.state.closing && now.position === null)
  }

  await booksEqualTheExchanges(trader, live.id, sandbox, keys, { base: 'BTC', symbol: 'BTCUSDT' })
  await paperIsInOurBooksOnly(trader, paper.id, sandbox, keys)
  await everyEventOnceInOrder(trader, events)
  await trader.api.close()
}

async function startsWithinASecond(trader: Trader, id: string): Promise<void> {
  const changes = await trader.api.subscribe(
    'subscription ($id: ID!) { botChanged(id: $id) { id state { status version } } }',
    { id },
  )
  await until('botChanged gives the bot as it is', () => changes.length > 0, 5_000)
  await trader.start(id)
  const answeredAt = performance.now()
  const running = await until(
    `bot ${id} is RUNNING on botChanged`,
    () => changes.find((change) => change.data.botChanged?.state.status === 'RUNNING'),
    10_000,
    10,
  )
  expect(running.at - answeredAt, 'milliseconds from the answer of startBot to RUNNING').toBeLessThan(1_000)
}

function transitionsOf(events: Received[], botId: string): string[] {
  return events
    .map((event) => event.data.botEvents)
    .filter((event) => event.botId === botId && event.toStatus && event.fromStatus !== event.toStatus)
    .map((event) => `${event.fromStatus}→${event.toStatus}`)
}

async function makesRoundTrips(
  trader: Trader,
  id: string,
  entries: number,
  timeoutMs: number,
): Promise<void> {
  await until(
    `bot ${id} has made ${entries} round trips`,
    async () => {
      const filled = (await trader.orders(id)).filter((order) => order.status === 'FILLED')
      const bought = filled.filter((order) => order.side === 'BUY').length
      const sold = filled.filter((order) => order.side === 'SELL').length
      return bought >= entries && sold >= entries
    },
    timeoutMs,
    500,
  )
  const exits = (await trader.trades(id)).filter((trade) => trade.side === 'SELL')
  for (const trade of exits)
    expect(trade.realizedPnl, 'realised profit net of fees of each exit').not.toBeNull()
}

async function paperIsInOurBooksOnly(
  trader: Trader,
  id: string,
  sandbox: Sandbox,
  keys: Keys,
): Promise<void> {
  const ours = (await trader.orders(id)).map((order) => order.clientOrderId)
  const theirs = (await sandbox.ordersOf(keys)).map((order) => order.clientOrderId)
  expect(ours.length).toBeGreaterThan(0)
  expect(theirs.filter((clientOrderId) => ours.includes(clientOrderId))).toEqual([])
}

/** A client that comes back with its cursor gets what came after it, once and in order. */
async function everyEventOnceInOrder(trader: Trader, live: Received[]): Promise<void> {
  const cursors = () => live.map((event) => event.data.botEvents.cursor)
  const after = cursors()[1]
  const again = await trader.api.subscribe(
    'subscription ($after: String) { botEvents(after: $after) { cursor } }',
    { after },
  )
  await until('the replay has caught up', () => again.length >= cursors().length - 2, 5_000)
  expect(again.map((event) => event.data.botEvents.cursor).slice(0, cursors().length - 2)).toEqual(
    cursors().slice(2),
  )
  expect(new Set(cursors()).size).toBe(cursors().length)
}
