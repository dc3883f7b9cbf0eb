import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { LookResult, OrderRequest, PlaceResult, TradingAccount } from '#trading/domain/exchange.ts'
import { decimal } from '#trading/domain/money.ts'
import { startRecorded, type Recorded, type RecordedAnswer } from './recorded.fixture.ts'
import { exchangeInfo, serverTime } from './recorded/binance.ts'
import type { ExchangeSettings } from './settings.ts'
import { makeVenues } from './venues.ts'

export const PLACE = 'POST /api/v3/order'
export const LOOK = 'GET /api/v3/order'
export const OPEN = 'GET /api/v3/openOrders'
export const ALL = 'GET /api/v3/allOrders'
export const TRADES = 'GET /api/v3/myTrades'
export const CLIENT_ID = 'tb0123456789abcdef0123456789abcdef'

/** A Binance of recorded answers for a test file, with an account of the unmodified adapter at it, new for each test. */
export function withRecordedBinance() {
  let server: Recorded
  let account: TradingAccount
  const settings = (): ExchangeSettings => ({
    exchangeUrls: { binance: server.url },
    timing: { httpTimeoutMs: 2000, recvWindowMs: 5000, sendBudgetMs: 2000, settleSkewMs: 1000 },
  })
  beforeAll(async () => {
    server = await startRecorded({ 'GET /api/v3/exchangeInfo': exchangeInfo, 'GET /api/v3/time': serverTime })
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    for (const endpoint of [LOOK, OPEN, ALL, TRADES]) server.answer(endpoint, '[]')
    const credentials = { apiKey: 'k', secretKey: 's', passphrase: null }
    account = makeVenues({ env: settings() }).account('binance', credentials)
    await account.prepare('BTC/USDT')
  })
  return {
    settings,
    server: () => server,
    account: () => account,
    /** Orders 10 BTC at market, and is answered so. */
    place(answer: RecordedAnswer, more: Partial<OrderRequest> = {}): Promise<PlaceResult> {
      server.answer(PLACE, answer)
      return account.placeOrder({
        terms: { type: 'MARKET' },
        symbol: 'BTC/USDT',
        side: 'BUY',
        amount: decimal('10'),
        clientOrderId: CLIENT_ID,
        signedAt: Date.now(),
        recvWindowMs: 5000,
        timeoutMs: 1000,
        ...more,
      })
    },
    /** Looks for an order by its client id, and is answered so. */
    look(answer: RecordedAnswer): Promise<LookResult> {
      server.answer(LOOK, answer)
      return account.findOrder({
        symbol: 'BTC/USDT',
        clientOrderId: CLIENT_ID,
        exchangeOrderId: null,
        since: new Date(Date.now() - 1000),
      })
    },
  }
}
