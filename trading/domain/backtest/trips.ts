import type { VenueFill } from '../exchange.ts'
import type { Decimal } from '../money.ts'
import type { Books, RoundTrip } from './books.ts'

/** A fill begins a round trip, or adds its fee (in quote currency) to the one that is open. */
export function noteTrip(books: Books, fill: VenueFill, feeValue: Decimal, reason: string): void {
  const open = books.trips.at(-1)
  if (open !== undefined && open.exit === null) {
    open.fees = open.fees.plus(feeValue)
    return
  }
  books.tripStart = books.state.realizedPnl
  books.trips.push({
    side: fill.side,
    entryAt: fill.executedAt,
    entryPrice: fill.price,
    entryReason: reason,
    amount: fill.amount,
    fees: feeValue,
    exit: null,
  })
}

/** The position is flat: its profit is what was realised since it was opened, all fees and its dust included. */
export function endTrip(books: Books, exit: Omit<NonNullable<RoundTrip['exit']>, 'profit'>): void {
  const open = books.trips.at(-1)
  if (open === undefined || open.exit !== null) return
  open.exit = { ...exit, profit: books.state.realizedPnl.minus(books.tripStart) }
}
