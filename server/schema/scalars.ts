import { Kind } from 'graphql'
import { Decimal, decimal, plain } from '#trading/domain/money.ts'
import { builder } from './builder.ts'

builder.scalarType('Decimal', {
  description:
    'A decimal number as a string in plain notation, no exponent, no trailing zeros ("0.000123"). Input may be an Int as well; at most 20 digits before the point and 18 after it.',
  serialize: (value) => plain(decimal(value.toFixed())),
  parseValue: parseDecimal,
  parseLiteral: (node) => {
    if (node.kind === Kind.STRING || node.kind === Kind.INT) return parseDecimal(node.value)
    throw new TypeError(RULE)
  },
})

builder.scalarType('DateTime', {
  description: 'An instant: ISO-8601 in UTC with milliseconds.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const date = typeof value === 'string' ? new Date(value) : null
    if (date === null || Number.isNaN(date.getTime())) throw new TypeError('A DateTime is an ISO-8601 text.')
    return date
  },
})

// Plain errors: graphql-js puts the place of the value around them, which it leaves out of a GraphQLError.
const RULE = 'A Decimal is a string like "0.000123", or an Int; not a Float, which would have lost digits.'

function parseDecimal(value: unknown): Decimal {
  const text = Number.isSafeInteger(value) ? String(value) : value
  if (typeof text !== 'string') throw new TypeError(RULE)
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null || text.length > 200) throw new TypeError(RULE)
  if ((match[2] ?? '').length > 18) throw new TypeError('A Decimal has at most 18 decimals.')
  if ((match[1] ?? '').replace(/^0+/, '').length > 20) {
    throw new TypeError('A Decimal has at most 20 digits before the point.')
  }
  return new Decimal(text)
}
