import type { BotStatus } from './bot-lifecycle.ts'
import type { Decision, Funds } from './capital.ts'
import type { Wallet } from './exchange.ts'
import { Decimal, decimal, minimum, ZERO } from './money.ts'
import type { OrderStatus } from './order.ts'

export const TRANSFER_STATUSES = [
  'INTENDED',
  'SUBMITTING',
  'UNKNOWN',
  'DONE',
  'REFUSED',
  'NOT_PLACED',
] as const
export type TransferStatus = (typeof TRANSFER_STATUSES)[number]

/** ENTRY: margin that an entry lacks. DAY_END: profit above start capital. */
export type TransferPurpose = 'ENTRY' | 'DAY_END'

/** A row of the venue's history that may be a transfer of ours. */
export type TransferCandidate = { id: string; at: Date }

/** Money between two wallets of one account: journaled as an order is. No part of profit. */
export type Transfer = {
  id: string
  botId: string
  userId: string
  exchange: string
  symbol: string
  apiKeyId: string
  from: Wallet
  to: Wallet
  amount: Decimal
  currency: string
  status: TransferStatus
  purpose: TransferPurpose
  /** The entry that it is for. */
  orderId: string | null
  /** YYYY-MM-DD, UTC: the day whose end it belongs to. */
  day: string | null
  clientTransferId: string
  exchangeTransferId: string | null
  errorCode: string | null
  errorMessage: string | null
  submittedAt: Date | null
  submitDeadline: Date | null
  nextSettleAt: Date | null
  notFoundCount: number
  unknownSince: Date | null
  /** What a person is asked about: which of these, if any, is this transfer. */
  candidates: readonly TransferCandidate[]
  createdAt: Date
  updatedAt: Date
}

export function isInFlight(status: TransferStatus): boolean {
  return status === 'INTENDED' || status === 'SUBMITTING' || status === 'UNKNOWN'
}

/** Venues keep 8 decimals of a balance; what is asked is never more than what was meant. */
const PLACES = 8

/** The least that can be moved. */
export const LEAST_TRANSFER = decimal('0.00000001')

export function roundTransfer(amount: Decimal): Decimal {
  return amount.toDecimalPlaces(PLACES, Decimal.ROUND_DOWN)
}

export type EntryTransfer =
  | { kind: 'TRANSFER'; amount: Decimal }
  /** Money that others have reserved may come back in a moment; only then is a transfer wanted. */
  | { kind: 'PATIENCE' }
  | { kind: 'TOO_SMALL'; amount: Decimal }

/**
 * An entry is short of margin: whether `transferAmount` is to be moved for it. `decide` is the capital ledger's own rule, for an impatient
 * order: the transfer is worth making only where the order would go out afterwards.
 */
export function planEntryTransfer(
  transferAmount: Decimal,
  funds: Funds,
  patient: boolean,
  decide: (funds: Funds) => Decision,
): EntryTransfer {
  const amount = roundTransfer(transferAmount)
  if (patient && decide({ ...funds, reserved: ZERO }).kind === 'RESERVE') return { kind: 'PATIENCE' }
  const helps = amount.gt(0) && decide({ ...funds, free: funds.free.plus(amount) }).kind === 'RESERVE'
  return helps ? { kind: 'TRANSFER', amount } : { kind: 'TOO_SMALL', amount }
}

/** Less than this is left where it is: it is not worth a line in the books every day. Of the quote currency. */
const LEAST_SWEEP = decimal('0.01')

export type SweepFacts = {
  initialCapital: Decimal
  equity: Decimal
  /** Net of fees and funding, since the bot was created: now, and at the end of the day that is swept. */
  realizedPnl: Decimal
  realizedAtDayEnd: Decimal
  /** By earlier sweeps of the bot, those on their way included. */
  swept: Decimal
  /** What the wallet offers, less what orders have reserved; null: not asked yet. */
  available: Decimal | null
}

/**
 * Profit above start capital that may leave the futures wallet, on 8 decimals; 0 where there is none. Only what is realised leaves, what
 * an open position is losing stays (equity counts it), and what earlier sweeps took is not taken again.
 */
export function profitToSweep(facts: SweepFacts): Decimal {
  const { initialCapital, equity, realizedPnl, realizedAtDayEnd, swept, available } = facts
  const earned = minimum(minimum(realizedPnl, realizedAtDayEnd), equity.minus(initialCapital))
  const left = earned.minus(swept)
  const amount = roundTransfer(available === null ? left : minimum(left, available))
  return amount.gte(LEAST_SWEEP) ? amount : ZERO
}

export type TransferGateFacts = {
  purpose: TransferPurpose
  halted: boolean
  status: BotStatus
  closing: boolean
  /** Of the entry; null for DAY_END. */
  order: { status: OrderStatus; ageMs: number } | null
  freshMs: number
  /** Null: the exchange does not say. */
  canTransfer: boolean | null
  offered: boolean
  exchange: string
}

export type TransferDenial = { code: string; message: string }

/** Why a transfer may not be sent, or null. */
export function gateTransfer(facts: TransferGateFacts): TransferDenial | null {
  const { purpose, order, exchange } = facts
  if (!facts.offered)
    return { code: 'TRANSFER_NOT_OFFERED', message: `Transfers are not offered on ${exchange}.` }
  if (facts.canTransfer === false) return { code: 'KEY_MAY_NOT_TRANSFER', message: keyMayNot(exchange) }
  if (purpose === 'DAY_END') return null
  if (order === null || order.status !== 'INTENDED' || order.ageMs > facts.freshMs)
    return { code: 'ENTRY_GONE', message: 'The entry is gone: it is not sent any more.' }
  if (facts.halted) return { code: 'TRADING_HALTED', message: 'The entry is gone: trading is halted.' }
  if (facts.status !== 'RUNNING' || facts.closing)
    return { code: 'BOT_STATUS', message: `The entry is gone: the bot is ${facts.status}.` }
  return null
}

export function keyMayNot(exchange: string): string {
  return `The API key may not transfer: allow it at ${exchange} (Universal Transfer) and replace the key here, or turn autoTransferFunds off.`
}
