import { graphql, type ResultOf, type VariablesOf } from '../graphql.ts'
import { BotConfigFragment } from './bot-detail.ts'

/** What the form offers, all from the API: exchanges, strategies and the viewer's keys. */
export const FormChoicesQuery = graphql(`
  query FormChoices {
    exchanges {
      id
      name
      live
      liveFutures
      transfers
      oneWallet
      realMoney
      timeframes
      minCheckIntervalSeconds
    }
    strategies {
      id
      name
      description
      fields
      parameters {
        name
        label
        help
        min
        max
        integer
        default
      }
    }
    apiKeys {
      id
      exchange
      label
      keyHint
      canTrade
      canTransfer
    }
    bots(first: 1) {
      totalCount
    }
  }
`)

export type FormChoices = ResultOf<typeof FormChoicesQuery>
export type StrategyChoice = FormChoices['strategies'][number]

/** What strategies and their parameters are called, for a bot's settings in words. */
export const StrategiesQuery = graphql(`
  query Strategies {
    strategies {
      id
      name
      description
      fields
      parameters {
        name
        label
        help
        min
        max
        integer
        default
      }
    }
  }
`)

export const MarketsQuery = graphql(`
  query Markets($exchange: String!, $search: String, $type: PositionType, $first: Int!) {
    markets(exchange: $exchange, search: $search, type: $type, first: $first, orderBy: VOLUME) {
      symbol
      base
      quote
      type
      priceTick
      amountStep
      minAmount
      minCost
      maxLeverage
      maintenanceMarginPerc
      volume24h
      updatedAt
      stale
    }
  }
`)

export type Market = ResultOf<typeof MarketsQuery>['markets'][number]

export const ValidateBotQuery = graphql(`
  query ValidateBot($input: CreateBotInput!) {
    validateBot(input: $input) {
      path
      message
    }
  }
`)

export const CreateBotMutation = graphql(`
  mutation CreateBot($input: CreateBotInput!) {
    createBot(input: $input) {
      __typename
      ... on Bot {
        id
        name
      }
      ... on ValidationError {
        code
        message
        issues {
          path
          message
        }
      }
    }
  }
`)

export type CreateBotInput = VariablesOf<typeof CreateBotMutation>['input']

export const UpdateBotMutation = graphql(
  `
    mutation UpdateBot($input: UpdateBotInput!) {
      updateBot(input: $input) {
        __typename
        ... on Bot {
          ...BotConfig
        }
        ... on ValidationError {
          code
          message
          issues {
            path
            message
          }
        }
        ... on StaleRevisionError {
          code
          message
          currentRevision
        }
        ... on NotFoundError {
          code
          message
        }
        ... on InvalidTransitionError {
          code
          message
        }
      }
    }
  `,
  [BotConfigFragment],
)

export type UpdateBotInput = VariablesOf<typeof UpdateBotMutation>['input']
