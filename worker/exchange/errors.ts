import ccxt from 'ccxt'
import { ZodError } from 'zod'
import {
  VenueError,
  type PlaceResult,
  type RefusalCode,
  type VenueErrorKind,
} from '#trading/domain/exchange.ts'
import { answerOf, binanceProblem, silenceMs as binanceSilenceMs, type HttpAnswer } from './http-answer.ts'
import { hasOwnWords, problemOf } from './recipes/problems.ts'

/**
 * What each ccxt class means for a call that changes nothing. The nearest class up the chain counts, so that a class which ccxt
 * adds later gets its parent's meaning.
 */
const VENUE_ERROR_KINDS: ReadonlyMap<unknown, VenueErrorKind> = new Map<unknown, VenueErrorKind>([
  [ccxt.OperationFailed, 'UNREACHABLE'],
  [ccxt.NetworkError, 'UNREACHABLE'],
  [ccxt.InvalidNonce, 'UNREACHABLE'],
  [ccxt.DDoSProtection, 'RATE_LIMITED'],
  [ccxt.RateLimitExceeded, 'RATE_LIMITED'],
  [ccxt.ChecksumError, 'UNREADABLE'],
  [ccxt.BadResponse, 'UNREADABLE'],
  [ccxt.ExchangeError, 'REFUSED'],
  [ccxt.AuthenticationError, 'KEY_REFUSED'],
  [ccxt.BadSymbol, 'MARKET_GONE'],
  [ccxt.MarketClosed, 'MARKET_GONE'],
  [ccxt.ContractUnavailable, 'MARKET_GONE'],
])

/** Any error of a call to a venue, as a VenueError. What is no error of a venue (a bug of ours) counts as unreadable, with its cause. */
export function toVenueError(error: unknown): VenueError {
  if (error instanceof VenueError) return error
  const answer = answerOf(error)
  const message = sentenceOf(error, answer)
  return new VenueError(kindOf(error, answer), message, { cause: error, retryAfterMs: silenceMs(answer) })
}

/** How long the venue wants no more calls of ours, in milliseconds; null when the answer asks for nothing of the kind. */
export function silenceMs(answer: HttpAnswer | null): number | null {
  const told = answer === null ? null : (problemOf(answer)?.meaning?.silenceMs ?? null)
  return told ?? binanceSilenceMs(answer)
}

function kindOf(error: unknown, answer: HttpAnswer | null): VenueErrorKind {
  const own = answer === null ? null : (problemOf(answer)?.meaning ?? null)
  if (own !== null) return own.kind
  if (answer !== null) {
    const code = hasOwnWords(answer) ? 0 : (binanceProblem(answer)?.code ?? 0)
    // An error that Binance sends as a success: who knows what it is about.
    if (answer.status < 400 && code < 0) return 'UNREADABLE'
    const known = BINANCE_KINDS.get(code)
    if (known !== undefined) return known
    if (answer.status === 429 || answer.status === 418) return 'RATE_LIMITED'
    if (answer.status >= 500) return 'UNREACHABLE'
  }
  if (error instanceof ZodError || error instanceof SyntaxError) return 'UNREADABLE'
  for (
    let type: unknown = constructorOf(error);
    typeof type === 'function';
    type = Object.getPrototypeOf(type)
  ) {
    const kind = VENUE_ERROR_KINDS.get(type)
    if (kind !== undefined) return kind
  }
  return 'UNREADABLE'
}

/** Binance's codes where ccxt's class says less, or another thing once an account has been used (-2015). */
const BINANCE_KINDS: ReadonlyMap<number, VenueErrorKind> = new Map<number, VenueErrorKind>([
  [-1002, 'KEY_REFUSED'],
  [-1003, 'RATE_LIMITED'],
  [-1015, 'RATE_LIMITED'],
  [-1021, 'UNREACHABLE'],
  [-1022, 'KEY_REFUSED'],
  [-1121, 'MARKET_GONE'],
  [-2008, 'KEY_REFUSED'],
  [-2014, 'KEY_REFUSED'],
  [-2015, 'KEY_REFUSED'],
])

/** Codes of Binance's that prove that nothing was done, when answered with a 4xx. */
export type Refusals = ReadonlyMap<number, RefusalCode>

/**
 * Binance's codes that prove that an order was refused, when answered with a 4xx. Codes that are missing here prove nothing: -1000
 * (unknown), -1001 (disconnected), -1006 and -1007 (execution status unknown), -1008 and -1016 (server busy or going down) among them.
 * Source: "Error codes" of Binance's spot API documents.
 */
const BINANCE_REFUSALS: Refusals = new Map<number, RefusalCode>([
  [-1002, 'KEY_REFUSED'],
  [-1003, 'RATE_LIMITED'],
  [-1013, 'ORDER_INVALID'],
  [-1014, 'ORDER_INVALID'],
  [-1015, 'RATE_LIMITED'],
  [-1020, 'ORDER_INVALID'],
  [-1021, 'CLOCK_SKEW'],
  [-1022, 'KEY_REFUSED'],
  ...range(-1100, -1108),
  ...range(-1111, -1120),
  [-1121, 'MARKET_CLOSED'],
  ...range(-1128, -1139),
  [-2008, 'KEY_REFUSED'],
  [-2010, 'ORDER_INVALID'],
  [-2014, 'KEY_REFUSED'],
  [-2015, 'KEY_REFUSED'],
])

