import { graphql, type ResultOf } from '../graphql.ts'

export const KeysQuery = graphql(`
  query Keys {
    apiKeys {
      id
      exchange
      label
      keyHint
      canTrade
      canTransfer
      canWithdraw
      reconciledAt
      reconcileError
      createdAt
    }
    exchanges {
      id
      name
      live
      realMoney
    }
  }
`)

export type ApiKey = ResultOf<typeof KeysQuery>['apiKeys'][number]

export const AddApiKeyMutation = graphql(`
  mutation AddApiKey($input: AddApiKeyInput!) {
    addApiKey(input: $input) {
      __typename
      ... on ApiKey {
        id
        label
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

export const ReplaceApiKeyMutation = graphql(`
  mutation ReplaceApiKey($input: ReplaceApiKeyInput!) {
    replaceApiKey(input: $input) {
      __typename
      ... on ApiKey {
        id
        label
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
    }
  }
`)

export const DeleteApiKeyMutation = graphql(`
  mutation DeleteApiKey($id: ID!) {
    deleteApiKey(id: $id) {
      __typename
      ... on Deleted {
        id
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
    }
  }
`)
