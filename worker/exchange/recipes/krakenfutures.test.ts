import { afterAll } from 'vitest'
import { describeFuturesAccount } from '../contract-futures.fixture.ts'
import { makeFakeBench } from './testing/fake-account.ts'
import { KRAKENFUTURES_KEY, KRAKENFUTURES_MARKET, krakenfuturesDialect } from './testing/krakenfutures.ts'

const { symbol } = KRAKENFUTURES_MARKET
const bench = makeFakeBench({
  exchange: 'krakenfutures',
  credentials: { ...KRAKENFUTURES_KEY, passphrase: null },
  markets: [KRAKENFUTURES_MARKET],
  balances: { USD: '10000' },
  dialect: () => krakenfuturesDialect(),
})
afterAll(() => bench.close())

describeFuturesAccount('krakenfutures, over a local server of its real shapes', async () => {
  const { venue, account, market, close } = await bench.open()
  return {
    ...{
      account,
      close,
      market: market(symbol),
      liquidates: true,
      cannotTell: ['liquidationPrice', 'margin'],
    },
    setPrice: async (price) => venue.core.setPrice(symbol, price),
    setMark: async (price) => venue.core.setMark(symbol, price),
    loseNextAnswer: async () => venue.fault('POST /derivatives/api/v3/sendorder', 'DROP'),
    fillNextInParts: async () => {
      const { finish } = venue.core.fillNextInParts()
      return { finish: async () => finish() }
    },
    fund: async (rate) => venue.core.fund(symbol, rate),
  }
})
