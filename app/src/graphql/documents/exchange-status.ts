import { graphql } from '../graphql.ts'

export const ExchangeStatusQuery = graphql(`
  query ExchangeStatus {
    exchanges {
      id
      name
      status
      statusMessage
      statusSince
    }
  }
`)
