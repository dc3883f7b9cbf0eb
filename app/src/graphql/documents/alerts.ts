import { graphql, type ResultOf } from '../graphql.ts'

export const AlertChannelsQuery = graphql(`
  query AlertChannels {
    alertChannels {
      id
      kind
      name
      targetHint
      kinds
      enabled
      lastSentAt
      lastError
      createdAt
    }
  }
`)

export type AlertChannel = ResultOf<typeof AlertChannelsQuery>['alertChannels'][number]
export type AlertKind = AlertChannel['kinds'][number]

export const AlertsQuery = graphql(`
  query Alerts($first: Int!, $after: String) {
    alerts(first: $first, after: $after) {
      edges {
        node {
          id
          kind
          botId
          botName
          message
          createdAt
          endedAt
          deliveries {
            id
            status
            attempts
            nextTryAt
            sentAt
            error
            channel {
              id
              name
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export type AlertRow = ResultOf<typeof AlertsQuery>['alerts']['edges'][number]['node']
export type AlertDelivery = AlertRow['deliveries'][number]

export const AddAlertChannelMutation = graphql(`
  mutation AddAlertChannel($input: AddAlertChannelInput!) {
    addAlertChannel(input: $input) {
      __typename
      ... on AddedAlertChannel {
        secret
        channel {
          id
          name
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

export const SwitchAlertChannelMutation = graphql(`
  mutation SwitchAlertChannel($id: ID!, $enabled: Boolean!) {
    updateAlertChannel(input: { id: $id, enabled: $enabled }) {
      __typename
      ... on AlertChannel {
        id
        enabled
      }
      ... on ValidationError {
        message
      }
      ... on NotFoundError {
        message
      }
    }
  }
`)

export const DeleteAlertChannelMutation = graphql(`
  mutation DeleteAlertChannel($id: ID!) {
    deleteAlertChannel(id: $id) {
      __typename
      ... on Deleted {
        id
      }
      ... on NotFoundError {
        message
      }
    }
  }
`)

export const TestAlertChannelMutation = graphql(`
  mutation TestAlertChannel($id: ID!) {
    testAlertChannel(id: $id) {
      __typename
      ... on AlertChannelTest {
        delivered
        message
      }
      ... on NotFoundError {
        message
      }
      ... on RateLimitedError {
        message
      }
    }
  }
`)
