import { z } from 'zod'
import { badControlRequest } from '../binance-error.ts'
import { createAccount } from '../exchange/engine.ts'
import { advance } from '../exchange/matching.ts'
import { balanceRows, orderRow, tradeRow } from '../exchange/rows.ts'
import { listingOf } from '../exchange/state.ts'
import { noChanges } from '../exchange/store.ts'
import { advance as advanceFutures } from '../futures/matching.ts'
import { followSpot, holdApart } from '../futures/prices.ts'
import { contractOf, walletOf } from '../futures/state.ts'
import { fundWallet } from '../futures/transfers.ts'
import { walletRow } from '../futures/wallet-rows.ts'
import { changeHold, type Hold } from '../market/holds.ts'
import { Money } from '../money.ts'
import { optionalInteger, optionalText } from './parameters.ts'
import { type Call, type Exchange, open, type Routes } from './routes.ts'

/** Parses a JSON body by a schema; an empty body is an empty object. */
export const readBody = <T>(body: string, schema: z.ZodType<T>): T => {
  let json: unknown
  try {
    json = body.trim() === '' ? {} : JSON.parse(body)
  } catch {
    throw badControlRequest('the body is not JSON')
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
  throw badControlRequest(problems.join('; '))
}

const amount = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,8})?$/, 'must be a plain decimal string')
  .transform((text) => new Money(text))

const accountSchema = z.strictObject({
  permissions: z
    .strictObject({
      canTrade: z.boolean().default(true),
      canWithdraw: z.boolean().default(false),
      canTransfer: z.boolean().default(true),
      canFutures: z.boolean().default(true),
    })
    .prefault({}),
  balances: z
    .record(z.string().regex(/^[A-Z0-9]{2,20}$/, 'is not an asset'), amount)
    .prefault({ USDT: '10000' }),
  futures: z.strictObject({ USDT: amount }).optional(),
})

const openAccount = ({ state, futures }: Exchange, { body, now }: Call) => {
  const { futures: wanted, ...options } = readBody(body, accountSchema)
  const account = createAccount(state, options, now)
  if (wanted) fundWallet(futures, account, wanted.USDT)
  return { apiKey: account.apiKey, secretKey: account.secretKey }
}

const listAccounts = ({ state, futures }: Exchange, { parameters }: Call) => {
  const only = optionalText(parameters, 'account')
  return [...state.accounts.values()]
    .filter((account) => only === undefined || account.apiKey === only)
    .map((account) => ({
      account: account.apiKey,
      createdAt: account.createdAt,
      permissions: account.permissions,
      initial: Object.fromEntries(Object.entries(account.initial).map(([a, v]) => [a, v.toFixed(8)])),
      balances: balanceRows(account, Object.keys(account.balances)),
      futures: walletRow(futures, walletOf(futures, account)),
    }))
}

const priceSchema = z.strictObject({
  symbol: z.string(),
  price: z.union([z.string().regex(/^\d{1,12}(\.\d{1,8})?$/), z.number(), z.null()]),
  /** Absent: the spot price, and with it the perpetual's prices that are not held apart. */
  market: z.enum(['futures', 'mark']).optional(),
})

/** Holds a price, or lets it go. What happened until now is matched first, what the jump does at once after. */
const setPrice = (exchange: Exchange, { body, now }: Call) => {
  const { symbol, price, market } = readBody(body, priceSchema)
  const held = price === null ? null : new Money(String(price))
  const before = noChanges()
  if (exchange.state.market.has(symbol)) advance(exchange.state, before, symbol, now)
  const contract = exchange.futures.contracts.get(symbol)
  if (contract) advanceFutures(exchange.futures, before, symbol, now)
  exchange.state.store.save(before)
  if (market) {
    const { last, mark, spec } = contractOf(exchange.futures, symbol)
    const which = market === 'mark' ? 'mark' : 'last'
    checkPrice(held, market === 'mark' ? 10 ** -mark.spec.priceDecimals : last.spec.tick)
    const changed = holdApart(contractOf(exchange.futures, symbol), which, held, now)
    exchange.state.store.saveHolds(changed)
    return { symbol: spec.symbol, market, price: held ? held.toFixed(8) : null }
  }
  const changed = holdSpot(exchange.state, symbol, held, now)
  exchange.state.store.saveHolds([...changed, ...(contract ? followSpot(contract, now) : [])])
  return { symbol, price: held ? held.toFixed(8) : null }
}

const checkPrice = (held: Money | null, tick: string | number): void => {
  if (held && (held.lte(0) || !held.mod(tick).eq(0) || held.gt(10_000_000)))
    throw badControlRequest(`price: must be above 0 and a multiple of the tick ${tick}`)
}

const holdSpot = (state: Exchange['state'], symbol: string, held: Money | null, now: number): Hold[] => {
  const listing = listingOf(state, symbol)
  checkPrice(held, listing.spec.tick)
  return changeHold(listing.holds, held && { symbol, price: held.toNumber() }, now)
}

export const only = <T extends { symbol: string; account: string }>(rows: T[], { parameters }: Call): T[] => {
  const account = optionalText(parameters, 'account')
  return rows.filter((row) => account === undefined || row.account === account)
}

export const listed = <T>(lists: Map<string, T[]>, { parameters }: Call): T[] => {
  const symbol = optionalText(parameters, 'symbol')
  return symbol === undefined ? [...lists.values()].flat() : (lists.get(symbol) ?? [])
}

/** The sandbox's own endpoints: no key, no weight, no faults. */
export const controlRoutes: Routes = {
  'POST /sandbox/accounts': open(0, openAccount),
  'GET /sandbox/accounts': open(0, listAccounts),
  'POST /sandbox/price': open(0, setPrice),
  'GET /sandbox/orders': open(0, ({ state }, call) =>
    only(listed(state.orders, call), call).map((order) => ({ ...orderRow(order), account: order.account })),
  ),
  'GET /sandbox/trades': open(0, ({ state }, call) =>
    only(listed(state.trades, call), call).map((trade) => ({ ...tradeRow(trade), account: trade.account })),
  ),
  'POST /sandbox/faults': open(0, ({ faults }, { body }) => faults.add(readBody(body, z.unknown()))),
  'GET /sandbox/faults': open(0, ({ faults }) => faults.list()),
  'DELETE /sandbox/faults': open(0, ({ faults }, { parameters }) => ({
    removed: faults.clear(optionalInteger(parameters, 'id')),
  })),
}
