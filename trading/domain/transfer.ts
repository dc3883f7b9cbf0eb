import type { BotStatus } from './bot-lifecycle.ts'
import type { Decision, Funds } from './capital.ts'
import type { VenueTransfer, Wallet } from './exchange.ts'
import { Decimal, decimal, minimum, plain, ZERO } from './money.ts'
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
  createdAt: Date
  updatedAt: Date
}

export function isInFlight(status: TransferStatus): boolean {
  return status === 'INTENDED' || status === 'SUBMITTING' || status === 'UNKNOWN'
}

/** Venues keep 8 decimals of a balance; what is asked is never more than what was meant. */
const PLACES = 8

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

export type TransferMatch =
  | { kind: 'FOUND' | 'PENDING' | 'FAILED'; row: VenueTransfer }
  | { kind: 'NONE' }
  | { kind: 'AMBIGUOUS'; rows: VenueTransfer[] }
  /** The number that a person gave belongs to something else. */
  | { kind: 'STRANGER'; row: VenueTransfer; why: string }

type Sought = Pick<
  Transfer,
  | 'from'
  | 'to'
  | 'currency'
  | 'amount'
  | 'clientTransferId'
  | 'exchangeTransferId'
  | 'submittedAt'
  | 'submitDeadline'
>

/** Beyond the skew, what looks like ours is not taken for it, but nor is it proven that ours was never made. */
export const DOUBT_MS = 60_000

/**
 * Which row of the venue's history is our transfer. By the venue's own number where a person gave it, by our client id where the venue keeps
 * one; else by what was moved and when: between the send and the last moment at which it could arrive, give or take `skewMs`, and no number
 * that the books know. Likeness counts only once that moment is over: what looks like it before may be a person's, and ours still under way.
 * `rivals`: other transfers of ours in flight that would look the same.
 */
export function matchTransfer(
  sought: Sought,
  history: readonly VenueTransfer[],
  facts: { knownIds: ReadonlySet<string>; rivals: number; skewMs: number; lookedAt: Date },
): TransferMatch {
  if (sought.exchangeTransferId !== null) {
    const named = history.find((row) => row.id === sought.exchangeTransferId)
    if (named === undefined) return { kind: 'NONE' }
    const why = strangerOf(sought, named, facts.knownIds)
    return why === null ? byStatus(named) : { kind: 'STRANGER', row: named, why }
  }
  const own = history.find((row) => row.clientTransferId === sought.clientTransferId)
  if (own !== undefined) return byStatus(own)
  const { submittedAt, submitDeadline } = sought
  if (submittedAt === null || submitDeadline === null || facts.lookedAt < submitDeadline)
    return { kind: 'NONE' }
  const alike = (marginMs: number) =>
    history.filter(
      (row) =>
        row.clientTransferId === null &&
        row.status !== 'FAILED' &&
        row.at.getTime() >= submittedAt.getTime() - marginMs &&
        row.at.getTime() <= submitDeadline.getTime() + marginMs &&
        strangerOf(sought, row, facts.knownIds) === null,
    )
  const [only, another] = alike(facts.skewMs)
  if (only !== undefined && another === undefined && facts.rivals === 0) return byStatus(only)
  const rows = alike(Math.max(DOUBT_MS, facts.skewMs))
  return rows.length === 0 ? { kind: 'NONE' } : { kind: 'AMBIGUOUS', rows }
}

function byStatus(row: VenueTransfer): TransferMatch {
  return { kind: row.status === 'DONE' ? 'FOUND' : row.status, row }
}

/** Why a row cannot be this transfer; null when it may be. */
function strangerOf(sought: Sought, row: VenueTransfer, knownIds: ReadonlySet<string>): string | null {
  if (row.from !== sought.from || row.to !== sought.to)
    return `it went from ${row.from} to ${row.to}, this one from ${sought.from} to ${sought.to}`
  if (row.currency !== sought.currency || !row.amount.eq(sought.amount))
    return `it is over ${plain(row.amount)} ${row.currency}, this one over ${plain(sought.amount)} ${sought.currency}`
  if (knownIds.has(row.id)) return 'it is another transfer in the books'
  return null
}
