/** A price held by the control API over [from, to) in ms; `to` is null while it lasts. */
export type Hold = {
  symbol: string
  from: number
  to: number | null
  price: number
  /** A perpetual's own hold, which a hold of the spot symbol does not move. */
  apart?: boolean | undefined
}

export const holdAt = (holds: readonly Hold[], time: number): Hold | undefined =>
  holds.findLast((hold) => hold.from <= time && (hold.to === null || time < hold.to))

/** The holds that touch [from, to), in order, cut to it. */
export const holdsIn = (
  holds: readonly Hold[],
  from: number,
  to: number,
): { from: number; to: number; price: number }[] =>
  holds
    .map((hold) => ({
      from: Math.max(hold.from, from),
      to: hold.to === null ? to : Math.min(hold.to, to),
      price: hold.price,
    }))
    .filter((hold) => hold.from < hold.to)

/**
 * Ends the hold that lasts, and begins `next` unless it is null. A hold that began in this very millisecond is
 * replaced: holds are kept by their beginning, and from its beginning on a price is to be seen. Returns what changed.
 */
export const changeHold = (holds: Hold[], next: Omit<Hold, 'from' | 'to'> | null, now: number): Hold[] => {
  const latest = holds.at(-1)
  const ended = latest?.to === null ? [latest] : []
  if (latest?.to === null) latest.to = Math.max(now, latest.from)
  if (!next) return ended
  const hold = { ...next, from: Math.max(now, latest?.from ?? 0), to: null }
  if (latest?.from !== hold.from) {
    holds.push(hold)
    return [...ended, hold]
  }
  holds[holds.length - 1] = hold
  return [hold]
}
