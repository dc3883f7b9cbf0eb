import type { AnyVariables, TypedDocumentNode } from '@urql/core'
import { currentClient, handleUnauthenticated } from '../session/session.ts'
import { showToast } from '../parts/toasts.ts'
import { describeProblem } from './api-problem.ts'

/**
 * The one way in which the app changes anything. Answers the mutation's data, or undefined when a top-level error
 * came instead; the user has then been told. Refusals are part of the data (unions) and the caller's to show.
 */
export async function runMutation<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data | undefined> {
  const result = await currentClient().mutation(document, variables).toPromise()
  if (result.data && !result.error) return result.data
  if (!result.error) return undefined
  const problem = describeProblem(result.error)
  if (problem.kind === 'unauthenticated') handleUnauthenticated()
  else showToast({ tone: 'danger', message: problem.message })
  return undefined
}
