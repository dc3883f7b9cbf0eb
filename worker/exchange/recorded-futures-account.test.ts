import { describe, expect, test } from 'vitest'
import { plain } from '#trading/domain/money.ts'
import { FAPI, PERPETUAL, withRecordedFutures } from './recorded-futures.fixture.ts'

const DUAL = 'GET /fapi/v1/positionSide/dual'
const SET_DUAL = 'POST /fapi/v1/positionSide/dual'
const CONFIG = 'GET /fapi/v1/symbolConfig'
const RISK = 'GET /fapi/v3/positionRisk'
const SET_LEVERAGE = 'POST /fapi/v1/leverage'
const SET_MARGIN = 'POST /fapi/v1/marginType'
const INCOME = 'GET /fapi/v1/income'

const { server, account } = withRecordedFutures()
const asked = (endpoint: string) => server().asked(endpoint).length
const problem = (code: number, msg: string) => ({ status: 400, body: JSON.stringify({ code, msg }) })
const config = (marginType: string, leverage: number) =>
  JSON.stringify([
    { symbol: 'BTCUSDT', marginType, isAutoAddMargin: false, leverage, maxNotionalValue: '1000000' },
  ])
const oneWay = '{"dualSidePosition": false}'
const position = (fields: object = {}) =>
  JSON.stringify([
    {
      symbol: 'BTCUSDT',
      positionSide: 'BOTH',
      positionAmt: '-0.030',
      entryPrice: '60010.5',
      breakEvenPrice: '60030.1',
      markPrice: '60100.12345678',
      unRealizedProfit: '-2.68870367',
      liquidationPrice: '71234.56789',
      isolatedMargin: '357.37',
      notional: '-1803.00370367',
      marginAsset: 'USDT',
      isolatedWallet: '360.06',
      adl: 2,
      updateTime: 1720736417660,
      ...fields,
    },
  ])

describe('setting up a market', () => {
  test('asks first, and changes nothing that is right', async () => {
    server().answer(DUAL, oneWay)
    server().answer(CONFIG, config('ISOLATED', 5))
    const before = [asked(SET_MARGIN), asked(SET_LEVERAGE)]
    await account().setUpFutures(PERPETUAL, 5)
    expect([asked(SET_MARGIN), asked(SET_LEVERAGE)]).toEqual(before)
  })

  test('changes what differs, and takes "no need to change" for done', async () => {
    server().answer(DUAL, '{"dualSidePosition": true}')
    server().answer(RISK, '[]')
    server().answer(SET_DUAL, problem(-4059, 'No need to change position side.'))
    server().answer(CONFIG, config('CROSSED', 20))
    server().answer(SET_MARGIN, problem(-4046, 'No need to change margin type.'))
    server().answer(SET_LEVERAGE, '{"leverage": 5, "maxNotionalValue": "1000000", "symbol": "BTCUSDT"}')
    await account().setUpFutures(PERPETUAL, 5)
    expect(server().asked(SET_DUAL).at(-1)?.get('dualSidePosition')).toBe('false')
    expect(server().asked(SET_MARGIN).at(-1)?.get('marginType')).toBe('ISOLATED')
    expect(server().asked(SET_LEVERAGE).at(-1)?.get('leverage')).toBe('5')
  })

  test('leaves hedge mode on while something is open, and says so', async () => {
    server().answer(DUAL, '{"dualSidePosition": true}')
    const before = asked(SET_DUAL)
    for (const [risk, orders, stops] of [
      [position({ positionSide: 'SHORT' }), '[]', '[]'],
      ['[]', '[{}]', '[]'],
      ['[]', '[]', '[{}]'],
    ] as const) {
      server().answer(RISK, risk)
      server().answer(FAPI.OPEN, orders)
      server().answer(FAPI.OPEN_STOPS, stops)
      await expect(account().setUpFutures(PERPETUAL, 5)).rejects.toMatchObject({
        kind: 'REFUSED',
        message: expect.stringContaining('hedge mode'),
      })
    }
    expect(asked(SET_DUAL)).toBe(before)
  })

  test.each([
    [SET_LEVERAGE, -4028, 'Leverage 126 is not valid', 'choose a lower one'],
    [
      SET_LEVERAGE,
      -4161,
      'Leverage reduction is not supported in Isolated Margin Mode with open positions.',
      'close it first',
    ],
    [SET_MARGIN, -4048, 'Margin type cannot be changed if there exists position.', 'close them'],
    [
      SET_MARGIN,
      -4168,
      'Unable to adjust to isolated-margin mode under the Multi-Assets mode.',
      'single-asset mode',
    ],
  ])('%s that is refused with %i (%s) says what to change', async (endpoint, code, msg, sentence) => {
    server().answer(DUAL, oneWay)
    server().answer(CONFIG, config(endpoint === SET_MARGIN ? 'CROSSED' : 'ISOLATED', 20))
    server().answer(endpoint, problem(code, msg))
    await expect(account().setUpFutures(PERPETUAL, 126)).rejects.toMatchObject({
      kind: 'REFUSED',
      message: expect.stringContaining(sentence),
    })
  })

  test('that fails otherwise passes on what the exchange said', async () => {
    server().answer(DUAL, oneWay)
    server().answer(CONFIG, config('ISOLATED', 20))
    server().answer(SET_LEVERAGE, { status: 502, body: '' })
    await expect(account().setUpFutures(PERPETUAL, 5)).rejects.toMatchObject({ kind: 'UNREACHABLE' })
  })
})

