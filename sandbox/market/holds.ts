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
