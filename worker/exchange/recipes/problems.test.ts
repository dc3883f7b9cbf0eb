import { expect, test } from 'vitest'
import { isClockWrong, isNoSuchOrder, toPlaceResult, toVenueError } from '../errors.ts'
import { noteAnswer, type HttpAnswer } from '../http-answer.ts'

/** An error as ccxt throws it, with the answer that it is about. */
function failed(answer: Partial<HttpAnswer> & { venue: string }): Error {
  const error = new Error('as ccxt says it')
  noteAnswer(error, { status: 200, headers: {}, body: '', ...answer })
  return error
}
const bybit = (retCode: number, status = 200) =>
  failed({ venue: 'bybit', status, body: JSON.stringify({ retCode, retMsg: 'Said so.', result: {} }) })
const okx = (code: string, sCode: string | null = null, status = 200) => {
  const data = sCode === null ? [] : [{ ordId: '', clOrdId: '', sCode, sMsg: 'Said so.' }]
  return failed({ venue: 'okx', status, body: JSON.stringify({ code, msg: 'All failed.', data }) })
}

test.each([
  ['insufficient balance at bybit', bybit(170131), 'BALANCE_INSUFFICIENT'],
  ['too little margin at bybit', bybit(110007), 'BALANCE_INSUFFICIENT'],
  ['nothing to reduce at bybit', bybit(110017), 'ORDER_INVALID'],
  ['a trigger that is reached at bybit', bybit(110093), 'ORDER_INVALID'],
  ['a key of bybit that is gone', bybit(33004), 'KEY_REFUSED'],
  ['a time that bybit does not take', bybit(10002), 'CLOCK_SKEW'],
  ['too many orders at bybit', bybit(10006), 'RATE_LIMITED'],
  [
    'an address that bybit bans',
    failed({ venue: 'bybit', status: 403, body: 'access too frequent' }),
    'RATE_LIMITED',
  ],
  ['insufficient balance at okx', okx('1', '51008'), 'BALANCE_INSUFFICIENT'],
  ['nothing to reduce at okx', okx('1', '51169'), 'ORDER_INVALID'],
  ['an amount off its step at okx', okx('1', '51121'), 'ORDER_INVALID'],
  ['a market that okx has suspended', okx('1', '51022'), 'MARKET_CLOSED'],
  ['an order that came too late at okx', okx('50036'), 'CLOCK_SKEW'],
  ['a wrong passphrase at okx', okx('50105', null, 401), 'KEY_REFUSED'],
  ['too many requests at okx', okx('50011', null, 429), 'RATE_LIMITED'],
])('%s is a refusal', (_what, error, code) => {
  expect(toPlaceResult(error)).toMatchObject({ kind: 'REFUSED', code })
})

test.each([
  ['a server of bybit that ran out of time', bybit(10000)],
  ['a failure inside bybit', bybit(10016)],
  ['a time-out of bybit’s engine', bybit(170146)],
  ['a client id that bybit has seen', bybit(110072)],
  ['a code of bybit that is in no table', bybit(123_456)],
  ['a refusal that bybit sends as a server error', bybit(170131, 502)],
  ['a time-out of okx', okx('50004')],
  ['a busy okx', okx('50013', null, 503)],
  ['a client id that okx has seen', okx('1', '51016')],
  ['a code of okx that is in no table', okx('1', '59999')],
  [
    'Binance’s words from bybit',
    failed({ venue: 'bybit', status: 400, body: '{"code":-2010,"msg":"Account has insufficient balance"}' }),
  ],
  ['a gateway', failed({ venue: 'okx', status: 502, body: '<html>' })],
])('%s proves nothing of an order', (_what, error) => {
  expect(toPlaceResult(error)).toMatchObject({ kind: 'UNKNOWN' })
})

test('no order there, a wrong time, a lost market and a lost key are told apart', () => {
  expect([bybit(110001), bybit(170213), okx('51603'), okx('1', '51400')].map(isNoSuchOrder)).toEqual(
    Array.from({ length: 4 }, () => true),
  )
  expect([bybit(10016), okx('50013'), bybit(170131)].map(isNoSuchOrder)).toEqual([false, false, false])
  expect([bybit(10002), okx('50102'), bybit(10003)].map(isClockWrong)).toEqual([true, true, false])
  const kinds = [okx('51001'), okx('50111'), bybit(10003), bybit(10016), okx('50011'), bybit(999_999, 500)]
  expect(kinds.map((error) => toVenueError(error).kind)).toEqual([
    ...(['MARKET_GONE', 'KEY_REFUSED', 'KEY_REFUSED', 'UNREACHABLE', 'RATE_LIMITED', 'UNREACHABLE'] as const),
  ])
})

test('people read the venue’s own words, and its code', () => {
  expect(toVenueError(okx('1', '51008')).message).toBe('Said so. (51008)')
  expect(toVenueError(bybit(110007)).message).toBe('Said so. (110007)')
})