/** -2010 ("new order rejected") and -1010 carry the matching engine's reason in words. */
const REJECTION_WORDS: readonly [RegExp, RefusalCode | 'UNKNOWN'][] = [
  // An order with this id is open. An intent is sent once, so it may well be ours: look.
  [/duplicate order/i, 'UNKNOWN'],
  [/unknown order/i, 'UNKNOWN'],
  [/insufficient balance/i, 'BALANCE_INSUFFICIENT'],
  [/market is closed/i, 'MARKET_CLOSED'],
  [
    /(not permitted|restricted) for this account|disabled on this account|trading is not enabled/i,
    'KEY_REFUSED',
  ],
]

/** What an error of sending proves, by Binance's table of that API. Everything that is not proven to be a refusal is UNKNOWN. */
export function toPlaceResult(
  error: unknown,
  refusals: Refusals = BINANCE_REFUSALS,
): Exclude<PlaceResult, { kind: 'ACCEPTED' }> {
  const answer = answerOf(error)
  const message = sentenceOf(error, answer)
  const code = answer === null ? null : refusalOf(answer, refusals)
  return code === null ? { kind: 'UNKNOWN', message } : { kind: 'REFUSED', code, message }
}

function refusalOf(answer: HttpAnswer, refusals: Refusals): RefusalCode | null {
  const own = problemOf(answer)
  if (own !== null) return own.meaning?.refusal ?? null
  // Both stand in front of the matching engine.
  if (answer.status === 429 || answer.status === 418) return 'RATE_LIMITED'
  if (answer.status < 400 || answer.status > 499) return null
  const problem = binanceProblem(answer)
  if (problem === null || hasOwnWords(answer)) return null
  if (problem.code === -2010 || problem.code === -1010) {
    const code = REJECTION_WORDS.find(([words]) => words.test(problem.msg))?.[1]
    if (code !== undefined) return code === 'UNKNOWN' ? null : code
  }
  return refusals.get(problem.code) ?? null
}

/** True when the venue did not take the time that a call was signed with. */
export function isClockWrong(error: unknown): boolean {
  const answer = answerOf(error)
  if (answer !== null && hasOwnWords(answer)) return problemOf(answer)?.meaning?.clock === true
  return answer !== null && answer.status >= 400 && binanceProblem(answer)?.code === -1021
}

/** The venue's own words where it says that it is being maintained, else null. */
export function maintenanceWords(error: unknown): string | null {
  const answer = answerOf(error)
  const said = answer !== null && answer.status >= 500 && /maintenance|system upgrade/i.test(answer.body)
  if (!said && !(error instanceof ccxt.OnMaintenance)) return null
  const words = answer === null ? null : binanceProblem(answer)?.msg
  return words ?? 'System maintenance.'
}

/** True when the venue answered with one of these codes of Binance's, and a 4xx. */
export function isBinanceCode(error: unknown, ...codes: number[]): boolean {
  const answer = answerOf(error)
  if (answer === null || answer.status < 400 || answer.status > 499) return false
  const problem = binanceProblem(answer)
  return problem !== null && codes.includes(problem.code)
}

/** True when the venue says that there is no such order; Binance: -2013 when asked for, -2011 when cancelled. */
export function isNoSuchOrder(error: unknown): boolean {
  const answer = answerOf(error)
  if (answer !== null && hasOwnWords(answer)) return problemOf(answer)?.meaning?.noSuchOrder === true
  if (answer === null || answer.status < 400 || answer.status > 499) return false
  const problem = binanceProblem(answer)
  return (
    problem !== null &&
    (problem.code === -2013 || (problem.code === -2011 && /unknown order/i.test(problem.msg)))
  )
}

/** What people read: the venue's own words where it gave any. */
function sentenceOf(error: unknown, answer: HttpAnswer | null): string {
  const own = answer === null ? null : problemOf(answer)
  if (own !== null) return `${own.words} (${own.code})`
  const problem = answer === null ? null : binanceProblem(answer)
  if (problem !== null) return `${problem.msg} (${problem.code})`
  if (answer !== null && answer.status >= 400) return `The exchange answered with HTTP ${answer.status}.`
  if (error instanceof ZodError) return `The exchange's answer could not be read: ${zodSummary(error)}`
  return withoutAddress(error instanceof Error ? error.message : String(error))
}

function zodSummary(error: ZodError): string {
  return error.issues
    .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    .slice(0, 3)
    .join('; ')
}

/** ccxt begins with its own name of the exchange (the sandbox is "binance" to it) and puts the whole address in, signature included. */
function withoutAddress(message: string): string {
  return message
    .replace(/^\w+ (GET|POST|PUT|DELETE) https?:\/\/\S+\s*/, '')
    .replace(/(https?:\/\/[^\s?]+)\?\S*/g, '$1')
    .slice(0, 500)
}

function constructorOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? error.constructor : undefined
}

/** Parameters that were checked before an order could exist. */
function range(from: number, to: number): [number, RefusalCode][] {
  return Array.from({ length: from - to + 1 }, (_, index) => [from - index, 'ORDER_INVALID'])
}
