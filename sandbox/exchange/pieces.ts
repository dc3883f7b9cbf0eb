import { floorTo, minOf, type Money, ZERO } from '../money.ts'
import type { Level } from './order-book.ts'

type PlannedFill = Level & { at: number; maker: boolean }

/** The fills of an order: all due now, or in `slow.pieces` equal pieces of whole steps over `slow.ms` (fault `partial`). */
export const inPieces = (
  fills: readonly Level[],
  slow: { pieces: number; ms: number } | null,
  step: Money,
  maker: boolean,
  now: number,
): PlannedFill[] => {
  if (!slow) return fills.map((fill) => ({ ...fill, maker, at: now }))
  const planned: PlannedFill[] = []
  const total = fills.reduce((sum, fill) => sum.plus(fill.quantity), ZERO)
  const even = floorTo(total.div(slow.pieces), step)
  const size = even.lt(step) ? step : even
  const queue = fills.map((fill) => ({ ...fill }))
  let left = total
  for (let i = 0; i < slow.pieces && left.gt(ZERO); i++) {
    let piece = i === slow.pieces - 1 ? left : minOf(size, left)
    left = left.minus(piece)
    const at = now + Math.round((slow.ms * i) / (slow.pieces - 1))
    while (piece.gt(ZERO)) {
      const head = queue[0]
      if (!head) break
      const quantity = minOf(piece, head.quantity)
      planned.push({ at, price: head.price, quantity, maker })
      head.quantity = head.quantity.minus(quantity)
      piece = piece.minus(quantity)
      if (head.quantity.lte(ZERO)) queue.shift()
    }
  }
  return planned
}
