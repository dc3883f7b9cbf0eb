import { z } from 'zod'
import { badControlRequest } from '../binance-error.ts'
import { createAccount } from '../exchange/engine.ts'
import { advance } from '../exchange/matching.ts'
import { balanceRows, orderRow, tradeRow } from '../exchange/rows.ts'
import { listingOf } from '../exchange/state.ts'
import { noChanges } from '../exchange/store.ts'
import { Money } from '../money.ts'
import { optionalInteger, optionalText } from './parameters.ts'
import { type Call, type Exchange, open, type Routes } from './routes.ts'

/** Parses a JSON body by a schema; an empty body is an empty object. */
const readBody = <T>(body: string, schema: z.ZodType<T>): T => {
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
    })
    .prefault({}),
  balances: z
    .record(z.string().regex(/^[A-Z0-9]{2,20}$/, 'is not an asset'), amount)
    .prefault({ USDT: '10000' }),
})

const openAccount = ({ state }: Exchange, { body, now }: Call) => {
  const account = createAccount(state, readBody(body, accountSchema), now)
  return { apiKey: account.apiKey, secretKey: account.secretKey }
}

const listAccounts = ({ state }: Exchange, { parameters }: Call) => {
  const only = optionalText(parameters, 'account')
  return [...state.accounts.values()]
    .filter((account) => only === undefined || account.apiKey === only)
    .map((account) => ({
      account: account.apiKey,
      createdAt: account.createdAt,
      permissions: account.permissions,
      initial: Object.fromEntries(Object.entries(account.initial).map(([a, v]) => [a, v.toFixed(8)])),
      balances: balanceRows(account, Object.keys(account.balances)),
    }))
}

const priceSchema = z.strictObject({
  symbol: z.string(),
  price: z.union([z.string().regex(/^\d{1,12}(\.\d{1,8})?$/), z.number(), z.null()]),
})

/** Holds a price, or lets it go. What happened until now is matched first, what the jump does at once after. */
const setPrice = ({ state }: Exchange, { body, now }: Call) => {
  const { symbol, price } = readBody(body, priceSchema)
  const listing = listingOf(state, symbol)
  const held = price === null ? undefined : new Money(String(price))
  if (held && (held.lte(0) || !held.mod(listing.spec.tick).eq(0) || held.gt(10_000_000)))
    throw badControlRequest(`price: must be above 0 and a multiple of the tick ${listing.spec.tick}`)
  const before = noChanges()
  advance(state, before, symbol, now)
  state.store.save(before)

  const current = listing.holds.at(-1)
  const changed = current && current.to === null ? [current] : []
  if (current && current.to === null) current.to = now
  if (held) {
    // One hold a millisecond: they are kept by their beginning.
    const from = Math.max(now, (current?.from ?? 0) + 1)
    const hold = { symbol, from, to: null, price: held.toNumber() }
    listing.holds.push(hold)
    changed.push(hold)
  }
  state.store.saveHolds(changed)
  return { symbol, price: held ? held.toFixed(8) : null }
}

const only = <T extends { symbol: string; account: string }>(rows: T[], { parameters }: Call): T[] => {
  const account = optionalText(parameters, 'account')
  return rows.filter((row) => account === undefined || row.account === account)
}

const listed = <T>(lists: Map<string, T[]>, { parameters }: Call): T[] => {
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
