import { graphql } from '../graphql.ts'
import { BotLiveFragment } from './bots.ts'

export const StartBotMutation = graphql(
  `
    mutation StartBot($id: ID!) {
      startBot(id: $id) {
        __typename
        ... on Bot {
          ...BotLive
        }
        ... on Error {
          code
          message
        }
      }
    }
  `,
  [BotLiveFragment],
)

export const PauseBotMutation = graphql(
  `
    mutation PauseBot($id: ID!) {
      pauseBot(id: $id) {
        __typename
        ... on Bot {
          ...BotLive
        }
        ... on Error {
          code
          message
        }
      }
    }
  `,
  [BotLiveFragment],
)

export const ResumeBotMutation = graphql(
  `
    mutation ResumeBot($id: ID!) {
      resumeBot(id: $id) {
        __typename
        ... on Bot {
          ...BotLive
        }
        ... on Error {
          code
          message
        }
      }
    }
  `,
  [BotLiveFragment],
)

export const StopBotMutation = graphql(
  `
    mutation StopBot($id: ID!, $openPosition: OpenPositionPolicy) {
      stopBot(id: $id, openPosition: $openPosition) {
        __typename
        ... on Bot {
          ...BotLive
        }
        ... on Error {
          code
          message
        }
      }
    }
  `,
  [BotLiveFragment],
)

export const DeleteBotMutation = graphql(`
  mutation DeleteBot($id: ID!, $openPosition: OpenPositionPolicy) {
    deleteBot(id: $id, openPosition: $openPosition) {
      __typename
      ... on Deleted {
        id
      }
      ... on Error {
        code
        message
      }
    }
  }
`)

export const ResolveOrderMutation = graphql(`
  mutation ResolveOrder($input: ResolveOrderInput!) {
    resolveOrder(input: $input) {
      __typename
      ... on Order {
        id
        status
      }
      ... on ValidationError {
        code
        message
        issues {
          path
          message
        }
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
`)

export const ResolveTransferMutation = graphql(`
  mutation ResolveTransfer($input: ResolveTransferInput!) {
    resolveTransfer(input: $input) {
      __typename
      ... on Transfer {
        id
        status
      }
      ... on ValidationError {
        code
        message
        issues {
          path
          message
        }
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
`)
