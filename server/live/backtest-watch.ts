import type { Prisma } from '#prisma/client.ts'
import type { Pool } from '#trading/store/pool.ts'
import { backtestColumns, type BacktestRow } from './backtest-row.ts'
import type { Pulse } from './pulse.ts'

export type BacktestListener = { changed(backtest: BacktestRow): void; gone(): void }

export type BacktestWatch = {
  /** Hears of every change of this backtest from now on; the returned function stops it. */
  subscribe(id: string, listener: BacktestListener): () => void
}

type Watched = { known: string | null; listeners: Set<BacktestListener> }

/** One read of all watched versions serves all subscribers of this process. */
export function makeBacktestWatch(pool: Pool, prisma: Prisma, pulse: Pulse): BacktestWatch {
  const all = new Map<string, Watched>()

  pulse.add('backtests', async () => {
    const asked = new Map(all)
    if (asked.size === 0) return
    const { rows } = await pool.query<{ id: string; version: string }>(
      `SELECT id, version FROM backtests WHERE id = ANY($1::bigint[])`,
      [[...asked.keys()]],
    )
    const versions = new Map(rows.map(({ id, version }) => [id, version]))
    for (const [id, { listeners }] of asked) {
      if (versions.has(id)) continue
      for (const listener of listeners) listener.gone()
    }
    const changed = rows.filter(({ id, version }) => asked.get(id)?.known !== version)
    if (changed.length === 0) return
    const fresh = await prisma.backtest.findMany({
      where: { id: { in: changed.map(({ id }) => BigInt(id)) } },
      select: backtestColumns,
    })
    for (const row of fresh) {
      const watched = asked.get(String(row.id))
      if (watched === undefined) continue
      watched.known = String(row.version)
      for (const listener of watched.listeners) listener.changed(row)
    }
  })

  return {
    subscribe(id, listener) {
      const watched = all.get(id) ?? { known: null, listeners: new Set<BacktestListener>() }
      all.set(id, watched)
      watched.listeners.add(listener)
      return () => {
        watched.listeners.delete(listener)
        if (watched.listeners.size === 0 && all.get(id) === watched) all.delete(id)
      }
    },
  }
}
