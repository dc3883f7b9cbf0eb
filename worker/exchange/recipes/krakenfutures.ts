import { VenueError, type VenueFill, type VenueOrder, type VenuePosition } from '#trading/domain/exchange.ts'
import { decimal, plain, type Decimal } from '#trading/domain/money.ts'
import { toVenueError } from '../errors.ts'
import { withoutOwnPace } from './kraken-pace.ts'
import { build, readPlaced } from './krakenfutures-orders.ts'
import type { FuturesFill } from './krakenfutures-past-shapes.ts'
import { executions, fundingRows, orderOf, pastEvents } from './krakenfutures-history.ts'
import {
  accountsAnswer,
  cancelAnswer,
  leverageAnswer,
  openOrdersAnswer,
  positionsAnswer,
  statusAnswer,
  whole,
  type FuturesRow,
} from './krakenfutures-shapes.ts'
import type { Desk, FuturesRecipe, OrderQuestion, Recipe, RecipeMarket } from './recipe.ts'

/** An order's first event may bear a time that is a little before the one that its row tells. */
const SLACK_MS = 2_000

const futures: FuturesRecipe = {
  build,
  readPlaced,
  looks: {
    STATUS_CLIENT_ID: (desk, market, question) =>
      fromStatus(
        desk,
        market,
        question,
        { cliOrdIds: question.clientOrderId },
        (row) => row.order.clientOrderId === question.clientOrderId,
      ),
    STATUS_VENUE_ID: (desk, market, question) =>
      fromStatus(
        desk,
        market,
        question,
        { orderIds: question.exchangeOrderId },
        (row) => row.order.exchangeOrderId === question.exchangeOrderId,
      ),
    OPEN: async (desk, market, question) => {
      const row = (await openRows(desk, market)).find((one) => isAsked(one.order, question))
      return row === undefined
        ? null
        : (whole(row) ?? fromHistory(desk, market, question, row.order.exchangeOrderId))
    },
    HISTORY: (desk, market, question) => fromHistory(desk, market, question, null),
  },
  async openOrders(desk, market) {
    const rows = await openRows(desk, market)
    const told = rows.map(whole)
    if (told.every((order) => order !== null)) return told
    // Kraken leaves out of some stops how large they are; the history of their placing tells.
    const since = Math.min(...rows.map(({ order }) => order.createdAt.getTime())) - SLACK_MS
    const past = ordersOf(await pastEvents(desk, market, since))
    return rows.map((row) => {
      const order = whole(row) ?? past.get(row.order.exchangeOrderId)
      if (order === undefined) throw untold(row)
      return order
    })
  },
  async ordersSince(desk, market, since) {
    const open = await openRows(desk, market)
    const orders = ordersOf(await pastEvents(desk, market, since))
    for (const row of open) {
      const order = whole(row)
      if (order !== null) orders.set(order.exchangeOrderId, order)
    }
    return [...orders.values()]
  },
  async fillsOf(desk, market, order) {
    const found = await executions(desk, market, order.createdAt.getTime() - SLACK_MS)
    return found
      .filter((one) => isOf(one, order))
      .map(({ fill }): VenueFill => ({ ...fill, exchangeOrderId: order.exchangeOrderId }))
  },
  fillsSince: async (desk, market, since) => (await executions(desk, market, since)).map(({ fill }) => fill),
  async cancel(desk, _market, { clientOrderId, exchangeOrderId }) {
    const by = exchangeOrderId === null ? { cliOrdId: clientOrderId } : { order_id: exchangeOrderId }
    const answer = cancelAnswer.parse(await desk.ask('private', 'POST', 'cancelorder', by))
    const { status } = answer.cancelStatus
    // Filled, cancelled or expired meanwhile: the look that follows tells which.
    if (!['cancelled', 'filled', 'notFound'].includes(status))
      throw new VenueError('REFUSED', `The order could not be cancelled: ${status}.`)
  },
  async setUp(desk, market, leverage) {
    if ((await leverageOf(desk, market))?.eq(leverage) === true) return
    await desk.client.request('leveragepreferences', 'private', 'PUT', {
      symbol: market.id,
      maxLeverage: leverage,
    })
    const now = await leverageOf(desk, market)
    if (now?.eq(leverage) !== true)
      throw new VenueError(
        'REFUSED',
        `Kraken did not take a leverage of ${leverage} for ${market.symbol}: it is ${now === null ? 'cross margin' : plain(now)}.`,
      )
  },
  async position(desk, market): Promise<VenuePosition | null> {
    const rows = positionsAnswer.parse(await desk.ask('private', 'GET', 'openpositions'))
    const row = rows.find(({ symbol, size }) => symbol.toUpperCase() === market.id && size.gt(0))
    if (row === undefined) return null
    const leverage = row.maxFixedLeverage ?? null
    return {
      side: row.side,
      amount: row.size,
      entryPrice: row.price,
      markPrice: null,
      liquidationPrice: null,
      leverage: leverage?.toNumber() ?? null,
      // A position has a leverage of its own where its margin is its own.
      isolated: leverage !== null,
      margin: null,
    }
  },
  funding: fundingRows,
}

