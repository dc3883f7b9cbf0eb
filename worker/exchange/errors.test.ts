import ccxt from 'ccxt'
import { expect, test } from 'vitest'
import type { VenueErrorKind } from '#trading/domain/exchange.ts'
import { isNoSuchOrder, toPlaceResult, toVenueError } from './errors.ts'
import { noteAnswer } from './http-answer.ts'

/** Every class that this release of ccxt has, with what a call that failed with it means. */
const KINDS: Record<string, VenueErrorKind> = {
  BaseError: 'UNREADABLE',
  UnsubscribeError: 'UNREADABLE',
  ExchangeError: 'REFUSED',
  AuthenticationError: 'KEY_REFUSED',
  PermissionDenied: 'KEY_REFUSED',
  AccountNotEnabled: 'KEY_REFUSED',
  AccountSuspended: 'KEY_REFUSED',
  ArgumentsRequired: 'REFUSED',
  BadRequest: 'REFUSED',
  BadSymbol: 'MARKET_GONE',
  OperationRejected: 'REFUSED',
  NoChange: 'REFUSED',
  MarginModeAlreadySet: 'REFUSED',
  MarketClosed: 'MARKET_GONE',
  ManualInteractionNeeded: 'REFUSED',
  RestrictedLocation: 'REFUSED',
  InsufficientFunds: 'REFUSED',
  InvalidAddress: 'REFUSED',
  AddressPending: 'REFUSED',
  InvalidOrder: 'REFUSED',
  OrderNotFound: 'REFUSED',
  OrderNotCached: 'REFUSED',
  OrderImmediatelyFillable: 'REFUSED',
  OrderNotFillable: 'REFUSED',
  DuplicateOrderId: 'REFUSED',
  ContractUnavailable: 'MARKET_GONE',
  NotSupported: 'REFUSED',
  InvalidProxySettings: 'REFUSED',
  ExchangeClosedByUser: 'REFUSED',
  OperationFailed: 'UNREACHABLE',
  NetworkError: 'UNREACHABLE',
  DDoSProtection: 'RATE_LIMITED',
  RateLimitExceeded: 'RATE_LIMITED',
  ExchangeNotAvailable: 'UNREACHABLE',
  OnMaintenance: 'UNREACHABLE',
  InvalidNonce: 'UNREACHABLE',
  ChecksumError: 'UNREADABLE',
  RequestTimeout: 'UNREACHABLE',
  BadResponse: 'UNREADABLE',
  NullResponse: 'UNREADABLE',
  CancelPending: 'UNREACHABLE',
}

type ErrorClass = new (message: string) => Error
const isErrorClass = (value: unknown): value is ErrorClass =>
  value === ccxt.BaseError || (typeof value === 'function' && value.prototype instanceof ccxt.BaseError)

const classes = Object.entries(ccxt).flatMap(([name, value]: [string, unknown]) =>
  isErrorClass(value) ? [{ name, type: value }] : [],
)

test('each class of ccxt has its meaning, and a release that adds one is noticed', () => {
  expect(classes.map(({ name }) => name).toSorted()).toEqual(Object.keys(KINDS).toSorted())
  for (const { name, type } of classes)
    expect([name, toVenueError(new type('x')).kind]).toEqual([name, KINDS[name]])
})

test('no class of ccxt alone proves that an order was refused', () => {
  for (const { name, type } of classes)
    expect([name, toPlaceResult(new type('x')).kind]).toEqual([name, 'UNKNOWN'])
  for (const error of [new Error('x'), new TypeError('x'), 'x', null, undefined])
    expect(toPlaceResult(error).kind).toBe('UNKNOWN')
})

