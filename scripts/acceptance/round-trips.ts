import { Decimal } from 'decimal.js'
import { expect } from 'vitest'
import { openSandbox, type Keys, type Sandbox } from './sandbox.ts'
import type { System } from './system.ts'
import { signUp, type Trader } from './trader.ts'
import { until } from './until.ts'
import type { Answer, Received } from './api.ts'

const Exact = Decimal.clone({ precision: 60 })
const sum = (values: Decimal[]) => values.reduce((total, value) => total.plus(value), new Exact(0))
/** Plain notation without trailing zeros, as the API writes decimals. */
const plain = (text: string) => new Exact(text).toFixed()

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

  await liveBooksAreTheExchanges(trader, live.id, sandbox, keys)
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

async function liveBooksAreTheExchanges(trader: Trader, id: string, sandbox: Sandbox, keys: Keys) {
  const ours: Answer[] = await trader.orders(id)
  const theirs = await sandbox.allOrders(keys, 'BTCUSDT')
  const identity = (clientOrderId: string, orderId: string) => `${clientOrderId} ${orderId}`
  expect(
    ours
      .filter((order) => order.status !== 'NOT_PLACED')
      .map((order) => identity(order.clientOrderId, order.exchangeOrderId))
      .toSorted(),
  ).toEqual(theirs.map((order) => identity(order.clientOrderId, String(order.orderId))).toSorted())

  const exchangeId = new Map(ours.map((order) => [order.id, order.exchangeOrderId]))
  const fills = await sandbox.myTrades(keys, 'BTCUSDT')
  const ourFills = (await trader.trades(id)).map((trade) =>
    [exchangeId.get(trade.orderId), trade.side, trade.amount, trade.price, trade.fee, trade.feeCurrency].join(
      ' ',
    ),
  )
  expect(ourFills.toSorted()).toEqual(
    fills
      .map((fill) =>
        [
          fill.orderId,
          fill.isBuyer ? 'BUY' : 'SELL',
          plain(fill.qty),
          plain(fill.price),
          plain(fill.commission),
          fill.commissionAsset,
        ].join(' '),
      )
      .toSorted(),
  )
  await balancesAddUp(trader, id, sandbox, keys)
}

/** Per asset: what the account began with, plus our fills, minus our fees, is what the exchange says that it holds. */
async function balancesAddUp(trader: Trader, id: string, sandbox: Sandbox, keys: Keys): Promise<void> {
  const fills = await trader.trades(id)
  const signed = (fill: Answer) => (fill.side === 'BUY' ? 1 : -1)
  const feesIn = (asset: string) =>
    sum(fills.filter((fill) => fill.feeCurrency === asset).map((fill) => new Exact(fill.fee)))
  const base = sum(fills.map((fill) => new Exact(fill.amount).times(signed(fill))))
  const quote = sum(fills.map((fill) => new Exact(fill.amount).times(fill.price).times(-signed(fill))))
  const expected: Record<string, string> = {
    BTC: base.minus(feesIn('BTC')).toFixed(),
    USDT: quote.plus(10_000).minus(feesIn('USDT')).toFixed(),
  }
  const held: Record<string, string> = { BTC: '0', USDT: '0' }
  for (const { asset, free, locked } of await sandbox.balances(keys))
    if (asset in held) held[asset] = new Exact(free).plus(locked).toFixed()
  expect(held).toEqual(expected)
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
