import { afterAll, describe, expect, test } from 'vitest'
import { BYBIT_KEYS, BYBIT_MARKETS, bybitAccount, bybitDialect } from './testing/bybit-dialect.ts'
import { makeFakeBench } from './testing/fake-account.ts'
import type { FakeAnswer } from './testing/fake-venue.ts'
import { describeOddAnswers } from './testing/odd-answers.fixture.ts'

const bench = () =>
  makeFakeBench({
    ...{ exchange: 'bybit', credentials: BYBIT_KEYS, markets: BYBIT_MARKETS },
    dialect: () => bybitDialect(),
  })
const answer = (retCode: number, result: object = {}): FakeAnswer => ({
  body: {
    retCode,
    retMsg: retCode === 0 ? 'OK' : 'Something new.',
    result,
    retExtInfo: {},
    time: Date.now(),
  },
})

for (const symbol of ['BTC/USDT', 'BTC/USDT:USDT'])
  describeOddAnswers(`bybit, ${symbol}`, {
    ...{ exchange: 'bybit', symbol, bench, create: 'POST /v5/order/create' },
    ...{ look: 'GET /v5/order/realtime', openList: 'GET /v5/order/history' },
    strange: answer(199_999),
    another: answer(0, { orderId: '1', orderLinkId: 'tb-another' }),
    timesOf({ headers }) {
      const signed = Number(headers['x-bapi-timestamp'])
      return { signed, expires: signed + Number(headers['x-bapi-recv-window']) }
    },
    withWrongSecret: ({ accountWith }) => accountWith({ ...BYBIT_KEYS, secretKey: 'wrong' }),
  })

describe('an account at bybit', () => {
  const account = bybitAccount()
  const own = makeFakeBench({
    ...{ exchange: 'bybit', credentials: BYBIT_KEYS, markets: BYBIT_MARKETS },
    dialect: () => bybitDialect(account),
  })
  afterAll(() => own.close())

  test('is set to isolated margin once, and to a leverage only where that differs', async () => {
    const { venue, account: its } = await own.open()
    for (let turn = 0; turn < 2; turn++) await its.setUpFutures('BTC/USDT:USDT', 7)
    expect(venue.asked('POST /v5/account/set-margin-mode')).toHaveLength(1)
    expect(venue.asked('POST /v5/position/set-leverage')).toHaveLength(1)
    expect(account.marginMode).toBe('ISOLATED_MARGIN')
  })

  test('of the classic kind is refused with what to do', async () => {
    const { account: its } = await own.open()
    account.unifiedMarginStatus = 1
    await expect(its.setUpFutures('BTC/USDT:USDT', 7)).rejects.toThrow(
      /upgrade it to a unified trading account/,
    )
    account.unifiedMarginStatus = 5
  })

  test('tells what its key may do', async () => {
    const { account: its } = await own.open()
    expect(await its.probeRights()).toEqual({ canTrade: true, canTransfer: true, canWithdraw: false })
    account.permissions = { ...account.permissions, Wallet: ['Withdraw'] }
    expect(await its.probeRights()).toEqual({ canTrade: true, canTransfer: false, canWithdraw: true })
    account.readOnly = 1
    expect(await its.probeRights()).toEqual({ canTrade: false, canTransfer: false, canWithdraw: false })
  })
})
