import { batch, createSignal } from 'solid-js'
import { describeProblem, type ApiProblem } from '../graphql/api-problem.ts'
import { makeClient } from '../graphql/client.ts'
import { ViewerQuery, type Viewer } from '../graphql/documents/session.ts'

const [viewer, setViewer] = createSignal<Viewer | null | undefined>(undefined)
const [sessionProblem, setSessionProblem] = createSignal<ApiProblem>()

/** `viewer` is undefined until the server has said who is signed in, and null when nobody is. */
export { viewer, sessionProblem }

const [currentClient, setCurrentClient] = createSignal(makeClient())

/** The urql client of this session; another session gets another, so that no cached row crosses accounts. */
export { currentClient }

/** Asks the server who is signed in. The answer decides between the app and the sign-in page. */
export async function loadViewer(): Promise<void> {
  const result = await currentClient().query(ViewerQuery, {}, { requestPolicy: 'network-only' }).toPromise()
  if (result.error) {
    setSessionProblem(describeProblem(result.error))
    return
  }
  setSessionProblem(undefined)
  const found = result.data?.viewer ?? null
  if (found === null) endSession()
  else setViewer(found)
}

/** After sign-in and sign-up. The cookie is new, so cache and socket start anew. */
export function beginSession(user: Viewer): void {
  batch(() => {
    setCurrentClient(() => makeClient())
    setViewer(user)
  })
}

/** After sign-out, and when the server says that the session is over. */
export function endSession(): void {
  batch(() => {
    if (viewer()) setCurrentClient(() => makeClient())
    setViewer(null)
  })
}

/** A request was answered UNAUTHENTICATED: the guarded pages give way to /signin. */
export function handleUnauthenticated(): void {
  endSession()
}

/** The viewer's own row changed (trading halted or resumed). */
export function updateViewer(user: Viewer): void {
  setViewer(user)
}
