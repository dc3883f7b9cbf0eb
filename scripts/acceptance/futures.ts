import { Decimal } from 'decimal.js'
import { expect } from 'vitest'
import type { Answer } from './api.ts'
import type { Keys, Sandbox } from './sandbox.ts'
import type { System } from './system.ts'
import { signUp, type Trader } from './trader.ts'
import { until } from './until.ts'
import { makeWaves } from './waves.ts'

const Exact = Decimal.clone({ precision: 60 })
const sum = (values: (string | Decimal)[]) =>
  values.reduce<Decimal>((total, value) => total.plus(value), new Exact(0))

const SYMBOL = 'ETHUSDT'
/** What a LONG and a SHORT bot have in common: no money in the futures wallet, so that the first entry has to move some. */
const futuresBot = {
  mode: 'LIVE',
  symbol: 'ETH/USDT:USDT',
  positionType: 'FUTURES',
  leverage: 5,
  initialCapital: '1000',
  positionSizeFixed: '100',
  stopLossPerc: '5',
  autoTransferFunds: true,
  transferAmount: '250.5',
}

/**
 * A LIVE futures bot LONG and one SHORT, each with a key of its own and with transfers on, make round trips and are paid or charged funding;
 * orders, fills, funding, transfers and balances equal the exchange's.
 */
export async function tradeFutures(system: System, sandbox: Sandbox): Promise<void> {
  const trader = await signUp(system.url)
  const bots = await Promise.all(
    (['LONG', 'SHORT'] as const).map(async (direction) => {
      const keys = await sandbox.newAccount()
      const apiKeyId = await trader.addKey(keys)
      const bot = await trader.createBot({ ...futuresBot, direction, apiKeyId })
      await trader.start(bot.id)
      return { id: String(bot.id), keys, direction }
    }),
  )
  const waves = makeWaves(sandbox, SYMBOL, { everySeconds: 5 })
  waves.start()
  try {
    await Promise.all(bots.map((bot) => isFundedWhileItHolds(trader, sandbox, bot)))
    await Promise.all(bots.map(({ id }) => makesRoundTrips(trader, id, 2)))
  } finally {
    await waves.stop()
  }
  for (const { id, keys, direction } of bots) {
    await trader.stop(id, 'CLOSE')
    await trader.botWhen(id, 'is flat', (now) => !now.state.closing && now.position === null)
    // A start compares the books with the account, funding included.
    await trader.start(id)
    await trader.botWhen(id, 'runs again', (now) => now.state.status === 'RUNNING')
    await trader.stop(id, 'CLOSE')
    await trader.botWhen(id, 'is flat again', (now) => !now.state.closing && now.position === null)
    await futuresBooksEqualTheExchanges(trader, id, sandbox, keys, direction)
  }
  await trader.api.close()
}

/** Settles fundings until one was due on a position of the bot's. */
async function isFundedWhileItHolds(
  trader: Trader,
  sandbox: Sandbox,
  { id, keys }: { id: string; keys: Keys },
): Promise<void> {
  await until(
    `bot ${id} holds a position when funding is settled`,
    async () => {
      if ((await trader.bot(id)).position === null) return false
      await sandbox.settleFunding(SYMBOL, '0.0005')
      return (await sandbox.futuresIncome(keys)).some((income) => income.incomeType === 'FUNDING_FEE')
    },
    60_000,
    500,
  )
}

async function makesRoundTrips(trader: Trader, id: string, trips: number): Promise<void> {
  await until(
    `bot ${id} has made ${trips} round trips`,
    async () => {
      const filled = (await trader.orders(id)).filter((order) => order.status === 'FILLED')
      const entries = filled.filter((order) => order.purpose === 'ENTRY').length
      return entries >= trips && filled.length - entries >= trips
    },
    90_000,
    500,
  )
}

