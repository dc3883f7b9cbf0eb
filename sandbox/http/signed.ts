import { createHmac, timingSafeEqual } from 'node:crypto'
import { BinanceError, illegalCharacters, missingParameter } from '../binance-error.ts'
import type { Account } from '../exchange/records.ts'
import { optionalInteger, optionalText, type Parameters } from './parameters.ts'

const STANDARD_WINDOW = 5000
const LARGEST_WINDOW = 60_000

type SignedRequest = {
  apiKey: string | undefined
  parameters: Parameters
  /** Query string and body as they came. */
  query: string
  body: string
}

/** The account of a signed request, or Binance's refusal: key, then timestamp, then signature. */
export const authenticate = (
  request: SignedRequest,
  accounts: ReadonlyMap<string, Account>,
  now: number,
): Account => {
  if (!request.apiKey || !/^[A-Za-z0-9]{1,128}$/.test(request.apiKey))
    throw new BinanceError(401, -2014, 'API-key format invalid.')
  const account = accounts.get(request.apiKey)
  if (!account) throw new BinanceError(401, -2015, 'Invalid API-key, IP, or permissions for action.')
  checkTime(request.parameters, now)
  const signature = optionalText(request.parameters, 'signature')
  if (!signature) throw missingParameter('signature')
  if (!/^[A-Fa-f0-9]{64}$/.test(signature)) throw illegalCharacters('signature', '^[A-Fa-f0-9]{64}$')
  // Binance signs the query string and the body, one after the other, without the signature itself.
  const text = withoutSignature(request.query) + withoutSignature(request.body)
  const expected = createHmac('sha256', account.secretKey).update(text).digest()
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex')))
    throw new BinanceError(400, -1022, 'Signature for this request is not valid.')
  return account
}

const withoutSignature = (text: string): string =>
  text
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .join('&')

const checkTime = (parameters: Parameters, now: number): void => {
  const timestamp = optionalInteger(parameters, 'timestamp')
  if (timestamp === undefined) throw missingParameter('timestamp')
  const window = optionalInteger(parameters, 'recvWindow') ?? STANDARD_WINDOW
  if (window > LARGEST_WINDOW || window === 0)
    throw new BinanceError(400, -1131, "'recvWindow' must be less than 60000.")
  if (timestamp >= now + 1000)
    throw new BinanceError(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
  if (now - timestamp > window)
    throw new BinanceError(400, -1021, 'Timestamp for this request is outside of the recvWindow.')
}
