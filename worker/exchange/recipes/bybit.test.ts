import { afterAll } from 'vitest'
import { describeTradingAccount } from '../contract.fixture.ts'
import { describeFuturesAccount } from '../contract-futures.fixture.ts'
import { BYBIT_KEYS, BYBIT_MARKETS, bybitDialect } from './testing/bybit-dialect.ts'
import { makeFakeBench } from './testing/fake-account.ts'

const CREATE = 'POST /v5/order/create'
const bench = makeFakeBench({
  ...{ exchange: 'bybit', credentials: BYBIT_KEYS, markets: BYBIT_MARKETS },
  dialect: () => bybitDialect(),
})
afterAll(() => bench.close())

describeTradingAccount('bybit spot', async () => {
  const { venue, account, market, close } = await bench.open()
  const symbol = 'BTC/USDT'
  return {
    ...{ account, close, market: market(symbol) },
    setPrice: async (price) => venue.core.setPrice(symbol, price),
    loseNextAnswer: async () => venue.fault(CREATE, 'DROP'),
  }
})

describeFuturesAccount('bybit linear', async () => {
  const { venue, account, market, close } = await bench.open()
  const symbol = 'BTC/USDT:USDT'
  return {
    ...{ account, close, market: market(symbol), liquidates: true },
    setPrice: async (price) => venue.core.setPrice(symbol, price),
    setMark: async (price) => venue.core.setMark(symbol, price),
    loseNextAnswer: async () => venue.fault(CREATE, 'DROP'),
    fillNextInParts: async () => {
      const { finish } = venue.core.fillNextInParts()
      return { finish: async () => finish() }
    },
    fund: async (rate) => venue.core.fund(symbol, rate),
  }
})
