import { afterAll, describe, expect, test } from 'vitest'
import { makeFakeBench } from './testing/fake-account.ts'
import type { FakeAnswer } from './testing/fake-venue.ts'
import { describeOddAnswers } from './testing/odd-answers.fixture.ts'
import { okxDialect } from './testing/okx-dialect.ts'
import { OKX_KEYS, OKX_MARKETS } from './testing/okx-rows.ts'

const bench = () =>
  makeFakeBench({
    ...{ exchange: 'okx', credentials: OKX_KEYS, markets: OKX_MARKETS },
    dialect: () => okxDialect(),
  })
const answer = (code: string, data: object): FakeAnswer => ({ body: { code, msg: '', data: [data] } })

for (const symbol of ['BTC/USDT', 'BTC/USDT:USDT'])
  describeOddAnswers(`okx, ${symbol}`, {
    ...{ exchange: 'okx', symbol, bench, create: 'POST /api/v5/trade/order' },
    ...{ look: 'GET /api/v5/trade/order', openList: 'GET /api/v5/trade/orders-history' },
    strange: answer('1', { ordId: '', clOrdId: '', sCode: '51999', sMsg: 'Something new.' }),
    another: answer('0', { ordId: '1', clOrdId: 'another', sCode: '0', sMsg: '' }),
    timesOf: ({ headers }) => ({
      signed: Date.parse(String(headers['ok-access-timestamp'])),
      expires: Number(headers['exptime']),
    }),
    withWrongSecret: ({ accountWith }) => accountWith({ ...OKX_KEYS, secretKey: 'wrong' }),
  })

describe('an account at okx', () => {
  const account = { acctLv: '2', posMode: 'long_short_mode', perm: 'read_only,trade' }
  const own = makeFakeBench({
    ...{ exchange: 'okx', credentials: OKX_KEYS, markets: OKX_MARKETS },
    dialect: () => okxDialect(account),
  })
  afterAll(() => own.close())

  test('is set to net mode once, and to a leverage only where that differs', async () => {
    const { venue, account: its } = await own.open()
    for (let turn = 0; turn < 2; turn++) await its.setUpFutures('BTC/USDT:USDT', 7)
    expect(venue.asked('POST /api/v5/account/set-position-mode')).toHaveLength(1)
    expect(venue.asked('POST /api/v5/account/set-leverage')).toHaveLength(1)
  })

  test('in spot mode is refused with what to do', async () => {
    const { account: its } = await own.open()
    account.acctLv = '1'
    await expect(its.setUpFutures('BTC/USDT:USDT', 7)).rejects.toThrow(/choose futures mode at OKX/)
    account.acctLv = '2'
  })

  test('counts amounts in base currency, whatever a contract is', async () => {
    const { market } = await own.open()
    const { amountStep, minAmount, futures } = market('BTC/USDT:USDT')
    expect([amountStep, minAmount].map(String)).toEqual(['0.0001', '0.0001'])
    expect(futures?.settle).toBe('USDT')
  })

  test('tells what its key may do', async () => {
    const { account: its } = await own.open()
    expect(await its.probeRights()).toEqual({ canTrade: true, canTransfer: true, canWithdraw: false })
    account.perm = 'read_only,withdraw'
    expect(await its.probeRights()).toEqual({ canTrade: false, canTransfer: false, canWithdraw: true })
  })
})
