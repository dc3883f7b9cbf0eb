import { graphql, type ResultOf } from '../graphql.ts'

/** What a list row and the head of the detail page show; the same for queries, commands and subscriptions. */
export const BotLiveFragment = graphql(`
  fragment BotLive on Bot {
    id
    name
    exchange
    symbol
    timeframe
    mode
    positionType
    direction
    leverage
    checkIntervalSeconds
    isActive
    revision
    allowedCommands
    state {
      status
      pauseReason
      errorCode
      errorMessage
      closing
      notice
      noticeMessage
      version
      dailyPnl
      dailyTradeCount
      totalPnl
      equity
      lastPrice
      markPrice
      lastSignal
      lastTickAt
      nextTickAt
      updatedAt
    }
    position {
      side
      amount
      averagePrice
      stopLossPrice
      takeProfitPrice
      liquidationPrice
      leverage
      margin
      funding
      unrealizedPnl
      openedAt
      protectedAtExchange
      exchangeStopPrice
      unprotectedBecause
    }
    notTradingBecause {
      code
      label
      message
    }
  }
`)

export type BotLive = ResultOf<typeof BotLiveFragment>
export type BotStatus = BotLive['state']['status']
export type BotCommand = BotLive['allowedCommands'][number]

export const BotsQuery = graphql(
  `
    query Bots($first: Int!, $after: String, $status: BotStatus, $search: String) {
      bots(first: $first, after: $after, status: $status, search: $search) {
        edges {
          cursor
          node {
            ...BotLive
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
      }
    }
  `,
  [BotLiveFragment],
)

export const BotsChangedSubscription = graphql(
  `
    subscription BotsChanged {
      botsChanged {
        ...BotLive
      }
    }
  `,
  [BotLiveFragment],
)

export const BotEventFragment = graphql(`
  fragment BotEventRow on BotEvent {
    id
    cursor
    botId
    type
    fromStatus
    toStatus
    actor
    message
    at
  }
`)

export type BotEvent = ResultOf<typeof BotEventFragment>

export const BotEventsSubscription = graphql(
  `
    subscription BotEvents($after: String) {
      botEvents(after: $after) {
        ...BotEventRow
      }
    }
  `,
  [BotEventFragment],
)
