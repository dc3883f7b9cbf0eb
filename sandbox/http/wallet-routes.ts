import { open, type Routes, signed } from './routes.ts'
import { assetsOf } from './trade-routes.ts'

const noMarkets = open(1, (_, { now }) => ({ timezone: 'UTC', serverTime: now, symbols: [] }))

/** The few endpoints beside /api/v3 that clients ask of Binance when they start: a key's rights, coins, and other markets (none here). */
export const walletRoutes: Routes = {
  'GET /sapi/v1/system/status': open(1, () => ({ status: 0, msg: 'normal' })),
  'GET /sapi/v1/account/apiRestrictions': signed(1, (_, __, account) => ({
    ipRestrict: false,
    createTime: account.createdAt,
    enableReading: true,
    enableWithdrawals: account.permissions.canWithdraw,
    enableInternalTransfer: account.permissions.canTransfer,
    enableMargin: false,
    enableFutures: account.permissions.canTrade && account.permissions.canFutures,
    permitsUniversalTransfer: account.permissions.canTransfer,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: account.permissions.canTrade,
    enablePortfolioMarginTrading: false,
  })),
  'GET /sapi/v1/capital/config/getall': signed(10, ({ state }) =>
    assetsOf(state).map((coin) => ({
      coin,
      name: coin,
      depositAllEnable: false,
      withdrawAllEnable: false,
      trading: true,
      isLegalMoney: false,
      free: '0',
      locked: '0',
      freeze: '0',
      withdrawing: '0',
      networkList: [],
    })),
  ),
  'GET /sapi/v1/margin/allPairs': open(1, () => []),
  'GET /sapi/v1/margin/isolated/allPairs': open(1, () => []),
  'GET /dapi/v1/exchangeInfo': noMarkets,
}
