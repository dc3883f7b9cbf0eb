import { z } from 'zod'
import { VenueError, type VenueOrder } from '#trading/domain/exchange.ts'
import { decimal, plain, type Decimal } from '#trading/domain/money.ts'

// Fields as venues write them: figures as text, "" where there is none.

/** A figure, which may be below 0; "" is none. A JSON number is taken while it cannot have lost digits. */
export const figure = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value, context): Decimal | null => {
    const text = value === undefined || value === null ? '' : String(value).trim()
    if (text === '') return null
    const read = /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text) ? decimal(text) : null
    if (read !== null && (typeof value === 'string' || read.precision() <= 15)) return read
    context.addIssue({ code: 'custom', message: `not a figure: ${text.slice(0, 40)}` })
    return z.NEVER
  })

/** A figure that must be there and not below 0. */
export const amount = figure.transform((value, context): Decimal => {
  if (value !== null && value.gte(0)) return value
  context.addIssue({ code: 'custom', message: 'not an amount' })
  return z.NEVER
})

/** A figure that must be there, of either sign. */
export const signed = figure.transform((value, context): Decimal => {
  if (value !== null) return value
  context.addIssue({ code: 'custom', message: 'a figure is missing' })
  return z.NEVER
})

/** Milliseconds, as text or number. */
export const instant = z
  .union([z.string().regex(/^\d{12,14}$/), z.number().int().positive()])
  .transform((ms) => new Date(Number(ms)))

export const id = z.union([z.string().min(1), z.number().int()]).transform(String)

/** A whole number, as a number or as text. */
export const whole = z.union([z.number().int(), z.string().regex(/^-?\d{1,15}$/)]).transform(Number)

/** Many venues write 0 for "none". */
export function positiveOr(value: Decimal | null): Decimal | null {
  return value === null || value.lte(0) ? null : value
}

/** An order that says two things proves neither. @throws VenueError UNREADABLE */
export function consistent(order: VenueOrder): VenueOrder {
  const { filled, amount: asked, status, exchangeOrderId } = order
  const wrong = filled.gt(asked)
    ? `${plain(filled)} of ${plain(asked)} filled`
    : status === 'FILLED' && filled.lt(asked)
      ? `FILLED, with ${plain(filled)} of ${plain(asked)}`
      : status === 'REJECTED' && filled.gt(0)
        ? `REJECTED, with ${plain(filled)} filled`
        : null
  if (wrong !== null) throw new VenueError('UNREADABLE', `Order ${exchangeOrderId}: ${wrong}.`)
  return order.status === 'OPEN' && filled.gt(0) ? { ...order, status: 'PARTIALLY_FILLED' } : order
}

/** @throws VenueError UNREADABLE where an answer is about another market */
export function onlyOf<T extends { symbol: string }>(market: { id: string }, rows: readonly T[]): T[] {
  for (const { symbol } of rows)
    if (symbol !== market.id)
      throw new VenueError('UNREADABLE', `The exchange answered about another market: ${symbol}.`)
  return [...rows]
}
