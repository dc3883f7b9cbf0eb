import { describeProblem } from '../../../graphql/api-problem.ts'
import { ValidateBotQuery, type CreateBotInput } from '../../../graphql/documents/bot-form.ts'
import type { Issue } from '../../../parts/form-errors.ts'
import { currentClient, handleUnauthenticated } from '../../../session/session.ts'

/** The API's own judgement on a bot that is not created yet. */
export async function askForIssues(
  input: CreateBotInput,
): Promise<{ issues: readonly Issue[]; problem?: string }> {
  const result = await currentClient()
    .query(ValidateBotQuery, { input }, { requestPolicy: 'network-only' })
    .toPromise()
  if (result.data && !result.error) return { issues: result.data.validateBot }
  const problem = result.error ? describeProblem(result.error) : undefined
  if (problem?.kind === 'unauthenticated') handleUnauthenticated()
  return { issues: [], problem: problem?.message ?? 'The server gave no answer. Try again.' }
}
