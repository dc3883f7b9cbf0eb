import type { CombinedError } from '@urql/core'

/** What the user is told when the API answers a top-level error, or nothing at all. */
export type ApiProblem = {
  kind: 'unauthenticated' | 'bad-input' | 'unreachable' | 'failed'
  message: string
}

/** One sentence that says what is wrong and what to do, for every way in which a request can fail. */
export function describeProblem(error: CombinedError): ApiProblem {
  const first = error.graphQLErrors[0]
  const code = first?.extensions['code']
  if (code === 'UNAUTHENTICATED')
    return { kind: 'unauthenticated', message: 'Your session has ended. Sign in again.' }
  if (code === 'BAD_USER_INPUT') return { kind: 'bad-input', message: first?.message ?? error.message }
  if (first) return { kind: 'failed', message: first.message }
  return {
    kind: 'unreachable',
    message: 'The TradeBot server does not answer. Is it running? Trying again may help.',
  }
}