test.each([
  [400, -1013, 'Filter failure: LOT_SIZE', 'ORDER_INVALID'],
  [400, -1021, 'Timestamp for this request is outside of the recvWindow.', 'CLOCK_SKEW'],
  [400, -1022, 'Signature for this request is not valid.', 'KEY_REFUSED'],
  [400, -1102, 'Mandatory parameter was not sent.', 'ORDER_INVALID'],
  [400, -1121, 'Invalid symbol.', 'MARKET_CLOSED'],
  [401, -2014, 'API-key format invalid.', 'KEY_REFUSED'],
  [401, -2015, 'Invalid API-key, IP, or permissions for action.', 'KEY_REFUSED'],
  [400, -2010, 'Account has insufficient balance for requested action.', 'BALANCE_INSUFFICIENT'],
  [400, -2010, 'Market is closed.', 'MARKET_CLOSED'],
  [400, -2010, 'This symbol is not permitted for this account.', 'KEY_REFUSED'],
  [400, -2010, 'Market orders are not supported for this symbol.', 'ORDER_INVALID'],
  [429, -1015, 'Too many new orders.', 'RATE_LIMITED'],
  [429, -1003, 'Too much request weight used.', 'RATE_LIMITED'],
  [418, -1003, 'IP banned until 1.', 'RATE_LIMITED'],
])('HTTP %i with %i (%s) proves a refusal: %s', (status, code, msg, refusal) => {
  expect(toPlaceResult(answered(status, { code, msg }))).toMatchObject({ kind: 'REFUSED', code: refusal })
})

test.each([
  [400, -1000, 'An unknown error occurred while processing the request.'],
  [400, -1001, 'Internal error; unable to process your request.'],
  [400, -1006, 'An unexpected response was received from the message bus. Execution status unknown.'],
  [
    400,
    -1007,
    'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
  ],
  [400, -1008, 'Spot server is currently overloaded with other requests.'],
  [400, -2010, 'Duplicate order sent.'],
  [400, -9999, 'Something new.'],
  [500, -2010, 'Account has insufficient balance for requested action.'],
  [503, -1013, 'Filter failure: LOT_SIZE'],
  [200, -2010, 'Account has insufficient balance for requested action.'],
])('HTTP %i with %i (%s) proves nothing', (status, code, msg) => {
  expect(toPlaceResult(answered(status, { code, msg })).kind).toBe('UNKNOWN')
})

test('a 4xx that is not Binance’s JSON proves nothing', () => {
  for (const body of ['<html>403 Forbidden</html>', '', '{}', '{"code":"-2010","msg":"x"}', 'null'])
    expect(toPlaceResult(answered(403, body)).kind).toBe('UNKNOWN')
})

test('the answer’s words, code and Retry-After are kept, and no signature is', () => {
  const limited = answered(429, { code: -1003, msg: 'Slow down.' }, { 'Retry-After': '7' })
  expect(toVenueError(limited)).toMatchObject({
    kind: 'RATE_LIMITED',
    message: 'Slow down. (-1003)',
    retryAfterMs: 7000,
  })
  const timedOut = new ccxt.RequestTimeout(
    'binance GET https://x.test/api/v3/order?signature=abc timed out (5 ms)',
  )
  expect(toVenueError(timedOut).message).toBe('timed out (5 ms)')
})

test('a missing order is told from a failing look', () => {
  expect(isNoSuchOrder(answered(400, { code: -2013, msg: 'Order does not exist.' }))).toBe(true)
  expect(isNoSuchOrder(answered(400, { code: -2011, msg: 'Unknown order sent.' }))).toBe(true)
  expect(isNoSuchOrder(answered(400, { code: -2011, msg: 'This action is disabled on this account.' }))).toBe(
    false,
  )
  expect(isNoSuchOrder(answered(500, { code: -2013, msg: 'Order does not exist.' }))).toBe(false)
  expect(isNoSuchOrder(new ccxt.OrderNotFound('x'))).toBe(false)
})

function answered(status: number, body: object | string, headers: Record<string, string> = {}): Error {
  const error = new ccxt.ExchangeError('x')
  noteAnswer(error, { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
  return error
}
