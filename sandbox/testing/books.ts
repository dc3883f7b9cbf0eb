import { expect } from 'vitest'
import { ceil8, Money, ZERO } from '../money.ts'
import { accountSchema, type Client, type Keys, orderSchema, tradeSchema } from './client.ts'

/**
 * Holds an account of BTCUSDT to its books: per asset, start + fills - fees is free + locked, and locked is what
 * its open limit orders still have to give. Returns how many trades it made.
 */
export const checkBooks = async (
  client: Client,
  keys: Keys,
  initial: Record<string, string>,
  looksLeft = 50,
): Promise<number> => {
  const ask = async (path: string) => (await client.signed(keys, 'GET', path, { symbol: 'BTCUSDT' })).body
  const openBefore = orderSchema.array().parse(await ask('/api/v3/openOrders'))
  const account = accountSchema.parse(await ask('/api/v3/account'))
  const truth = await client.control('GET', `/sandbox/trades?account=${keys.apiKey}`)
  const openAfter = orderSchema.array().parse(await ask('/api/v3/openOrders'))
  // A fill between the looks (they come over time): look again.
  if (JSON.stringify(openBefore) !== JSON.stringify(openAfter)) {
    if (looksLeft === 0) throw new Error('the account does not come to rest')
    return checkBooks(client, keys, initial, looksLeft - 1)
  }

  const trades = tradeSchema.array().parse(truth.body)
  const owned = new Map<string, Money>(Object.entries(initial).map(([asset, v]) => [asset, new Money(v)]))
  const add = (asset: string, amount: Money) => owned.set(asset, (owned.get(asset) ?? ZERO).plus(amount))
  for (const trade of trades) {
    expect(trade.quoteQty.toFixed(8)).toBe(trade.price.mul(trade.qty).toFixed(8))
    add('BTC', trade.isBuyer ? trade.qty : trade.qty.neg())
    add('USDT', trade.isBuyer ? trade.quoteQty.neg() : trade.quoteQty)
    add(trade.commissionAsset, trade.commission.neg())
  }
  const due = new Map<string, Money>()
  const unforeseen = new Set<string>()
  for (const order of openBefore) {
    const left = order.origQty.minus(order.executedQty)
    const asset = order.side === 'BUY' ? 'USDT' : 'BTC'
    // A stop at the market reserves at its stop price; a market order in pieces, what its pieces cost.
    const price = order.price.gt(0) ? order.price : order.isWorking ? undefined : order.stopPrice
    if (order.side === 'BUY' && price === undefined) {
      unforeseen.add(asset)
      continue
    }
    const amount = order.side === 'BUY' && price ? ceil8(price.mul(left)) : left
    due.set(asset, (due.get(asset) ?? ZERO).plus(amount))
  }
  for (const { asset, free, locked } of account.balances) {
    expect(free.plus(locked).toFixed(8), asset).toBe((owned.get(asset) ?? ZERO).toFixed(8))
    expect(free.gte(0) && locked.gte(0), asset).toBe(true)
    if (unforeseen.has(asset)) continue
    expect(locked.toFixed(8), `locked ${asset}`).toBe((due.get(asset) ?? ZERO).toFixed(8))
  }
  return trades.length
}
