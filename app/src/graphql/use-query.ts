import { createQuery } from '@urql/solid'
import type { AnyVariables, CombinedError, TypedDocumentNode } from '@urql/core'
import { createEffect, createMemo, on, type Accessor } from 'solid-js'
import { reconnects } from '../live/connection.ts'
import { handleUnauthenticated } from '../session/session.ts'
import { describeProblem, type ApiProblem } from './api-problem.ts'

export type QueryState<Data> = {
  /** The last good answer, kept while a newer one fails: old figures with a banner beat none. */
  data: Accessor<Data | undefined>
  problem: Accessor<ApiProblem | undefined>
  loading: Accessor<boolean>
  refetch: () => void
}

/** A query that keeps its last answer through errors and asks again after each reconnect. */
export function useQuery<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Accessor<Variables>,
  pause: Accessor<boolean> = () => false,
): QueryState<Data> {
  const [state, execute] = createQuery<Data, Variables>({ query: document, variables, pause })
  const data = createMemo<Data | undefined>((last) => state.data ?? last)
  const refetch = () => {
    if (!pause()) execute({ requestPolicy: 'network-only' })
  }
  createEffect(on(reconnects, refetch, { defer: true }))
  const problem = createMemo(() => problemOf(state.error))
  createEffect(() => {
    if (problem()?.kind === 'unauthenticated') handleUnauthenticated()
  })
  return { data, problem, loading: () => state.fetching && data() === undefined, refetch }
}

function problemOf(error: CombinedError | undefined): ApiProblem | undefined {
  return error ? describeProblem(error) : undefined
}
