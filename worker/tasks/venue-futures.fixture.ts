import { expect } from 'vitest'
import { z } from 'zod'
import { decimal, plain, ZERO } from '#trading/domain/money.ts'
import { control } from '../exchange/sandbox.fixture.ts'
import type { Engine } from './engine.fixture.ts'

/** The sandbox's own word on the futures side of one account, and the comparison of a bot's books with it. */
export function makeVenueFutures(engine: Engine, sandboxUrl: string, venueKey: string) {
  const rowsOf = async <T extends z.ZodType>(path: string, shape: T): Promise<z.infer<T>[]> =>
    z.array(shape).parse(await control(sandboxUrl, 'GET', `/sandbox/futures/${path}?account=${venueKey}`))
  const orders = () => rowsOf('orders', orderShape)
  const stops = () => rowsOf('algoOrders', algoShape)
  const trades = () => rowsOf('trades', tradeShape)
  const incomes = () => rowsOf('income', incomeShape)

  async function position() {
    const [row] = await rowsOf('positions', positionShape)
    return row ?? null
  }

  /** Orders, stops, fills, fees and, once flat, the profit: the books against the exchange's own, to the last digit. */
  async function expectToAgree(botId: string): Promise<void> {
    const sent = (await engine.orders(botId)).filter((order) => order.exchange_order_id !== null)
    const plainOrders = sent.filter((order) => order.purpose !== 'PROTECTIVE_STOP')
    const theirs = await orders()
    const ofStops = new Set((await stops()).map(({ actualOrderId }) => actualOrderId))
    expect(
      plainOrders.map((order) => [order.client_order_id, order.side, order.status, text(order.filled)]),
    ).toEqual(
      theirs
        .filter(({ orderId }) => !ofStops.has(String(orderId)))
        .map((order) => [order.clientOrderId, order.side, order.status, text(order.executedQty)]),
    )
    expect(
      sent.filter((order) => order.purpose === 'PROTECTIVE_STOP').map((stop) => stop.client_order_id),
    ).toEqual((await stops()).map(({ clientAlgoId }) => clientAlgoId))
    const fills = await engine.fills(botId)
    const done = await trades()
    expect(
      fills.map((fill) => [
        fill.trade_id,
        fill.side,
        text(fill.amount),
        text(fill.price),
        text(fill.fee),
        fill.fee_currency,
      ]),
    ).toEqual(
      done.map((trade) => [
        String(trade.id),
        trade.side,
        text(trade.qty),
        text(trade.price),
        text(trade.commission),
        trade.commissionAsset,
      ]),
    )
    const [held, there] = [await engine.openPosition(botId), await position()]
    const signed = held === null ? ZERO : decimal(held.amount).times(held.side === 'BUY' ? 1 : -1)
    expect(plain(signed)).toBe(there === null ? '0' : text(there.amount))
    if (held !== null) return
    const made = (await incomes())
      .filter(({ incomeType }) => incomeType !== 'TRANSFER')
      .reduce((sum, { income }) => sum.plus(income), ZERO)
    expect(text((await engine.state(botId)).realized_pnl)).toBe(plain(made))
  }

  return { orders, stops, trades, incomes, position, expectToAgree }
}

const text = (value: string) => plain(decimal(value))

const orderShape = z.object({
  orderId: z.number(),
  clientOrderId: z.string(),
  side: z.string(),
  status: z.string(),
  executedQty: z.string(),
  reduceOnly: z.boolean(),
})
const algoShape = z.object({
  clientAlgoId: z.string(),
  side: z.string(),
  algoStatus: z.string(),
  actualOrderId: z.string(),
  triggerPrice: z.string(),
  workingType: z.string(),
  reduceOnly: z.boolean(),
})
const tradeShape = z.object({
  id: z.number(),
  side: z.string(),
  qty: z.string(),
  price: z.string(),
  commission: z.string(),
  commissionAsset: z.string(),
})
const incomeShape = z.object({ incomeType: z.string(), income: z.string() })
const positionShape = z.object({
  amount: z.string(),
  leverage: z.coerce.number(),
  isolated: z.boolean(),
})
