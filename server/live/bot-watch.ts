import type { Prisma } from '#prisma/client.ts'
import type { Pool } from '#trading/store/pool.ts'
import { loadBotRows, type BotRow } from './bot-row.ts'
import type { Pulse } from './pulse.ts'

export type BotListener = { changed(bot: BotRow): void; gone(botId: string): void }

export type BotWatch = {
  /** Hears of every change of the user's bots from now on; the returned function stops it. */
  subscribe(userId: string, listener: BotListener): Promise<() => void>
}

type Watched = { known: Map<string, string>; listeners: Set<BotListener> }

/**
 * One read of all watched users' versions serves all subscribers of this process, and a changed bot is loaded once however many look at it.
 */
export function makeBotWatch(pool: Pool, prisma: Prisma, pulse: Pulse): BotWatch {
  const users = new Map<string, Watched>()
  const starting = new Map<string, Promise<Watched>>()

  pulse.add('bots', async () => {
    const asked = new Map(users)
    if (asked.size === 0) return
    const versions = await readVersions(pool, [...asked.keys()])
    const changed: string[] = []
    for (const [userId, watched] of asked) {
      const now = versions.get(userId) ?? new Map<string, string>()
      for (const [botId, version] of now) if (watched.known.get(botId) !== version) changed.push(botId)
      for (const botId of watched.known.keys()) {
        if (now.has(botId)) continue
        watched.known.delete(botId)
        for (const listener of watched.listeners) listener.gone(botId)
      }
    }
    if (changed.length === 0) return
    const rows = await loadBotRows(
      prisma,
      changed.map((id) => BigInt(id)),
    )
    for (const row of rows) {
      const watched = asked.get(String(row.userId))
      // The row may be newer than the version that called for it.
      watched?.known.set(String(row.id), versionOf(row))
      for (const listener of watched?.listeners ?? []) listener.changed(row)
    }
  })

  const start = async (userId: string) => {
    const known = (await readVersions(pool, [userId])).get(userId) ?? new Map<string, string>()
    const watched: Watched = { known, listeners: new Set() }
    users.set(userId, watched)
    return watched
  }

  return {
    async subscribe(userId, listener) {
      let watched = users.get(userId)
      if (watched === undefined) {
        // Subscribers that come together share one first read.
        const begun = starting.get(userId) ?? start(userId).finally(() => starting.delete(userId))
        starting.set(userId, begun)
        const fresh = await begun
        // Who waited with us may have come and gone already, and taken the entry along; or somebody else has begun a new one.
        watched = users.get(userId) ?? fresh
        users.set(userId, watched)
      }
      const joined = watched
      joined.listeners.add(listener)
      return () => {
        joined.listeners.delete(listener)
        if (joined.listeners.size === 0 && users.get(userId) === joined) users.delete(userId)
      }
    },
  }
}

/** The configuration's revision and the state's version together: either may grow alone. */
function versionOf(bot: BotRow): string {
  return `${bot.revision}:${bot.state?.version ?? 0}`
}

async function readVersions(pool: Pool, userIds: string[]): Promise<Map<string, Map<string, string>>> {
  const { rows } = await pool.query<{ user_id: string; id: string; version: string }>(
    `SELECT b.user_id, b.id, b.revision || ':' || s.version AS version
     FROM bot_configs b JOIN bot_states s ON s.bot_id = b.id
     WHERE b.user_id = ANY($1::bigint[]) AND b.deleted_at IS NULL`,
    [userIds],
  )
  const users = new Map<string, Map<string, string>>()
  for (const row of rows) {
    const bots = users.get(row.user_id) ?? new Map<string, string>()
    bots.set(row.id, row.version)
    users.set(row.user_id, bots)
  }
  return users
}
