import type { Credentials, TradingAccount } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { makeVenues, type Venues } from '../../venues.ts'
import { type CoreMarket, makeCore } from './core.ts'
import { type Dialect, type FakeVenue, startFakeVenue } from './fake-venue.ts'

const TIMING = { httpTimeoutMs: 3000, recvWindowMs: 5000, sendBudgetMs: 3000, settleSkewMs: 1000 }

export type FakeAccount = {
  venue: FakeVenue
  account: TradingAccount
  market(symbol: string): Market
  /** Another account at the same venue. */
  accountWith(credentials: Credentials): TradingAccount
  newDialect(): Dialect
  close(): Promise<void>
}

/**
 * A fake venue for a test file, started at its first use: one server and one reading of its markets for all tests, and for each of them an
 * engine without a past (10,000 USDT) and an account by the unmodified adapter.
 */
export function makeFakeBench(parts: {
  exchange: string
  credentials: Credentials
  dialect: () => Dialect
  markets: readonly CoreMarket[]
  /** 10,000 USDT where it is absent. */
  balances?: Record<string, string>
}): { open(): Promise<FakeAccount>; close(): Promise<void> } {
  const { exchange, credentials } = parts
  let started: Promise<{ venue: FakeVenue; venues: Venues; markets: Market[] }> | null = null

  async function start() {
    const venue = await startFakeVenue(parts.dialect(), newCore())
    const venues = makeVenues({ env: { exchangeUrls: { [exchange]: venue.url }, timing: TIMING } })
    const { markets } = await venues.marketData(exchange).loadMarkets()
    return { venue, venues, markets }
  }
  const newCore = () => makeCore(parts.markets, parts.balances ?? { USDT: '10000' })

  return {
    async open() {
      started ??= start()
      const { venue, venues, markets } = await started
      venue.begin(parts.dialect(), newCore())
      const account = venues.account(exchange, credentials)
      return {
        ...{ venue, account },
        market(symbol) {
          const found = markets.find((one) => one.symbol === symbol)
          if (found === undefined) throw new Error(`no market ${symbol} of ${markets.length}`)
          return found
        },
        accountWith: (others) => venues.account(exchange, others),
        newDialect: parts.dialect,
        close: () => account.close(),
      }
    },
    async close() {
      await (await started)?.venue.close()
    },
  }
}
