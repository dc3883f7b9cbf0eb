import { z } from 'zod'
import { decimal } from '#trading/domain/money.ts'

// Fields of Kraken's futures API, in each of its three dialects.

export const figure = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text), { message: 'not a number' })
  .transform((text) => decimal(text))
export const amount = figure.refine((value) => value.gte(0), { message: 'below 0' })
export const positive = figure.refine((value) => value.gt(0), { message: 'must be more than 0' })
/** The history writes "" where there is none. */
export const price = z
  .union([z.literal('').transform(() => null), amount, z.null()])
  .optional()
  .transform((value) => (value === undefined || value === null || value.isZero() ? null : value))
export const rfc3339 = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
export const millis = z
  .union([z.number(), z.string().regex(/^\d{1,16}$/)])
  .transform((text) => new Date(Number(text)))
export const clientId = z
  .string()
  .nullish()
  .transform((id) => (id === undefined || id === null || id === '' ? null : id))
export const sideOf = z.string().transform((name, context) => {
  const low = name.toLowerCase()
  if (low === 'buy' || low === 'long') return 'BUY' as const
  if (low === 'sell' || low === 'short') return 'SELL' as const
  context.addIssue({ code: 'custom', message: `unknown side ${name}` })
  return z.NEVER
})
