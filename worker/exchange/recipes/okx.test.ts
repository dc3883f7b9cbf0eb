import { afterAll } from 'vitest'
import { newClientOrderId } from '#trading/store/client-order-ids.ts'
import { describeTradingAccount } from '../contract.fixture.ts'
import { describeFuturesAccount } from '../contract-futures.fixture.ts'
import { makeFakeBench } from './testing/fake-account.ts'
import { okxDialect } from './testing/okx-dialect.ts'
import { OKX_KEYS, OKX_MARKETS } from './testing/okx-rows.ts'

const bench = makeFakeBench({
  ...{ exchange: 'okx', credentials: OKX_KEYS, markets: OKX_MARKETS },
  dialect: () => okxDialect(),
})
afterAll(() => bench.close())
const newClientId = () => newClientOrderId('okx')

describeTradingAccount('okx spot', async () => {
  const { venue, account, market, close } = await bench.open()
  const symbol = 'BTC/USDT'
  return {
    ...{ account, close, newClientId, market: market(symbol) },
    setPrice: async (price) => venue.core.setPrice(symbol, price),
    loseNextAnswer: async () => venue.fault('POST /api/v5/trade/order', 'DROP'),
  }
})

describeFuturesAccount('okx swap', async () => {
  const { venue, account, market, close } = await bench.open()
  const symbol = 'BTC/USDT:USDT'
  return {
    ...{ account, close, newClientId, market: market(symbol), liquidates: true },
    setPrice: async (price) => venue.core.setPrice(symbol, price),
    setMark: async (price) => venue.core.setMark(symbol, price),
    loseNextAnswer: async () => {
      for (const path of ['order', 'order-algo']) venue.fault(`POST /api/v5/trade/${path}`, 'DROP')
    },
    fillNextInParts: async () => {
      const { finish } = venue.core.fillNextInParts()
      return { finish: async () => finish() }
    },
    fund: async (rate) => venue.core.fund(symbol, rate),
  }
})
