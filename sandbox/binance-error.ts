/** A refusal as Binance words it: HTTP status, numeric code, message. */
export class BinanceError extends Error {
  readonly status: number
  readonly code: number
  readonly headers: Record<string, string>

  constructor(status: number, code: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.name = 'BinanceError'
    this.status = status
    this.code = code
    this.headers = headers
  }
}

const refusal = (code: number) => (message: string) => new BinanceError(400, code, message)

export const missingParameter = (name: string) =>
  new BinanceError(400, -1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`)

export const superfluousParameter = (name: string) =>
  new BinanceError(400, -1106, `Parameter '${name}' sent when not required.`)

export const illegalCharacters = (name: string, range: string) =>
  new BinanceError(400, -1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`)

export const filterFailure = (filter: string) => refusal(-1013)(`Filter failure: ${filter}`)

export const orderRejected = refusal(-2010)
export const cancelRejected = refusal(-2011)
export const noSuchOrder = () => refusal(-2013)('Order does not exist.')
export const invalidSymbol = () => refusal(-1121)('Invalid symbol.')

export const INSUFFICIENT_BALANCE = 'Account has insufficient balance for requested action.'

/** A mistake in a call of the control API (not Binance's; code -1 says so). */
export const badControlRequest = (message: string) => new BinanceError(400, -1, message)