async function futuresBooksEqualTheExchanges(
  trader: Trader,
  id: string,
  sandbox: Sandbox,
  keys: Keys,
  direction: 'LONG' | 'SHORT',
): Promise<void> {
  const ours: Answer[] = await trader.orders(id)
  const sent = ours.filter((order) => order.status !== 'NOT_PLACED' && order.status !== 'REJECTED')
  const theirs = await sandbox.futuresOrders(keys)
  const conditional = await sandbox.futuresAlgoOrders(keys)
  // A stop is a conditional order until it is triggered, with a number of its own.
  const stops = sent.filter((order) => order.purpose === 'PROTECTIVE_STOP')
  expect(stops.map((order) => order.clientOrderId).toSorted()).toEqual(
    conditional.map((order) => order.clientAlgoId).toSorted(),
  )
  const plainOrders = sent.filter((order) => order.purpose !== 'PROTECTIVE_STOP')
  const triggered = new Set(conditional.map((order) => String(order.actualOrderId)))
  expect(
    plainOrders.map(({ clientOrderId, exchangeOrderId }) => `${clientOrderId} ${exchangeOrderId}`).toSorted(),
  ).toEqual(
    theirs
      .filter((order) => !triggered.has(String(order.orderId)))
      .map((order) => `${order.clientOrderId} ${order.orderId}`)
      .toSorted(),
  )
  const entrySide = direction === 'LONG' ? 'BUY' : 'SELL'
  for (const order of sent) expect(order.side === entrySide).toBe(order.purpose === 'ENTRY')

  const fills = await sandbox.futuresTrades(keys)
  const ourFills: Answer[] = await trader.trades(id)
  expect(
    ourFills.map(({ side, amount, price, fee }) => [side, amount, price, fee].join(' ')).toSorted(),
  ).toEqual(
    fills
      .map(({ side, qty, price, commission }) =>
        [side, plain(qty), plain(price), plain(commission)].join(' '),
      )
      .toSorted(),
  )

  const { bot } = await trader.api.ask(
    `query ($id: ID!) { bot(id: $id) { state { equity totalPnl } fundings(last: 100) { amount } days(last: 2) { funding realizedPnl unrealizedPnl }
       transfers(last: 100) { fromWallet toWallet amount currency status exchangeTransferId } } }`,
    { id },
  )
  const paid = (await sandbox.futuresIncome(keys)).filter((income) => income.incomeType === 'FUNDING_FEE')
  expect(paid.length).toBeGreaterThan(0)
  expect(bot.fundings.map((funding: Answer) => funding.amount).toSorted()).toEqual(
    paid.map((income) => plain(income.income)).toSorted(),
  )
  const moved = await sandbox.transfers(keys)
  expect(
    bot.transfers
      .map((one: Answer) => [one.exchangeTransferId, one.status, one.fromWallet, one.amount].join(' '))
      .toSorted(),
  ).toEqual(
    moved
      .map((one) =>
        [one.tranId, 'DONE', one.type === 'MAIN_UMFUTURE' ? 'SPOT' : 'FUTURES', plain(one.amount)].join(' '),
      )
      .toSorted(),
  )
  expect(moved.length, 'the first entry had to move money').toBeGreaterThan(0)

  // What the wallets hold is what was moved, and what the fills, fees and fundings of the books made of it.
  const intoFutures = sum(moved.map(({ amount }) => amount))
  const [account] = await sandbox.accounts(keys)
  expect(sum(account?.balances.map(({ free, locked }) => new Exact(free).plus(locked)) ?? []).toFixed()).toBe(
    new Exact(10_000).minus(intoFutures).toFixed(),
  )
  const profit = sum([
    ...ourFills.map(({ side, amount, price, fee }) =>
      new Exact(amount)
        .times(price)
        .times(side === 'SELL' ? 1 : -1)
        .minus(fee),
    ),
    ...bot.fundings.map((funding: Answer) => funding.amount),
  ])
  expect(bot.state.totalPnl, 'profit is fills, fees and fundings, and no transfer').toBe(profit.toFixed())
  expect(new Exact(account?.futures.balance ?? 0).toFixed(), 'the futures wallet').toBe(
    intoFutures.plus(profit).toFixed(),
  )
  expect(sum(bot.days.flatMap((day: Answer) => [day.realizedPnl, day.unrealizedPnl])).toFixed()).toBe(
    profit.toFixed(),
  )
}

/** Plain notation without trailing zeros, as the API writes decimals. */
const plain = (text: string) => new Exact(text).toFixed()
