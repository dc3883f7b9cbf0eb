import { graphql, type ResultOf } from '../graphql.ts'
import { BotEventFragment, BotLiveFragment } from './bots.ts'

/** Every setting of a bot: what the detail page lists and what the edit and duplicate forms start from. */
export const BotConfigFragment = graphql(`
  fragment BotConfig on Bot {
    id
    revision
    name
    exchange
    symbol
    timeframe
    mode
    apiKey {
      id
      label
      keyHint
    }
    initialCapital
    dailyTargetPerc
    maxDailyLossPerc
    maxDailyTrades
    onDailyLimit
    resumeNextDay
    maxDrawdownPerc
    positionSizeFixed
    stopLossPerc
    takeProfitPerc
    trailingStopPerc
    paperFeePerc
    paperSlippagePerc
    emaFast
    emaSlow
    rsiPeriod
    rsiOverbought
    rsiOversold
    strategy
    strategyParams {
      name
      value
    }
    positionType
    direction
    leverage
    transferAmount
    autoTransferFunds
    checkIntervalSeconds
    cooldownSeconds
    maxOrderValue
    maxOrdersPerMinute
    priceCollarPerc
    createdAt
    updatedAt
  }
`)

export type BotConfig = ResultOf<typeof BotConfigFragment>

export const BotQuery = graphql(
  `
    query Bot($id: ID!) {
      bot(id: $id) {
        ...BotLive
        ...BotConfig
      }
    }
  `,
  [BotLiveFragment, BotConfigFragment],
)

export const BotConfigQuery = graphql(
  `
    query BotConfig($id: ID!) {
      bot(id: $id) {
        ...BotConfig
      }
    }
  `,
  [BotConfigFragment],
)

export const OrderFragment = graphql(`
  fragment OrderRow on Order {
    id
    clientOrderId
    exchangeOrderId
    side
    purpose
    status
    type
    price
    stopPrice
    revision
    origin
    reduceOnly
    amount
    filled
    averagePrice
    reason
    errorCode
    errorMessage
    createdAt
    updatedAt
  }
`)

export type OrderRow = ResultOf<typeof OrderFragment>

export const BotOrdersQuery = graphql(
  `
    query BotOrders($id: ID!, $first: Int!, $after: String) {
      bot(id: $id) {
        id
        orders(first: $first, after: $after) {
          edges {
            node {
              ...OrderRow
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [OrderFragment],
)

export const TradeFragment = graphql(`
  fragment TradeRow on Trade {
    id
    orderId
    side
    amount
    price
    fee
    feeCurrency
    realizedPnl
    executedAt
  }
`)

export type TradeRow = ResultOf<typeof TradeFragment>

export const BotTradesQuery = graphql(
  `
    query BotTrades($id: ID!, $first: Int!, $after: String) {
      bot(id: $id) {
        id
        trades(first: $first, after: $after) {
          edges {
            node {
              ...TradeRow
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [TradeFragment],
)

export const BotEventsQuery = graphql(
  `
    query BotEvents($id: ID!, $first: Int!, $after: String) {
      bot(id: $id) {
        id
        events(first: $first, after: $after) {
          edges {
            node {
              ...BotEventRow
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [BotEventFragment],
)

export const BotChecksQuery = graphql(`
  query BotChecks($id: ID!) {
    bot(id: $id) {
      id
      tradingChecks {
        code
        label
        passed
        message
      }
    }
  }
`)

export type TradingCheck = NonNullable<ResultOf<typeof BotChecksQuery>['bot']>['tradingChecks'][number]

export const BotRevisionsQuery = graphql(`
  query BotRevisions($id: ID!, $last: Int!) {
    bot(id: $id) {
      id
      revisions(last: $last) {
        revision
        actor
        at
        changes {
          field
          from
          to
        }
      }
    }
  }
`)

export type BotRevision = NonNullable<ResultOf<typeof BotRevisionsQuery>['bot']>['revisions'][number]

export const BotDaysQuery = graphql(`
  query BotDays($id: ID!) {
    bot(id: $id) {
      id
      days(last: 30) {
        date
        startEquity
        realizedPnl
        unrealizedPnl
        fees
        funding
        tradeCount
      }
    }
  }
`)

export const BotFundingsQuery = graphql(`
  query BotFundings($id: ID!, $last: Int!) {
    bot(id: $id) {
      id
      totalFunding
      fundings(last: $last) {
        id
        amount
        currency
        paidAt
        recordedAt
      }
    }
  }
`)

export const BotTransfersQuery = graphql(`
  query BotTransfers($id: ID!, $last: Int!) {
    bot(id: $id) {
      id
      transfers(last: $last) {
        id
        purpose
        fromWallet
        toWallet
        amount
        currency
        status
        exchangeTransferId
        errorCode
        errorMessage
        candidates {
          id
          at
        }
        createdAt
        order {
          id
        }
      }
    }
  }
`)

export type TransferRow = NonNullable<ResultOf<typeof BotTransfersQuery>['bot']>['transfers'][number]

export const CandlesQuery = graphql(`
  query Candles($exchange: String!, $symbol: String!, $timeframe: String!, $limit: Int!) {
    candles(exchange: $exchange, symbol: $symbol, timeframe: $timeframe, limit: $limit) {
      openTime
      closed
      open
      high
      low
      close
    }
  }
`)

export const CandleChangedSubscription = graphql(`
  subscription CandleChanged($exchange: String!, $symbol: String!, $timeframe: String!) {
    candleChanged(exchange: $exchange, symbol: $symbol, timeframe: $timeframe) {
      openTime
      closed
      open
      high
      low
      close
    }
  }
`)
