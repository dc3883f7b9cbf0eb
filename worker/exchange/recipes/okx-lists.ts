import { VenueError, type VenueFill, type VenueOrder } from '#trading/domain/exchange.ts'
import type { z } from 'zod'
import { isNoSuchOrder } from '../errors.ts'
import { onlyOf } from './fields.ts'
import {
  childOf,
  okxAlgoRow,
  type OkxAlgoRow,
  okxFill,
  okxFillRow,
  okxOrder,
  okxOrderRow,
  type OkxOrderRow,
  okxStop,
  rowsOf,
} from './okx-shapes.ts'
import { allPages } from './pages.ts'
import type { Desk, RecipeMarket } from './recipe.ts'

const PAGE = 100
/** Shorter than the week and the three days that the quick lists go back. */
const RECENT_ORDERS_MS = 6 * 86_400_000
const RECENT_FILLS_MS = 2 * 86_400_000
/** What was cancelled without a fill is shown for two hours. */
const EMPTY_SHOWN_MS = 2 * 3_600_000

const typeOf = ({ settle }: RecipeMarket) => (settle === null ? 'SPOT' : 'SWAP')

const orderRows = rowsOf(okxOrderRow)
const algoRows = rowsOf(okxAlgoRow)
const fillRows = rowsOf(okxFillRow)

/** An order under its own number or ours; null: there is none. A stop's own order is no order apart. */
export async function orderBy(
  desk: Desk,
  market: RecipeMarket,
  by: { ordId: string } | { clOrdId: string },
): Promise<OkxOrderRow | null> {
  return orNone(async () => {
    const rows = orderRows.parse(
      await desk.ask('private', 'GET', 'trade/order', { instId: market.id, ...by }),
    )
    return only(market, rows)
  })
}

export async function algoBy(
  desk: Desk,
  market: RecipeMarket,
  by: { algoId: string } | { algoClOrdId: string },
): Promise<OkxAlgoRow | null> {
  return orNone(async () =>
    only(market, algoRows.parse(await desk.ask('private', 'GET', 'trade/order-algo', by))),
  )
}

/** A stop, with the order that it became. @throws VenueError UNREADABLE while that one does not show */
export async function wholeStop(
  desk: Desk,
  market: RecipeMarket,
  row: OkxAlgoRow,
  known: readonly OkxOrderRow[] = [],
): Promise<VenueOrder> {
  const ordId = childOf(row)
  if (ordId === null) return okxStop(row, null, market)
  const child = known.find((one) => one.ordId === ordId) ?? (await orderBy(desk, market, { ordId }))
  if (child !== null) return okxStop(row, okxOrder(child, market), market)
  const age = desk.venue.clock.now() - Number(row.triggerTime === '' ? row.cTime.getTime() : row.triggerTime)
  if (age > EMPTY_SHOWN_MS) return { ...okxStop({ ...row, state: 'canceled' }, null, market) }
  throw new VenueError('UNREADABLE', `The order ${ordId} that stop ${row.algoId} became does not show yet.`)
}

/** Rows of orders as orders: what a stop became is told as the stop. */
export async function wholeOrders(
  desk: Desk,
  market: RecipeMarket,
  rows: readonly OkxOrderRow[],
  stops: readonly OkxAlgoRow[],
): Promise<VenueOrder[]> {
  const all: VenueOrder[] = []
  const told = new Set<string>()
  for (const row of rows) {
    if (row.algoId === '') {
      all.push(okxOrder(row, market))
      continue
    }
    const stop =
      stops.find(({ algoId }) => algoId === row.algoId) ??
      (await algoBy(desk, market, { algoId: row.algoId }))
    // Of another kind than ours (a trigger, a trail): the order is what can be told.
    if (stop === null || stop.ordType !== 'conditional') all.push(okxOrder(row, market))
    else if (!told.has(stop.algoId)) {
      told.add(stop.algoId)
      all.push(await wholeStop(desk, market, stop, rows))
    }
  }
  for (const stop of stops) if (!told.has(stop.algoId)) all.push(await wholeStop(desk, market, stop, rows))
  return all
}

export async function restingOrders(desk: Desk, market: RecipeMarket): Promise<VenueOrder[]> {
  const asked = { instType: typeOf(market), instId: market.id }
  const stops = await algoPages(desk, market, 'trade/orders-algo-pending', asked)
  const rows = await orderPages(desk, market, 'trade/orders-pending', asked)
  return wholeOrders(desk, market, rows, stops)
}

/** Orders of any status since then. */
export async function ordersSince(desk: Desk, market: RecipeMarket, since: number): Promise<VenueOrder[]> {
  const asked = { instType: typeOf(market), instId: market.id }
  const stops: OkxAlgoRow[] = []
  for (const state of ['effective', 'canceled', 'order_failed'])
    stops.push(...(await algoPages(desk, market, 'trade/orders-algo-history', { ...asked, state }, since)))
  stops.push(...(await algoPages(desk, market, 'trade/orders-algo-pending', asked, since)))
  const rows = await ordersListed(desk, market, since)
  const latest = new Map(stops.map((stop) => [stop.algoId, stop]))
  return wholeOrders(desk, market, rows, [...latest.values()])
}

