import { graphql, type ResultOf } from '../graphql.ts'

export const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      id
      email
      username
      createdAt
      haltedAt
    }
  }
`)

export type Viewer = NonNullable<ResultOf<typeof ViewerQuery>['viewer']>

export const SignUpMutation = graphql(`
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) {
      __typename
      ... on User {
        id
        email
        username
        createdAt
        haltedAt
      }
      ... on ValidationError {
        code
        message
        issues {
          path
          message
        }
      }
      ... on RateLimitedError {
        code
        message
        retryAfterSeconds
      }
    }
  }
`)

export const SignInMutation = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      __typename
      ... on User {
        id
        email
        username
        createdAt
        haltedAt
      }
      ... on ValidationError {
        code
        message
        issues {
          path
          message
        }
      }
      ... on UnauthenticatedError {
        code
        message
      }
      ... on RateLimitedError {
        code
        message
        retryAfterSeconds
      }
    }
  }
`)

export const SignOutMutation = graphql(`
  mutation SignOut {
    signOut
  }
`)

export const HaltTradingMutation = graphql(`
  mutation HaltTrading($closePositions: Boolean!) {
    haltTrading(closePositions: $closePositions) {
      id
      email
      username
      createdAt
      haltedAt
    }
  }
`)

export const ResumeTradingMutation = graphql(`
  mutation ResumeTrading {
    resumeTrading {
      id
      email
      username
      createdAt
      haltedAt
    }
  }
`)
