import { VenueError, type OrderRequest } from '#trading/domain/exchange.ts'
import { plain, ZERO } from '#trading/domain/money.ts'
import { BYBIT_FUTURES } from './bybit-futures.ts'
import { bybitOrders } from './bybit-orders.ts'
import { bybitKey, bybitWallet } from './bybit-shapes.ts'
import { lastPrices } from './last-prices.ts'
import type { Recipe } from './recipe.ts'

const prices = lastPrices(async (desk, market) => {
  const ticker = await desk.ask('public', 'GET', 'v5/market/tickers', { category: 'spot', symbol: market.id })
  return tickerPrice(ticker, 'result', 'list', 0, 'lastPrice')
})

const spot = bybitOrders('spot', spotTerms)

/** Bybit, unified account. One wallet pays for both kinds of market. */
export const BYBIT: Recipe = {
  exchange: 'bybit',
  spot: {
    ...spot,
    prepare: prices.read,
    // Bybit takes a spot stop on the wrong side of the price as a take-profit: it is compared with the price of a moment ago.
    build: (market, request, at, desk) => {
      prices.refuseTriggered(desk, market, request)
      return spot.build(market, request, at, desk)
    },
  },
  futures: BYBIT_FUTURES,
  // By user and path, in a second. Source: "Rate Limit Rules" of Bybit's v5 API documents.
  pace: {
    windowMs: 1_000,
    otherwise: 50,
    most: {
      'v5/order/cancel': 10,
      'v5/position/set-leverage': 10,
      'v5/position/switch-mode': 10,
      'v5/account/set-margin-mode': 10,
      'v5/account/transaction-log': 30,
      'v5/user/query-api': 10,
    },
  },
  async balance(desk) {
    const answer = await desk.ask('private', 'GET', 'v5/account/wallet-balance', { accountType: 'UNIFIED' })
    const coins = bybitWallet.parse(answer).result.list.flatMap(({ coin }) => coin)
    return new Map(
      coins.map((row) => {
        const bound = [row.locked, row.totalOrderIM, row.totalPositionIM].reduce<typeof ZERO>(
          (sum, part) => sum.plus(part ?? ZERO),
          ZERO,
        )
        return [row.coin, { free: row.walletBalance.minus(bound), total: row.walletBalance }]
      }),
    )
  },
  async rights(desk) {
    const { readOnly, permissions } = bybitKey.parse(
      await desk.ask('private', 'GET', 'v5/user/query-api'),
    ).result
    const has = (group: string, right: string) => permissions[group]?.includes(right) === true
    return {
      // Which of both a key is for, Bybit says when it refuses an order of the other kind.
      canTrade: readOnly === 0 && (has('Spot', 'SpotTrade') || has('ContractTrade', 'Order')),
      canTransfer: readOnly === 0 && (has('Wallet', 'AccountTransfer') || has('Wallet', 'SubMemberTransfer')),
      canWithdraw: readOnly === 0 && has('Wallet', 'Withdraw'),
    }
  },
}

function spotTerms({ terms, reduceOnly }: OrderRequest): Record<string, unknown> {
  if (reduceOnly === true) throw new Error('a spot market has no reduce-only orders')
  switch (terms.type) {
    case 'MARKET':
      return { orderType: 'Market', marketUnit: 'baseCoin' }
    case 'LIMIT_IOC':
      return { orderType: 'Limit', timeInForce: 'IOC', price: plain(terms.price) }
    case 'STOP_LIMIT':
      return {
        orderType: 'Limit',
        timeInForce: 'GTC',
        orderFilter: 'tpslOrder',
        price: plain(terms.price),
        triggerPrice: plain(terms.stopPrice),
      }
    case 'STOP_MARKET':
      throw new Error('a spot market has no STOP_MARKET here')
  }
}

/** A price deep in an answer. @throws VenueError UNREADABLE */
function tickerPrice(answer: unknown, ...path: (string | number)[]): string {
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    answer,
  )
  if (typeof found === 'string' && found !== '') return found
  throw new VenueError('UNREADABLE', 'The exchange told no price.')
}
