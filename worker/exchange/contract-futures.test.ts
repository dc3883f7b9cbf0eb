import { startSandbox } from '#sandbox/server.ts'
import { describeFuturesAccount } from './contract-futures.fixture.ts'
import { control, openSandboxAccount, settingsFor } from './sandbox.fixture.ts'
import { makeVenues } from './venues.ts'

// Both ids of the one adapter, over real HTTP.
for (const exchange of ['sandbox', 'binance'])
  describeFuturesAccount(`${exchange}, over the sandbox`, async () => {
    // One each: the weights of all tests together are more than an address may use in a minute.
    const sandbox = await startSandbox()
    const hold = (price: string | null, market?: 'mark') =>
      control(sandbox.url, 'POST', '/sandbox/price', { symbol: 'BTCUSDT', price, ...(market && { market }) })
    const { timing } = settingsFor(sandbox.url)
    const venues = makeVenues({ env: { exchangeUrls: { [exchange]: sandbox.url }, timing } })
    const { credentials } = await openSandboxAccount(sandbox.url, { futures: { USDT: '10000' } })
    const { markets } = await venues.marketData(exchange).loadMarkets()
    const market = markets.find((one) => one.symbol === 'BTC/USDT:USDT')
    if (market === undefined) throw new Error('no market')
    const account = venues.account(exchange, credentials)
    const fault = (endpoint: string, kind: string, more: object = {}) =>
      control(sandbox.url, 'POST', '/sandbox/faults', {
        ...{ endpoint, kind, count: 1, account: credentials.apiKey },
        ...more,
      })
    return {
      account,
      market,
      setPrice: async (price) => {
        await hold(null, 'mark')
        await hold(price)
      },
      setMark: async (price) => void (await hold(price, 'mark')),
      // Whichever of the two is next.
      loseNextAnswer: async () => {
        await fault('POST /fapi/v1/order', 'drop')
        await fault('POST /fapi/v1/algoOrder', 'drop')
      },
      fillNextInParts: async () => {
        const ms = 1500
        await fault('POST /fapi/v1/order', 'partial', { ms, pieces: 4 })
        return { finish: () => new Promise((resolve) => setTimeout(resolve, ms + 100)) }
      },
      fund: async (rate) =>
        void (await control(sandbox.url, 'POST', '/sandbox/funding', { symbol: 'BTCUSDT', rate })),
      liquidates: true,
      close: async () => {
        await account.close()
        await sandbox.close()
      },
    }
  })
