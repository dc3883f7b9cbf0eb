import { Decimal } from 'decimal.js'
import { expect } from 'vitest'
import type { Answer } from './api.ts'
import type { Keys, Sandbox } from './sandbox.ts'
import type { Trader } from './trader.ts'

const Exact = Decimal.clone({ precision: 60 })
const sum = (values: Decimal[]) => values.reduce((total, value) => total.plus(value), new Exact(0))
/** Plain notation without trailing zeros, as the API writes decimals. */
const plain = (text: string) => new Exact(text).toFixed()

/**
 * The exchange's orders of this account are ours under the same ids, its fills are ours to the last digit, and its balances add up. The
 * account belongs to one bot.
 */
export async function booksEqualTheExchanges(
  trader: Trader,
  id: string,
  sandbox: Sandbox,
  keys: Keys,
  market: { base: string; symbol: string },
): Promise<void> {
  const ours: Answer[] = await trader.orders(id)
  const theirs = await sandbox.allOrders(keys, market.symbol)
  const identity = (clientOrderId: string, orderId: string) => `${clientOrderId} ${orderId}`
  expect(
    ours
      .filter((order) => order.status !== 'NOT_PLACED' && order.status !== 'REJECTED')
      .map((order) => identity(order.clientOrderId, order.exchangeOrderId))
      .toSorted(),
  ).toEqual(theirs.map((order) => identity(order.clientOrderId, String(order.orderId))).toSorted())

  const exchangeId = new Map(ours.map((order) => [order.id, order.exchangeOrderId]))
  const fills = await sandbox.myTrades(keys, market.symbol)
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
  await balancesAddUp(trader, id, sandbox, keys, market.base)
}

/** Per asset: what the account began with, plus our fills, minus our fees, is what the exchange says that it holds. */
async function balancesAddUp(
  trader: Trader,
  id: string,
  sandbox: Sandbox,
  keys: Keys,
  asset: string,
): Promise<void> {
  const fills = await trader.trades(id)
  const signed = (fill: Answer) => (fill.side === 'BUY' ? 1 : -1)
  const feesIn = (currency: string) =>
    sum(fills.filter((fill) => fill.feeCurrency === currency).map((fill) => new Exact(fill.fee)))
  const base = sum(fills.map((fill) => new Exact(fill.amount).times(signed(fill))))
  const quote = sum(fills.map((fill) => new Exact(fill.amount).times(fill.price).times(-signed(fill))))
  const expected: Record<string, string> = {
    [asset]: base.minus(feesIn(asset)).toFixed(),
    USDT: quote.plus(10_000).minus(feesIn('USDT')).toFixed(),
  }
  const held: Record<string, string> = { [asset]: '0', USDT: '0' }
  for (const { asset: name, free, locked } of await sandbox.balances(keys))
    if (name in held) held[name] = new Exact(free).plus(locked).toFixed()
  expect(held).toEqual(expected)
}
