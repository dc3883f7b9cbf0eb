import { expect } from 'vitest'
import { z } from 'zod'
import { type Decimal, decimal, plain, ZERO } from '#trading/domain/money.ts'
import { control } from '../exchange/sandbox.fixture.ts'
import type { Engine } from './engine.fixture.ts'

/** The sandbox's own word on one account, and the comparison of a bot's books with it. */
export function makeVenueBooks(engine: Engine, sandboxUrl: string, venueKey: string) {
  const venueOrders = async () =>
    orderShape.parse(await control(sandboxUrl, 'GET', `/sandbox/orders?account=${venueKey}`))
  const venueTrades = async () =>
    tradeShape.parse(await control(sandboxUrl, 'GET', `/sandbox/trades?account=${venueKey}`))
  async function venueBalance(asset: string): Promise<Decimal> {
    const [account] = accountShape.parse(
      await control(sandboxUrl, 'GET', `/sandbox/accounts?account=${venueKey}`),
    )
    const row = account?.balances.find((balance) => balance.asset === asset)
    return row === undefined ? ZERO : decimal(row.free).plus(row.locked)
  }

  /** Every order and fill of the books against the exchange's own, to the last digit, and the balances against the fills. */
  async function expectBooksToAgree(botId: string): Promise<void> {
    const sent = (await engine.orders(botId)).filter((order) => order.exchange_order_id !== null)
    const theirs = await venueOrders()
    expect(
      sent.map((order) => [
        order.client_order_id,
        order.exchange_order_id,
        order.side,
        order.status,
        plain(decimal(order.filled)),
      ]),
    ).toEqual(
      theirs.map((order) => [
        order.clientOrderId,
        String(order.orderId),
        order.side,
        order.status,
        plain(decimal(order.executedQty)),
      ]),
    )
    const fills = await engine.fills(botId)
    const trades = await venueTrades()
    expect(
      fills.map((fill) => [
        fill.trade_id,
        fill.exchange_order_id,
        fill.side,
        text(fill.amount),
        text(fill.price),
        text(fill.fee),
        fill.fee_currency,
      ]),
    ).toEqual(
      trades.map((trade) => [
        String(trade.id),
        String(trade.orderId),
        trade.isBuyer ? 'BUY' : 'SELL',
        text(trade.qty),
        text(trade.price),
        text(trade.commission),
        trade.commissionAsset,
      ]),
    )
    let [btc, usdt] = [ZERO, decimal(10_000)]
    for (const fill of fills) {
      const sign = fill.side === 'BUY' ? 1 : -1
      btc = btc.plus(decimal(fill.amount).times(sign))
      usdt = usdt.minus(decimal(fill.amount).times(fill.price).times(sign))
      if (fill.fee_currency === 'BTC') btc = btc.minus(fill.fee)
      else usdt = usdt.minus(fill.fee)
    }
    expect(plain(await venueBalance('BTC'))).toBe(plain(btc))
    expect(plain(await venueBalance('USDT'))).toBe(plain(usdt))
    const position = await engine.openPosition(botId)
    const { dust_amount } = await engine.state(botId)
    expect(
      plain(decimal(position?.amount ?? '0').plus(dust_amount)),
      'position and dust are what the account holds',
    ).toBe(plain(btc))
  }

  /** Flat: what the bot says that it made is what the account has more or less, its dust at the value it was booked at. */
  async function expectMoneyToAddUp(botId: string): Promise<void> {
    const state = await engine.state(botId)
    const gained = (await venueBalance('USDT')).minus(10_000)
    expect(plain(decimal(state.realized_pnl))).toBe(plain(gained.plus(state.dust_cost)))
    expect(text(state.equity)).toBe(plain(decimal(1000).plus(state.realized_pnl)))
  }

  return { venueOrders, venueBalance, expectBooksToAgree, expectMoneyToAddUp }
}

const text = (value: string) => plain(decimal(value))

const orderShape = z.array(
  z.object({
    orderId: z.number(),
    clientOrderId: z.string(),
    side: z.string(),
    status: z.string(),
    executedQty: z.string(),
  }),
)
const tradeShape = z.array(
  z.object({
    id: z.number(),
    orderId: z.number(),
    price: z.string(),
    qty: z.string(),
    commission: z.string(),
    commissionAsset: z.string(),
    isBuyer: z.boolean(),
  }),
)
const accountShape = z.array(
  z.object({ balances: z.array(z.object({ asset: z.string(), free: z.string(), locked: z.string() })) }),
)
