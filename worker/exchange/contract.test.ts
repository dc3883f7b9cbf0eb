import { afterAll, beforeAll } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import type { Market } from '#trading/domain/market.ts'
import { decimal, type Decimal } from '#trading/domain/money.ts'
import { makePaperAccount } from '#trading/domain/paper/paper-account.ts'
import { describeTradingAccount } from './contract.fixture.ts'
import { control, openSandboxAccount, settingsFor } from './sandbox.fixture.ts'
import { makeVenues } from './venues.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

// Both ids of the one adapter, over real HTTP.
for (const exchange of ['sandbox', 'binance'])
  describeTradingAccount(`${exchange}, over the sandbox`, async () => {
    const { timing } = settingsFor(sandbox.url)
    const venues = makeVenues({ env: { exchangeUrls: { [exchange]: sandbox.url }, timing } })
    const { credentials } = await openSandboxAccount(sandbox.url)
    const { markets } = await venues.marketData(exchange).loadMarkets()
    const market = markets.find((one) => one.symbol === 'BTC/USDT')
    if (market === undefined) throw new Error('no market')
    const account = venues.account(exchange, credentials)
    return {
      account,
      market,
      setPrice: async (price) =>
        void (await control(sandbox.url, 'POST', '/sandbox/price', { symbol: 'BTCUSDT', price })),
      loseNextAnswer: async () =>
        void (await control(sandbox.url, 'POST', '/sandbox/faults', {
          endpoint: 'POST /api/v3/order',
          kind: 'drop',
          count: 1,
          account: credentials.apiKey,
        })),
      close: () => account.close(),
    }
  })

const MARKET: Market = {
  exchange: 'paper',
  symbol: 'BTC/USDT',
  base: 'BTC',
  quote: 'USDT',
  type: 'SPOT',
  active: true,
  priceTick: decimal('0.01'),
  amountStep: decimal('0.00001'),
  minAmount: null,
  minCost: decimal('5'),
  maxLeverage: null,
}

describeTradingAccount('paper', async () => {
  let price: Decimal = decimal('60000')
  let lost = false
  const account = makePaperAccount({
    markets: [MARKET],
    price: (symbol) => (symbol === MARKET.symbol ? price : null),
    now: () => new Date(),
    costs: { paperSlippagePerc: decimal('0.05'), paperFeePerc: decimal('0.1') },
    balances: { USDT: decimal('10000') },
  })
  return {
    account: {
      ...account,
      // The account itself always answers; what may get lost is the way to it.
      async placeOrder(request) {
        const result = await account.placeOrder(request)
        if (!lost) return result
        lost = false
        return { kind: 'UNKNOWN', message: 'lost' }
      },
    },
    market: MARKET,
    setPrice: async (given) => void (price = decimal(given)),
    loseNextAnswer: async () => void (lost = true),
    close: async () => {},
  }
})
