import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const EVERY_MS = 200

/**
 * Told to stop, nobody waits for what PostgreSQL is at over this session's one connection, which may take minutes: the statement is
 * cancelled, and those after it, until the answered function is called. Who is between two statements looks at the signal itself.
 */
export async function cancelOnAbort(session: pg.Pool, signal: AbortSignal): Promise<() => Promise<void>> {
  const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const ended = new AbortController()
  let cancelling: Promise<void> | undefined
  const begin = () => {
    cancelling = cancelUntil(session.options.connectionString, rows[0]?.pid, ended.signal)
  }
  signal.throwIfAborted()
  signal.addEventListener('abort', begin, { once: true })
  return async () => {
    signal.removeEventListener('abort', begin)
    ended.abort()
    await cancelling
  }
}

async function cancelUntil(
  url: string | undefined,
  pid: number | undefined,
  ended: AbortSignal,
): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined) // The statement under way rejects as well.
  try {
    await client.connect()
    while (!ended.aborted) {
      await client.query('SELECT pg_cancel_backend($1)', [pid])
      await sleep(EVERY_MS, undefined, { signal: ended }).catch(() => undefined) // Ended: no need to wait.
    }
  } catch {
    // The work is then only slower to end: it looks at the signal by itself.
  } finally {
    await client.end()
  }
}
