import type { Logger } from '#trading/config/logger.ts'
import type { Pool } from '#trading/store/pool.ts'
import { livingCredentials } from '#trading/store/sessions.ts'

type Credential = { kind: 'session' | 'token'; id: string }

export type CredentialWatch = {
  /** Calls `onEnd` once when the credential has ended (signed out, expired, deleted); the returned function stops watching. */
  watch(credential: Credential, onEnd: () => void): () => void
  /** Looks at once, when this process itself has just ended a credential. */
  check(): Promise<void>
  close(): void
}

const PERIOD_MS = 1_000

/** One query a second for all sockets of this process together, and none while there is no socket. */
export function makeCredentialWatch(pool: Pool, logger: Logger): CredentialWatch {
  const watchers = new Map<string, { credential: Credential; listeners: Set<() => void> }>()

  const check = async () => {
    if (watchers.size === 0) return
    const asked = [...watchers]
    const living = await livingCredentials(
      pool,
      asked.map(([, { credential }]) => credential),
    )
    for (const [name, { listeners }] of asked) {
      if (living.has(name)) continue
      watchers.delete(name)
      for (const onEnd of listeners) onEnd()
    }
  }

  let checking = false
  const timer = setInterval(() => {
    if (checking) return
    checking = true
    check()
      // With the database away nobody can be told apart; the sockets stay until it is back.
      .catch((error: unknown) =>
        logger.warn({ err: error }, 'could not check the credentials of open sockets'),
      )
      .finally(() => (checking = false))
  }, PERIOD_MS)

  return {
    watch(credential, onEnd) {
      const name = `${credential.kind}:${credential.id}`
      const entry = watchers.get(name) ?? { credential, listeners: new Set() }
      watchers.set(name, entry)
      entry.listeners.add(onEnd)
      return () => {
        entry.listeners.delete(onEnd)
        if (entry.listeners.size === 0 && watchers.get(name) === entry) watchers.delete(name)
      }
    },
    check,
    close: () => clearInterval(timer),
  }
}
