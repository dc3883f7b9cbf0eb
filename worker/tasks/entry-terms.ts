import type { Denial } from '#trading/domain/denials.ts'
import {
  decideReservation,
  dearestPrice,
  denyEntryOrder,
  entryLimit,
  FUTURES_FEE_PERC,
  type Funds,
  type Need,
} from '#trading/domain/capital.ts'
import { ENTRY_FRESH_MS } from '#trading/domain/gate.ts'
import type { Market } from '#trading/domain/market.ts'
import type { Decimal } from '#trading/domain/money.ts'
import { worsePrice } from '#trading/domain/sides.ts'
import { quoteFeePerc, walletOf } from '#trading/domain/venues.ts'
import { setLimit } from '#trading/store/orders.ts'
import type { Tx } from '#trading/store/pool.ts'
import { insertReservation, lockFunds } from '#trading/store/reservations.ts'
import { coverByTransfer } from './entry-transfer.ts'
import type { OrderContext } from './order-context.ts'

type Terms =
  { kind: 'GO'; limit: Decimal } | { kind: 'WAIT'; message: string } | { kind: 'DENY'; denial: Denial }

/**
 * Under which terms the entry goes out: its limit price, by the bot's rules as they are now, and for LIVE what it may spend, reserved in the
 * capital ledger. GO: both are written, in the claim's own transaction; short of margin, so is the transfer that the bot makes for it.
 */
export async function settleTerms(tx: Tx, context: OrderContext, market: Market): Promise<Terms> {
  const { order, locked } = context
  const { bot, now } = locked
  const { side, amount, referencePrice: reference } = order
  const byRules = entryLimit(bot, side, amount, reference, market)
  // The stricter of what was decided and what the rules say now: the lower for a buyer, the higher for a seller.
  const limit = order.price === null ? byRules : worsePrice(side, order.price, byRules)
  const denial = denyEntryOrder(bot, { side, amount, referencePrice: reference, limit }, market)
  if (denial !== null) return { kind: 'DENY', denial }
  if (order.mode === 'PAPER') {
    await setLimit(tx, order.id, limit)
    return { kind: 'GO', limit }
  }
  if (order.apiKeyId === null) throw new Error(`LIVE order ${order.id} names no key`)
  const wallet = walletOf(order.exchange, market.type)
  const funds = await lockFunds(tx, order.apiKeyId, wallet, market.quote)
  if (funds === null) return { kind: 'WAIT', message: 'The balance of the account is not known yet.' }
  const patient = now.getTime() - order.createdAt.getTime() < ENTRY_FRESH_MS / 2
  const isFutures = market.type === 'FUTURES'
  const need: Need = {
    ...{ side, amount, reference, limit, patient },
    dearest: dearestPrice(bot, side, reference, limit),
    leverage: isFutures ? bot.leverage : 1,
    // On SPOT most venues take a buyer's fee from what he receives; those that take quote currency are named.
    quoteFeePerc: isFutures ? FUTURES_FEE_PERC : quoteFeePerc(order.exchange),
  }
  const decision = decideReservation(need, funds, market)
  if (decision.kind !== 'RESERVE') {
    const impatient = (offered: Funds) => decideReservation({ ...need, patient: false }, offered, market)
    return coverByTransfer(tx, context, market, {
      wallet,
      funds,
      patient,
      short: decision,
      decide: impatient,
    })
  }
  await insertReservation(tx, order, order.apiKeyId, wallet, market.quote, decision.amount)
  await setLimit(tx, order.id, decision.limit)
  return { kind: 'GO', limit: decision.limit }
}
