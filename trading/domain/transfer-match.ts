import type { VenueTransfer } from './exchange.ts'
import { plain } from './money.ts'
import { isInFlight, type Transfer } from './transfer.ts'

export type TransferMatch =
  | { kind: 'FOUND' | 'PENDING' | 'FAILED'; row: VenueTransfer }
  | { kind: 'NONE' }
  | { kind: 'AMBIGUOUS'; rows: VenueTransfer[] }
  /** Another of ours may still make a row that looks the same: not before `until` can they be told apart. */
  | { kind: 'WAIT'; until: Date }
  /** The number that a person gave belongs to something else. */
  | { kind: 'STRANGER'; row: VenueTransfer; why: string }

type Window = Pick<Transfer, 'submittedAt' | 'submitDeadline'>

type Sought = Window &
  Pick<Transfer, 'status' | 'from' | 'to' | 'currency' | 'amount' | 'clientTransferId' | 'exchangeTransferId'>

/** Another transfer of ours on its way that looks the same. `sameAccount` false: not known, it may be. */
export type Rival = Window & { apiKeyId: string; sameAccount: boolean }

export type MatchFacts = {
  /** Of the history's numbers those that belong to other transfers in the books. */
  knownIds: ReadonlySet<string>
  /** But for those that are known to be of another account. */
  rivals: readonly Rival[]
  skewMs: number
  lookedAt: Date
}

/** Beyond the skew, what looks like ours is not taken for it, but nor is it proven that ours was never made. */
export const DOUBT_MS = 60_000

/**
 * Which row of the venue's history is our transfer. By the venue's own number where a person gave it, by our client id where the venue keeps
 * one; else by what was moved and when: between the send and the last moment at which it could arrive, give or take `skewMs`, and no number
 * that the books know. Likeness counts only once that moment is over: what looks like it before may be a person's, and ours still under way.
 */
export function matchTransfer(
  sought: Sought,
  history: readonly VenueTransfer[],
  facts: MatchFacts,
): TransferMatch {
  if (sought.exchangeTransferId !== null) {
    const named = history.find((row) => row.id === sought.exchangeTransferId)
    if (named === undefined) return { kind: 'NONE' }
    const why = strangerOf(sought, named, facts.knownIds)
    return why === null ? byStatus(named) : { kind: 'STRANGER', row: named, why }
  }
  const own = history.find((row) => row.clientTransferId === sought.clientTransferId)
  if (own !== undefined) return byStatus(own)
  if (!isOver(sought, facts.lookedAt)) return { kind: 'NONE' }
  const rows = alikeRows(sought, history, facts.knownIds, Math.max(DOUBT_MS, facts.skewMs))
  const rivals = rivalsFor(rows, facts.rivals)
  if (rivals.length === 0) {
    const [only, another] = rows.filter((row) => isWithin(sought, row, facts.skewMs))
    if (only !== undefined && another === undefined) return byStatus(only)
    return rows.length === 0 ? { kind: 'NONE' } : { kind: 'AMBIGUOUS', rows }
  }
  const underWay = rivals.flatMap((rival) =>
    isOver(rival, facts.lookedAt) || rival.submitDeadline === null ? [] : [rival.submitDeadline.getTime()],
  )
  if (underWay.length > 0) return { kind: 'WAIT', until: new Date(Math.max(...underWay)) }
  const share = shareOf(sought, rivals, history, facts)
  return share === null ? { kind: 'AMBIGUOUS', rows } : byStatus(share)
}

/** Those rows that may be this transfer by what was moved and when, give or take `marginMs`. */
export function alikeRows(
  sought: Sought,
  history: readonly VenueTransfer[],
  knownIds: ReadonlySet<string>,
  marginMs: number,
): VenueTransfer[] {
  return history.filter((row) => isAlike(sought, row, knownIds) && isWithin(sought, row, marginMs))
}

/** Those transfers that one of the rows may be as well. One that was asked about an hour ago is in nobody's way. */
export function rivalsFor<T extends Window>(rows: readonly VenueTransfer[], rivals: readonly T[]): T[] {
  return rivals.filter((rival) => rows.some((row) => isWithin(rival, row, DOUBT_MS)))
}

/**
 * Several of one account, none of which can still arrive, and exactly as many rows: all of them were made, and it does not matter which is
 * whose. The nth that was sent takes the nth row. Null where that is not proven.
 */
function shareOf(
  sought: Sought,
  rivals: readonly Rival[],
  history: readonly VenueTransfer[],
  { knownIds, skewMs }: MatchFacts,
): VenueTransfer | null {
  if (!isInFlight(sought.status) || rivals.some((rival) => !rival.sameAccount)) return null
  const members: Window[] = [sought, ...rivals].toSorted((a, b) => sentAt(a) - sentAt(b))
  const rows = history
    .filter(
      (row) =>
        isAlike(sought, row, knownIds) &&
        members.some((member) => isWithin(member, row, Math.max(DOUBT_MS, skewMs))),
    )
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())
  // The history goes back to DOUBT_MS before this one: what a much earlier one may have made is not all in sight.
  const inSight = members.every((member) => sentAt(member) - skewMs >= sentAt(sought) - DOUBT_MS)
  const fits =
    rows.length === members.length &&
    members.every((member, nth) => rows[nth] !== undefined && isWithin(member, rows[nth], skewMs))
  return inSight && fits ? (rows[members.indexOf(sought)] ?? null) : null
}

function sentAt({ submittedAt }: Window): number {
  return submittedAt?.getTime() ?? 0
}

/** It can no longer arrive. */
function isOver({ submittedAt, submitDeadline }: Window, lookedAt: Date): boolean {
  return submittedAt !== null && submitDeadline !== null && lookedAt >= submitDeadline
}

function isWithin({ submittedAt, submitDeadline }: Window, row: VenueTransfer, marginMs: number): boolean {
  if (submittedAt === null || submitDeadline === null) return false
  const at = row.at.getTime()
  return at >= submittedAt.getTime() - marginMs && at <= submitDeadline.getTime() + marginMs
}

function isAlike(sought: Sought, row: VenueTransfer, knownIds: ReadonlySet<string>): boolean {
  return (
    row.clientTransferId === null && row.status !== 'FAILED' && strangerOf(sought, row, knownIds) === null
  )
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
