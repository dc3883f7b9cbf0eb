import { plain } from '#trading/domain/money.ts'
import type { Core, CoreOrder } from './core.ts'
import { collarOf, krakenUid } from './krakenfutures-rows.ts'

const ACCOUNT = '406142dd-7c5c-4a8b-acbc-5f16eca30009'
/** What the history gives at once. */
const PAGE = 100

/** The history API: events of orders and of triggers, executions with their fees, and the account's log. */
export function krakenPast(path: string, asked: URLSearchParams, core: Core): unknown {
  const since = Number(asked.get('since') ?? 0)
  if (path === 'account-log') return { accountUid: ACCOUNT, logs: logsOf(core, since, asked) }
  const all =
    path === 'orders' ? orderEvents(core) : path === 'triggers' ? triggerEvents(core) : executions(core)
  const found = all
    .filter(({ timestamp, tradeable }) => timestamp >= since && tradeable === asked.get('tradeable'))
    .toSorted((a, b) => a.timestamp - b.timestamp)
  const from = Number(Buffer.from(asked.get('continuation_token') ?? '', 'base64').toString() || 0)
  const elements = found
    .slice(from, from + PAGE)
    .map(({ uid, timestamp, event }) => ({ uid, timestamp, event }))
  const more = from + PAGE < found.length
  return {
    ...{ accountUid: ACCOUNT, len: elements.length, elements },
    ...(more && { continuationToken: Buffer.from(String(from + PAGE)).toString('base64') }),
  }
}

type Element = { uid: string; timestamp: number; tradeable: string; event: unknown }

function element(core: Core, order: CoreOrder, timestamp: number, event: unknown): Element {
  const tradeable = core.market(order.symbol)?.id ?? ''
  return {
    uid: krakenUid(`9${order.id}${Object.keys(event as object)[0]?.length ?? 0}`.slice(-20)),
    timestamp,
    tradeable,
    event,
  }
}

/** `quantity` is what is left of it. */
function pastOrder(order: CoreOrder, core: Core) {
  const trigger = order.stopPrice !== null
  const type = order.liquidation ? 'Liquidation' : order.type === 'MARKET' ? 'Market' : 'IoC'
  return {
    ...{ uid: krakenUid(order.id), accountUid: ACCOUNT, tradeable: core.market(order.symbol)?.id },
    direction: order.side === 'BUY' ? 'Buy' : 'Sell',
    ...{
      quantity: plain(order.amount.minus(order.filled)),
      filled: plain(order.filled),
      timestamp: order.createdAt,
    },
    limitPrice: trigger ? '' : plain(collarOf(order, core)),
    ...{
      orderType: type,
      clientId: order.clientId ?? '',
      reduceOnly: order.reduceOnly,
      lastUpdateTimestamp: order.updatedAt,
    },
  }
}

function orderEvents(core: Core): Element[] {
  return core.shown().flatMap((order) => {
    if (order.stopPrice !== null && order.triggeredId === null) return []
    const past = pastOrder(order, core)
    const at = order.stopPrice === null ? order.createdAt : order.updatedAt
    const placed = element(core, order, at, {
      OrderPlaced: {
        order: past,
        reason: 'new_user_order',
        reducedQuantity: '',
        algoId: '',
        origin: 'Public API',
      },
    })
    if (order.status === 'EXPIRED' && order.filled.isZero())
      return [
        element(core, order, at, {
          OrderRejected: {
            order: past,
            orderError: 'IOC_WOULD_NOT_EXECUTE',
            reason: 'ioc_would_not_execute',
          },
        }),
      ]
    if (order.status === 'EXPIRED' || order.status === 'CANCELED')
      return [
        placed,
        element(core, order, order.updatedAt, {
          OrderCancelled: { order: past, reason: 'cancelled_by_user' },
        }),
      ]
    return [placed]
  })
}

function triggerEvents(core: Core): Element[] {
  return core.shown().flatMap((order) => {
    if (order.stopPrice === null) return []
    const { filled: _, ...past } = pastOrder(order, core)
    const trigger = {
      ...past,
      quantity: plain(order.amount),
      triggerOptions: {
        ...{ triggerPrice: plain(order.stopPrice), triggerSignal: 'MarkPrice' },
        triggerSide: order.waitsFor === 'FALL' ? 'Below' : 'Above',
      },
    }
    const told = { order: trigger, reason: 'new_user_order', algoId: '', origin: 'Public API' }
    const events = [element(core, order, order.createdAt, { OrderTriggerPlaced: told })]
    if (order.triggeredId !== null)
      events.push(element(core, order, order.updatedAt - 1, { OrderTriggerActivated: { order: trigger } }))
    else if (order.status === 'CANCELED')
      events.push(
        element(core, order, order.updatedAt, {
          OrderTriggerCancelled: { ...told, reason: 'cancelled_by_user' },
        }),
      )
    return events
  })
}

function executions(core: Core): Element[] {
  return core.shown().flatMap((order) =>
    order.fills.map((fill) =>
      element(core, order, fill.at, {
        Execution: {
          execution: {
            uid: krakenUid(fill.id),
            order: pastOrder(order, core),
            ...{ timestamp: fill.at, quantity: plain(fill.amount), price: plain(fill.price) },
            ...{ markPrice: plain(core.mark(fill.symbol)), executionType: 'taker', limitFilled: false },
            usdValue: fill.amount.times(fill.price).toFixed(2),
            orderData: { fee: plain(fill.fee), positionSize: plain(fill.amount), feeCalculationInfo: [] },
          },
          takerReducedQuantity: '',
        },
      }),
    ),
  )
}

/** Each trade has two rows, of the money and of the position; fundings have one. Numbers are JSON's. */
function logsOf(core: Core, since: number, asked: URLSearchParams): unknown[] {
  const base = {
    execution: null,
    fee: null,
    realized_pnl: null,
    trade_price: null,
    margin_account: 'flex',
    collateral: null,
  }
  const contract = (symbol: string) => core.market(symbol)?.id.toLowerCase() ?? ''
  const trades = core.fills().flatMap((fill) =>
    ['usd', contract(fill.symbol)].map((asset) => ({
      ...base,
      ...{
        asset,
        contract: contract(fill.symbol),
        at: fill.at,
        info: 'futures trade',
        realized_funding: null,
      },
      ...{ booking_uid: krakenUid(`7${fill.id}`), execution: krakenUid(fill.id), fee: fill.fee.toNumber() },
    })),
  )
  const fundings = core.funds.fundings.map((one) => ({
    ...base,
    ...{ asset: 'usd', contract: contract(one.symbol), at: one.at, info: 'funding rate change' },
    ...{
      booking_uid: krakenUid(one.id),
      realized_funding: one.amount.toNumber(),
      funding_rate: one.rate.toNumber(),
    },
  }))
  return [...trades, ...fundings]
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, ...row }, index) => ({ ...row, id: index + 1, date: new Date(at).toISOString() }))
    .filter((row) => Date.parse(row.date) >= since && row.id >= Number(asked.get('from') ?? 1))
    .slice(0, Number(asked.get('count') ?? 500))
}
