import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { LookResult, OrderRequest, PlaceResult, TradingAccount } from '#trading/domain/exchange.ts'
import { decimal } from '#trading/domain/money.ts'
import { CLIENT_ID } from './recorded-account.fixture.ts'
import { startRecorded, type Recorded, type RecordedAnswer } from './recorded.fixture.ts'
import { exchangeInfo as spotInfo, serverTime } from './recorded/binance.ts'
import { exchangeInfo, noSuchOrder } from './recorded/binance-futures.ts'
import { makeVenues } from './venues.ts'

export const PERPETUAL = 'BTC/USDT:USDT'
export const FAPI = {
  PLACE: 'POST /fapi/v1/order',
  PLACE_STOP: 'POST /fapi/v1/algoOrder',
  LOOK: 'GET /fapi/v1/order',
  LOOK_STOP: 'GET /fapi/v1/algoOrder',
  OPEN: 'GET /fapi/v1/openOrders',
  OPEN_STOPS: 'GET /fapi/v1/openAlgoOrders',
  ALL: 'GET /fapi/v1/allOrders',
  ALL_STOPS: 'GET /fapi/v1/allAlgoOrders',
  TRADES: 'GET /fapi/v1/userTrades',
} as const

/** A Binance of recorded answers, spot and futures, with an account of the unmodified adapter at it, new for each test. */
export function withRecordedFutures() {
  let server: Recorded
  let account: TradingAccount
  beforeAll(async () => {
    server = await startRecorded({
      'GET /api/v3/exchangeInfo': spotInfo,
      'GET /api/v3/time': serverTime,
      'GET /fapi/v1/exchangeInfo': exchangeInfo,
      'GET /fapi/v1/time': serverTime,
    })
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    for (const endpoint of [FAPI.OPEN, FAPI.OPEN_STOPS, FAPI.ALL, FAPI.ALL_STOPS, FAPI.TRADES])
      server.answer(endpoint, '[]')
    for (const endpoint of [FAPI.LOOK, FAPI.LOOK_STOP]) server.answer(endpoint, noSuchOrder)
    const timing = { httpTimeoutMs: 2000, recvWindowMs: 5000, sendBudgetMs: 2000, settleSkewMs: 1000 }
    const credentials = { apiKey: 'k', secretKey: 's', passphrase: null }
    account = makeVenues({ env: { exchangeUrls: { binance: server.url }, timing } }).account(
      'binance',
      credentials,
    )
    await account.prepare(PERPETUAL)
  })
  const request: OrderRequest = {
    terms: { type: 'MARKET' },
    symbol: PERPETUAL,
    side: 'BUY',
    amount: decimal('0.01'),
    clientOrderId: CLIENT_ID,
    signedAt: 0,
    recvWindowMs: 5000,
    timeoutMs: 1000,
  }
  return {
    server: () => server,
    account: () => account,
    /** Orders 0.01 BTC at market, and is answered so. */
    place(answer: RecordedAnswer, more: Partial<OrderRequest> = {}): Promise<PlaceResult> {
      server.answer(FAPI.PLACE, answer)
      return account.placeOrder({ ...request, signedAt: Date.now(), ...more })
    },
    /** Places the stop of a long of 0.01 BTC, and is answered so. */
    placeStop(answer: RecordedAnswer): Promise<PlaceResult> {
      server.answer(FAPI.PLACE_STOP, answer)
      const terms = { type: 'STOP_MARKET', stopPrice: decimal('59000') } as const
      return account.placeOrder({ ...request, terms, side: 'SELL', reduceOnly: true, signedAt: Date.now() })
    },
    find(exchangeOrderId: string | null = null): Promise<LookResult> {
      return account.findOrder({
        symbol: PERPETUAL,
        clientOrderId: CLIENT_ID,
        exchangeOrderId,
        since: new Date(Date.now() - 1000),
      })
    },
  }
}
