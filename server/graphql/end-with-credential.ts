import type { CredentialWatch } from '../auth/credential-watch.ts'
import type { Context } from '../context.ts'

/**
 * A subscription over HTTP (server-sent events) ends when its credential does. Over WebSocket the whole socket is closed instead, with a
 * code that says why.
 */
export function endWithCredential<Event>(
  events: AsyncIterable<Event>,
  context: Context,
  credentials: CredentialWatch,
): AsyncIterableIterator<Event> {
  const iterator = events[Symbol.asyncIterator]()
  const end = async () => {
    await iterator.return?.()
    return { done: true as const, value: undefined }
  }
  const { auth } = context
  const unwatch =
    auth === null || context.transport === 'websocket'
      ? () => undefined
      : credentials.watch(auth.credential, () => void end())
  const guarded: AsyncIterableIterator<Event> = {
    [Symbol.asyncIterator]: () => guarded,
    async next() {
      const result = await iterator.next()
      if (result.done === true) unwatch()
      return result
    },
    return() {
      unwatch()
      return end()
    },
    async throw(error) {
      unwatch()
      await end()
      throw error
    },
  }
  return guarded
}
