import { graphql, type ResultOf } from '../graphql.ts'

export const TokensQuery = graphql(`
  query Tokens {
    apiTokens {
      id
      name
      lastUsedAt
      createdAt
    }
  }
`)

export type ApiToken = ResultOf<typeof TokensQuery>['apiTokens'][number]

export const CreateApiTokenMutation = graphql(`
  mutation CreateApiToken($name: String!) {
    createApiToken(name: $name) {
      __typename
      ... on IssuedApiToken {
        token
        apiToken {
          id
          name
          createdAt
        }
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

export const DeleteApiTokenMutation = graphql(`
  mutation DeleteApiToken($id: ID!) {
    deleteApiToken(id: $id) {
      __typename
      ... on Deleted {
        id
      }
      ... on NotFoundError {
        code
        message
      }
    }
  }
`)