describe('a position', () => {
  test('is told by its side, without a sign, with what remains of its margin', async () => {
    server().answer(RISK, position())
    server().answer(CONFIG, config('ISOLATED', 5))
    const told = await account().fetchPosition(PERPETUAL)
    expect(told).toMatchObject({ side: 'SELL', leverage: 5, isolated: true })
    expect(
      [told?.amount, told?.entryPrice, told?.markPrice, told?.liquidationPrice, told?.margin].map(String),
    ).toEqual(['0.03', '60010.5', '60100.12345678', '71234.56789', '360.06'])
  })

  test('of nothing is none, and without a liquidation price has none', async () => {
    server().answer(RISK, '[]')
    expect(await account().fetchPosition(PERPETUAL)).toBeNull()
    server().answer(RISK, position({ positionAmt: '0.000' }))
    expect(await account().fetchPosition(PERPETUAL)).toBeNull()
    server().answer(RISK, position({ positionAmt: '0.010', liquidationPrice: '0' }))
    server().answer(CONFIG, config('CROSSED', 1))
    expect(await account().fetchPosition(PERPETUAL)).toMatchObject({
      side: 'BUY',
      liquidationPrice: null,
      margin: null,
      isolated: false,
    })
  })

  test('of hedge mode is not taken for one', async () => {
    server().answer(RISK, position({ positionSide: 'SHORT' }))
    await expect(account().fetchPosition(PERPETUAL)).rejects.toMatchObject({ kind: 'REFUSED' })
  })
})

const funding = (tranId: number, income: string, time: number) => ({
  symbol: 'BTCUSDT',
  incomeType: 'FUNDING_FEE',
  income,
  asset: 'USDT',
  info: 'FUNDING_FEE',
  time,
  tranId,
  tradeId: '',
})

test('funding is read from each week since then, each payment once, in order', async () => {
  const now = Date.now()
  const day = 86_400_000
  server().answer(
    INCOME,
    JSON.stringify([funding(1, '-0.37500000', now - 9 * day)]),
    JSON.stringify([
      funding(3, '0.12500000', now - day),
      funding(2, '-0.1', now - 2 * day),
      funding(3, '0.12500000', now - day),
    ]),
  )
  const before = asked(INCOME)
  const listed = await account().fetchFunding(PERPETUAL, new Date(now - 10 * day))
  expect(listed.map((one) => [one.id, plain(one.amount), one.currency])).toEqual([
    ['1', '-0.375', 'USDT'],
    ['2', '-0.1', 'USDT'],
    ['3', '0.125', 'USDT'],
  ])
  const windows = server()
    .asked(INCOME)
    .slice(before)
    .filter((one) => one.get('incomeType') === 'FUNDING_FEE')
  expect(windows).toHaveLength(2)
  const [first, second] = windows.map((one) => Number(one.get('startTime')))
  expect(Number(windows[0]?.get('endTime'))).toBe((second ?? 0) - 1)
  expect((second ?? 0) - (first ?? 0)).toBeLessThanOrEqual(7 * day)
})

test('what a liquidation costs is listed beside, as what it is', async () => {
  const cost = { ...funding(3, '-7.5', Date.now()), incomeType: 'INSURANCE_CLEAR' }
  server().answer(INCOME, JSON.stringify([funding(3, '0.1', Date.now() - 1000)]), JSON.stringify([cost]))
  const listed = await account().fetchFunding(PERPETUAL, new Date(Date.now() - 5000))
  expect(listed.map((one) => [plain(one.amount), one.liquidationFee ?? false])).toEqual([
    ['0.1', false],
    ['-7.5', true],
  ])
  expect(new Set(listed.map((one) => one.id)).size).toBe(2)
})

test('funding of another market, or something else than funding, is no answer', async () => {
  for (const more of [{ symbol: 'ETHUSDT' }, { incomeType: 'COMMISSION' }, { income: 'NaN' }]) {
    server().answer(INCOME, JSON.stringify([{ ...funding(1, '1', Date.now()), ...more }]))
    await expect(account().fetchFunding(PERPETUAL, new Date())).rejects.toMatchObject({ kind: 'UNREADABLE' })
  }
})

test('the futures wallet is told to the last digit, debts too', async () => {
  server().answer(
    'GET /fapi/v3/balance',
    JSON.stringify([
      { asset: 'USDT', balance: '122607.35137903', availableBalance: '23.72469206', crossUnPnl: '0' },
      { asset: 'BNB', balance: '-0.00000001', availableBalance: '0.00000000', crossUnPnl: '0' },
    ]),
  )
  const balances = await account().fetchBalance('FUTURES')
  expect([...balances].map(([asset, { free, total }]) => [asset, plain(free), plain(total)])).toEqual([
    ['USDT', '23.72469206', '122607.35137903'],
    ['BNB', '0', '-0.00000001'],
  ])
})

test('a liquidation is known by the id that Binance gives it', async () => {
  const row = (orderId: number, clientOrderId: string) => ({
    ...{
      orderId,
      symbol: 'BTCUSDT',
      status: 'FILLED',
      clientOrderId,
      side: 'SELL',
      origQty: '1',
      executedQty: '1',
    },
    ...{ cumQuote: '1', time: Date.now() + orderId, updateTime: Date.now() + orderId },
  })
  server().answer(
    FAPI.ALL,
    JSON.stringify([
      row(1, 'autoclose-1611234567890123'),
      row(2, 'adl_autoclose'),
      row(3, 'autoclosed-by-me'),
    ]),
  )
  const orders = await account().fetchOrders(PERPETUAL, new Date(Date.now() - 1000))
  expect(orders.map((order) => order.liquidation ?? false)).toEqual([true, true, false])
})
