import { contractOf } from '../futures/state.ts'
import { type ContractSpec, maxLeverageOf } from '../futures/contracts.ts'
import { filtersOf } from '../futures/filters.ts'
import { fundingHistory, FUNDING_EVERY_MS, nextFundingTime, rateAt } from '../futures/funding.ts'
import { type Contract, indexAt, lastAt, markAt } from '../futures/prices.ts'
import { Money, print } from '../money.ts'
import { bookTicker, dayTicker, depthOf, klinesFor } from './market-routes.ts'
import { limitOf, optionalInteger, optionalText, type Parameters, requiredText } from './parameters.ts'
import { type Call, type Exchange, open, type Routes } from './routes.ts'

const ONBOARDED = 1_569_398_400_000
/** Binance's date for what is never delivered. */
const NEVER = 4_133_404_800_000

const contractInfo = (spec: ContractSpec) => ({
  symbol: spec.symbol,
  pair: spec.symbol,
  contractType: 'PERPETUAL',
  deliveryDate: NEVER,
  onboardDate: ONBOARDED,
  status: 'TRADING',
  maintMarginPercent: (spec.brackets[0]?.maintenance ?? new Money(0)).mul(100).toFixed(4),
  requiredMarginPercent: new Money(100).div(maxLeverageOf(spec)).toFixed(4),
  baseAsset: spec.base,
  quoteAsset: spec.quote,
  marginAsset: 'USDT',
  pricePrecision: spec.priceDecimals,
  quantityPrecision: spec.quantityDecimals,
  baseAssetPrecision: 8,
  quotePrecision: 8,
  underlyingType: 'COIN',
  underlyingSubType: [],
  triggerProtect: '0.0500',
  liquidationFee: new Money(spec.liquidationFee).toFixed(6),
  marketTakeBound: '0.15',
  maxMoveOrderLimit: 10_000,
  filters: filtersOf(spec),
  orderTypes: ['LIMIT', 'MARKET', 'STOP_MARKET', 'TAKE_PROFIT_MARKET'],
  timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
  permissionSets: ['GRID', 'COPY'],
})

const exchangeInfo = (exchange: Exchange, { now }: Call) => ({
  timezone: 'UTC',
  serverTime: now,
  futuresType: 'U_MARGINED',
  rateLimits: [
    {
      rateLimitType: 'REQUEST_WEIGHT',
      interval: 'MINUTE',
      intervalNum: 1,
      limit: exchange.weightPerMinute,
    },
  ],
  exchangeFilters: [],
  assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
  symbols: [...exchange.futures.contracts.values()].map(({ spec }) => contractInfo(spec)),
})

/** The contracts that a request names by `symbol` or not at all; one object or a list, as it asked. */
const perContract = ({ futures }: Exchange, { parameters }: Call, row: (contract: Contract) => unknown) => {
  const one = optionalText(parameters, 'symbol')
  if (one !== undefined) return row(contractOf(futures, one))
  return [...futures.contracts.values()].map(row)
}

const named = ({ futures }: Exchange, { parameters }: Call): Contract =>
  contractOf(futures, requiredText(parameters, 'symbol'))

const byCount = (one: number, all: number) => (parameters: Parameters) =>
  parameters.has('symbol') ? one : all

const premiumIndex = (contract: Contract, now: number) => ({
  symbol: contract.spec.symbol,
  markPrice: print(markAt(contract, now)),
  indexPrice: print(indexAt(contract, now)),
  estimatedSettlePrice: print(indexAt(contract, now)),
  lastFundingRate: rateAt(contract.spec.symbol, nextFundingTime(now)).toFixed(8),
  interestRate: '0.00010000',
  nextFundingTime: nextFundingTime(now),
  time: now,
})

/** From a given beginning, the first ones; without one, the latest. Oldest first in both cases. */
const fundingRate = (exchange: Exchange, call: Call) => {
  const limit = limitOf(call.parameters, 100, 1000)
  const start = optionalInteger(call.parameters, 'startTime')
  const end = Math.min(optionalInteger(call.parameters, 'endTime') ?? call.now, call.now)
  const from = start ?? Math.max(end - limit * FUNDING_EVERY_MS, 0)
  const one = optionalText(call.parameters, 'symbol')
  const contracts = one === undefined ? [...exchange.futures.contracts.values()] : [named(exchange, call)]
  const rows = contracts
    .flatMap((contract) => fundingHistory(exchange.futures, contract, from, end, limit))
    .sort((a, b) => a.time - b.time)
  return (start === undefined ? rows.slice(-limit) : rows.slice(0, limit)).map((row) => ({
    symbol: row.symbol,
    fundingTime: row.time,
    fundingRate: row.rate.toFixed(8),
    markPrice: print(row.mark),
  }))
}

const lastPrice = (exchange: Exchange, call: Call) =>
  perContract(exchange, call, (contract) => ({
    symbol: contract.spec.symbol,
    price: lastAt(contract, call.now).toFixed(contract.spec.priceDecimals),
    time: call.now,
  }))

export const futuresMarketRoutes: Routes = {
  'GET /fapi/v1/ping': open(1, () => ({})),
  'GET /fapi/v1/time': open(1, (_, { now }) => ({ serverTime: now })),
  'GET /fapi/v1/exchangeInfo': open(1, exchangeInfo),
  'GET /fapi/v1/klines': open(2, (exchange, call) => klinesFor(named(exchange, call).last, call, 1500)),
  'GET /fapi/v1/markPriceKlines': open(2, (exchange, call) =>
    klinesFor(named(exchange, call).mark, call, 1500),
  ),
  'GET /fapi/v1/depth': open(5, (exchange, call) =>
    depthOf(named(exchange, call).last, call.now, limitOf(call.parameters, 500, 1000)),
  ),
  'GET /fapi/v1/ticker/price': open(byCount(1, 2), lastPrice),
  'GET /fapi/v2/ticker/price': open(byCount(1, 2), lastPrice),
  'GET /fapi/v1/ticker/bookTicker': open(byCount(2, 5), (exchange, call) =>
    perContract(exchange, call, ({ last }) => ({ ...bookTicker(last, call.now), time: call.now })),
  ),
  'GET /fapi/v1/ticker/24hr': open(byCount(1, 40), (exchange, call) =>
    perContract(exchange, call, ({ last }) => dayTicker(last, call.now)),
  ),
  'GET /fapi/v1/premiumIndex': open(byCount(1, 10), (exchange, call) =>
    perContract(exchange, call, (contract) => premiumIndex(contract, call.now)),
  ),
  'GET /fapi/v1/fundingRate': open(1, fundingRate),
  'GET /fapi/v1/fundingInfo': open(1, ({ futures }) =>
    [...futures.contracts.keys()].map((symbol) => ({
      symbol,
      adjustedFundingRateCap: '0.02000000',
      adjustedFundingRateFloor: '-0.02000000',
      fundingIntervalHours: FUNDING_EVERY_MS / 3_600_000,
      disclaimer: false,
    })),
  ),
}
