import { Client, cacheExchange, fetchExchange } from '@urql/core'

/**
 * Queries and mutations over HTTP with the session cookie. Subscriptions have a socket of their own
 * (live/socket.ts), which must resume with a cursor and so is not urql's.
 */
export function makeClient(): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    exchanges: [cacheExchange, fetchExchange],
    requestPolicy: 'cache-and-network',
    fetchOptions: { credentials: 'same-origin', headers: { 'x-tradebot-csrf': '1' } },
  })
}
