import { BinanceError, illegalCharacters, missingParameter } from '../binance-error.ts'
import { Money, ZERO } from '../money.ts'

/** The parameters of a request: query string and form body together. */
export type Parameters = ReadonlyMap<string, string>

export const parseParameters = (query: string, body: string): Parameters => {
  const parameters = new Map<string, string>()
  for (const part of [query, body])
    for (const [name, value] of new URLSearchParams(part)) {
      if (parameters.has(name))
        throw new BinanceError(400, -1101, `Duplicate values for a parameter detected.`)
      parameters.set(name, value)
    }
  return parameters
}

export const optionalText = (parameters: Parameters, name: string): string | undefined => {
  const value = parameters.get(name)
  return value === undefined || value === '' ? undefined : value
}

export const requiredText = (parameters: Parameters, name: string): string => {
  const value = optionalText(parameters, name)
  if (value === undefined) throw missingParameter(name)
  return value
}

const INTEGER = '^[0-9]{1,20}$'
export const optionalInteger = (parameters: Parameters, name: string): number | undefined => {
  const text = optionalText(parameters, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^[0-9]{1,20}$/.test(text) || !Number.isSafeInteger(value)) throw illegalCharacters(name, INTEGER)
  return value
}

/** A `limit`, cut to its maximum as Binance does. */
export const limitOf = (parameters: Parameters, standard: number, maximum: number): number => {
  const limit = optionalInteger(parameters, 'limit') ?? standard
  if (limit < 1) throw new BinanceError(400, -1130, "Data sent for parameter 'limit' is not valid.")
  return Math.min(limit, maximum)
}

const DECIMAL = '^([0-9]{1,20})(\\.[0-9]{1,20})?$'
/** A positive decimal, or undefined if it was not sent. */
export const optionalDecimal = (parameters: Parameters, name: string): Money | undefined => {
  const text = optionalText(parameters, name)
  if (text === undefined) return undefined
  if (!/^[0-9]{1,20}(\.[0-9]{1,20})?$/.test(text)) throw illegalCharacters(name, DECIMAL)
  const value = new Money(text)
  if (value.decimalPlaces() > 8)
    throw new BinanceError(400, -1111, `Parameter '${name}' has too much precision.`)
  if (value.lte(ZERO))
    throw new BinanceError(
      400,
      -1013,
      `Invalid ${name === 'price' || name === 'stopPrice' ? name : 'quantity'}.`,
    )
  return value
}
