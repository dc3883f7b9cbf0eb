import type { Pool } from '#trading/store/pool.ts'
import { hintChange } from '#trading/store/events.ts'
import type { WorkerDeps } from './deps.ts'

/** Hints of one pool that wait to be sent together. */
const waiting = new WeakMap<Pool, Set<string>>()

/** Coalesced over this time: NOTIFY takes a cluster-wide lock, and a hint is only a hint. Milliseconds. */
const GATHER_MS = 30

/** Tells the servers, a little later, that something of this user's has changed. Servers re-read every second anyway. */
export function hintSoon(deps: Pick<WorkerDeps, 'pool' | 'logger'>, userId: string): void {
  const users = waiting.get(deps.pool)
  if (users !== undefined) {
    users.add(userId)
    return
  }
  const fresh = new Set([userId])
  waiting.set(deps.pool, fresh)
  setTimeout(() => {
    waiting.delete(deps.pool)
    void send(deps, fresh)
  }, GATHER_MS).unref()
}

async function send(deps: Pick<WorkerDeps, 'pool' | 'logger'>, users: Set<string>): Promise<void> {
  try {
    for (const userId of users) await hintChange(deps.pool, userId)
  } catch (error) {
    deps.logger.debug({ err: error }, 'a hint was not sent; servers look by themselves each second')
  }
}
