import { graphql, type ResultOf } from '../graphql.ts'

const BacktestFragment = graphql(`
  fragment BacktestRow on Backtest {
    id
    name
    exchange
    symbol
    timeframe
    strategy
    initialCapital
    source
    from
    to
    status
    phase
    candlesDone
    candlesTotal
    canceling
    version
    error
    createdAt
    figures {
      from
      to
      candles
      gaps
      initialCapital
      finalEquity
      returnPerc
      maxDrawdownPerc
      sharpe
      trades
      openTrades
      winRatePerc
      profitFactor
      exposurePerc
      fees
      buyAndHoldPerc
      buyAndHoldDrawdownPerc
      pauseReason
      notes
      refusals {
        code
        count
      }
    }
  }
`)

export type BacktestRow = ResultOf<typeof BacktestFragment>
export type BacktestFigures = NonNullable<BacktestRow['figures']>

export const BacktestsQuery = graphql(
  `
    query Backtests($first: Int!, $after: String) {
      backtests(first: $first, after: $after) {
        edges {
          node {
            ...BacktestRow
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [BacktestFragment],
)

export const BacktestQuery = graphql(
  `
    query Backtest($id: ID!) {
      backtest(id: $id) {
        ...BacktestRow
      }
    }
  `,
  [BacktestFragment],
)

export const BacktestChangedSubscription = graphql(
  `
    subscription BacktestChanged($id: ID!) {
      backtestChanged(id: $id) {
        ...BacktestRow
      }
    }
  `,
  [BacktestFragment],
)

export const BacktestCurveQuery = graphql(`
  query BacktestCurve($id: ID!) {
    backtest(id: $id) {
      id
      equityCurve {
        at
        equity
        buyAndHold
      }
    }
  }
`)

export type CurvePoint = NonNullable<ResultOf<typeof BacktestCurveQuery>['backtest']>['equityCurve'][number]

export const BacktestTradesQuery = graphql(`
  query BacktestTrades($id: ID!, $first: Int!, $after: String) {
    backtest(id: $id) {
      id
      trades(first: $first, after: $after) {
        totalCount
        edges {
          cursor
          node {
            side
            entryAt
            entryPrice
            entryReason
            amount
            fees
            exitAt
            exitPrice
            exit
            exitReason
            profit
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

type TradesPage = NonNullable<ResultOf<typeof BacktestTradesQuery>['backtest']>['trades']
/** A round trip, by its place in the list. */
export type BacktestTrade = TradesPage['edges'][number]['node'] & { id: string }

export const StartBacktestMutation = graphql(`
  mutation StartBacktest($input: BacktestInput!) {
    startBacktest(input: $input) {
      __typename
      ... on Backtest {
        id
        name
      }
      ... on ValidationError {
        message
        issues {
          path
          message
        }
      }
      ... on NotFoundError {
        message
      }
    }
  }
`)

export const CancelBacktestMutation = graphql(`
  mutation CancelBacktest($id: ID!) {
    cancelBacktest(id: $id) {
      __typename
      ... on NotFoundError {
        message
      }
    }
  }
`)

export const DeleteBacktestMutation = graphql(`
  mutation DeleteBacktest($id: ID!) {
    deleteBacktest(id: $id) {
      __typename
      ... on NotFoundError {
        message
      }
    }
  }
`)