/** Trades, oldest first, those of what a stop became under the stop's number. */
export async function fillsSince(desk: Desk, market: RecipeMarket, since: number): Promise<VenueFill[]> {
  const recent = since > desk.venue.clock.now() - RECENT_FILLS_MS
  const path = recent ? 'trade/fills' : 'trade/fills-history'
  const rows = await fillPages(desk, market, path, { begin: String(Math.floor(since)) })
  if (rows.length === 0) return []
  const listed = await ordersListed(desk, market, since)
  const numbers = new Map(listed.map((order) => [order.ordId, order.algoId]))
  const stops = new Map<string, boolean>()
  const told: VenueFill[] = []
  for (const row of rows) {
    // Placed before then, and filled since.
    if (!numbers.has(row.ordId))
      numbers.set(row.ordId, (await orderBy(desk, market, { ordId: row.ordId }))?.algoId ?? '')
    const algoId = numbers.get(row.ordId) ?? ''
    if (algoId !== '' && !stops.has(algoId))
      stops.set(algoId, (await algoBy(desk, market, { algoId }))?.ordType === 'conditional')
    told.push(okxFill(row, market, stops.get(algoId) === true ? algoId : row.ordId))
  }
  return told
}

/** Trades of one order, told under `exchangeOrderId`. */
export async function fillsOf(
  desk: Desk,
  market: RecipeMarket,
  ordId: string,
  exchangeOrderId: string,
): Promise<VenueFill[]> {
  const recent = await fillPages(desk, market, 'trade/fills', { ordId })
  const rows = recent.length > 0 ? recent : await fillPages(desk, market, 'trade/fills-history', { ordId })
  return rows.map((row) => okxFill(row, market, exchangeOrderId))
}

/** Orders of the book that were placed since then, those of stops among them, and all that rest. */
async function ordersListed(desk: Desk, market: RecipeMarket, since: number): Promise<OkxOrderRow[]> {
  const asked = { instType: typeOf(market), instId: market.id }
  const recent = since > desk.venue.clock.now() - RECENT_ORDERS_MS
  const path = recent ? 'trade/orders-history' : 'trade/orders-history-archive'
  const over = await orderPages(desk, market, path, { ...asked, begin: String(Math.floor(since)) })
  return [...over, ...(await orderPages(desk, market, 'trade/orders-pending', asked))]
}

/** Newest first, as OKX lists them; `after` is the oldest number seen. */
function orderPages(desk: Desk, market: RecipeMarket, path: string, asked: object): Promise<OkxOrderRow[]> {
  return allPages(async (cursor) => {
    const rows = orderRows.parse(await desk.ask('private', 'GET', path, page(asked, cursor)))
    return { rows: ofMarket(market, rows), next: next(rows, ({ ordId }) => ordId) }
  })
}

async function algoPages(
  desk: Desk,
  market: RecipeMarket,
  path: string,
  asked: object,
  since = 0,
): Promise<OkxAlgoRow[]> {
  const found = await allPages(async (cursor) => {
    const question = page({ ...asked, ordType: 'conditional' }, cursor)
    const rows = algoRows.parse(await desk.ask('private', 'GET', path, question))
    const older = rows.some(({ cTime }) => cTime.getTime() < since)
    return { rows: ofMarket(market, rows), next: older ? null : next(rows, ({ algoId }) => algoId) }
  })
  return found.filter(({ cTime }) => cTime.getTime() >= since)
}

/** Oldest first. */
async function fillPages(desk: Desk, market: RecipeMarket, path: string, more: object) {
  const asked = { instType: typeOf(market), instId: market.id, ...more }
  const found = await allPages<z.infer<typeof okxFillRow>>(async (cursor) => {
    const rows = fillRows.parse(await desk.ask('private', 'GET', path, page(asked, cursor)))
    return { rows: ofMarket(market, rows), next: next(rows, ({ billId }) => billId) }
  })
  return found.reverse()
}

const page = (asked: object, cursor: string | null) => ({
  ...asked,
  limit: String(PAGE),
  ...(cursor !== null && { after: cursor }),
})

function next<T>(rows: readonly T[], nameOf: (row: T) => string): string | null {
  const last = rows.at(-1)
  return last === undefined || rows.length < PAGE ? null : nameOf(last)
}

function ofMarket<T extends { instId: string }>(market: RecipeMarket, rows: readonly T[]): T[] {
  onlyOf(
    market,
    rows.map(({ instId }) => ({ symbol: instId })),
  )
  return [...rows]
}

function only<T extends { instId: string }>(market: RecipeMarket, rows: readonly T[]): T | null {
  const [row, another] = ofMarket(market, rows)
  if (another !== undefined) throw new VenueError('UNREADABLE', 'The exchange answered about several orders.')
  return row ?? null
}

async function orNone<T>(look: () => Promise<T | null>): Promise<T | null> {
  try {
    return await look()
  } catch (error) {
    if (isNoSuchOrder(error)) return null
    throw error
  }
}