/** Kraken's perpetuals, by ccxt's class `krakenfutures`: linear ones ("PF_XBTUSD"), margined from the account's multi-collateral wallet. */
export const KRAKENFUTURES: Recipe = {
  exchange: 'krakenfutures',
  spot: null,
  futures,
  setUpClient: withoutOwnPace,
  /** One wallet, valued in US dollars whatever lies in it; each currency is told beside. */
  async balance(desk) {
    const { flex } = accountsAnswer.parse(await desk.ask('private', 'GET', 'accounts')).accounts
    const balances = new Map<string, { free: Decimal; total: Decimal }>()
    for (const [name, { quantity, available }] of Object.entries(flex.currencies)) {
      const code = desk.client.safeCurrencyCode(name.toUpperCase())
      if (code !== undefined) balances.set(code, { free: available ?? quantity, total: quantity })
    }
    const free = flex.availableMargin
    balances.set('USD', { free: free.gt(0) ? free : decimal(0), total: flex.balanceValue })
    return balances
  },
  /** Asking to cancel an order that is not there changes nothing, and is refused to a key that may only read. */
  async rights(desk) {
    await desk.ask('private', 'GET', 'accounts')
    const unknown = { canTransfer: null, canWithdraw: null }
    try {
      cancelAnswer.parse(
        await desk.ask('private', 'POST', 'cancelorder', { cliOrdId: 'tradebot-may-this-key-trade' }),
      )
      return { canTrade: true, ...unknown }
    } catch (error) {
      if (toVenueError(error).kind !== 'KEY_REFUSED') throw error
      return { canTrade: false, ...unknown }
    }
  },
}

/**
 * What rests, and what was over within the last five seconds. Kraken's documents have it as POST, ccxt as GET only: it is signed by ccxt all
 * the same. A row that was filled is told whole by the history alone, where that has it already.
 */
async function fromStatus(
  desk: Desk,
  market: RecipeMarket,
  question: OrderQuestion,
  by: object,
  isIt: (row: FuturesRow) => boolean,
): Promise<VenueOrder | null> {
  const rows = statusAnswer.parse(await desk.ask('private', 'POST', 'orders/status', by))
  const row = rows.find((one) => one.symbol.toUpperCase() === market.id && isIt(one))
  if (row === undefined) return null
  if (row.order.status === 'OPEN') return whole(row)
  // How large it is in all stands among the open ones, which are asked for next.
  if (row.order.status === 'PARTIALLY_FILLED') return null
  return (await fromHistory(desk, market, question, row.order.exchangeOrderId)) ?? whole(row)
}

async function fromHistory(
  desk: Desk,
  market: RecipeMarket,
  question: OrderQuestion,
  exchangeOrderId: string | null,
): Promise<VenueOrder | null> {
  const orders = [...ordersOf(await pastEvents(desk, market, question.since)).values()]
  return (
    orders.find((order) =>
      exchangeOrderId === null ? isAsked(order, question) : order.exchangeOrderId === exchangeOrderId,
    ) ?? null
  )
}

function isAsked(
  order: Pick<VenueOrder, 'clientOrderId' | 'exchangeOrderId'>,
  { clientOrderId, exchangeOrderId }: OrderQuestion,
): boolean {
  return order.clientOrderId === clientOrderId || order.exchangeOrderId === exchangeOrderId
}

/** By its own number, or under our id where a stop went off under another. */
function isOf({ fill, clientOrderId }: FuturesFill, order: VenueOrder): boolean {
  return (
    fill.exchangeOrderId === order.exchangeOrderId ||
    (clientOrderId !== null && clientOrderId === order.clientOrderId && fill.side === order.side)
  )
}

function ordersOf(events: Awaited<ReturnType<typeof pastEvents>>): Map<string, VenueOrder> {
  const orders = new Map<string, VenueOrder>()
  for (const uid of new Set(events.map(({ order }) => order.uid))) {
    const order = orderOf(events.filter((event) => event.order.uid === uid))
    if (order !== null) orders.set(uid, order)
  }
  return orders
}

async function openRows(desk: Desk, market: RecipeMarket): Promise<FuturesRow[]> {
  const rows = openOrdersAnswer.parse(await desk.ask('private', 'GET', 'openorders'))
  return rows.filter(({ symbol }) => symbol.toUpperCase() === market.id)
}

async function leverageOf(desk: Desk, market: RecipeMarket): Promise<Decimal | null> {
  const rows = leverageAnswer.parse(await desk.ask('private', 'GET', 'leveragepreferences'))
  return rows.find(({ symbol }) => symbol.toUpperCase() === market.id)?.maxLeverage ?? null
}

function untold({ order }: FuturesRow): VenueError {
  return new VenueError('UNREADABLE', `Kraken does not tell how large order ${order.exchangeOrderId} is.`)
}
