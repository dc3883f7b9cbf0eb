import type { loadSettings } from '#trading/config/env.ts'
import { readRunFile } from '#trading/config/run-file.ts'
import type { Db } from '#trading/store/pool.ts'
import { isAlive } from '../../process-identity.ts'
import { takeLock, type Lock } from '../../supervisor/lock.ts'
import { RefusedError } from '../frame/errors.ts'

/** Keeps `npm start` over this data dir away. @throws RefusedError while one runs, or what it started still does */
export function holdSupervisor(dataDir: string): Lock {
  const lock = takeLock(dataDir)
  if ('holder' in lock) throw inUse(`it runs here as process ${lock.holder.pid}`)
  const left = Object.entries(readRunFile(dataDir)?.children ?? {}).filter(([, child]) => isAlive(child))
  if (left.length === 0) return lock
  lock.release()
  const names = left.map(([name, { pid }]) => `${name} (process ${pid})`).join(', ')
  throw refused(
    `its supervisor is gone, but ${names} still runs here`,
    `Start TradeBot once, which ends what is left (npm start, or tradebotctl run), and stop that with Ctrl-C; or: kill ${left.map(([, { pid }]) => pid).join(' ')}. Then run this again.`,
  )
}

/**
 * A server or worker has the master key in its memory, and would go on with the old one. Seen by their connections and heartbeats, on
 * whatever machine they are.
 * @throws RefusedError TRADEBOT_RUNNING
 */
export async function refuseWhileInUse(
  db: Db,
  { timing }: Pick<ReturnType<typeof loadSettings>, 'timing'>,
): Promise<void> {
  const { rows: sessions } = await db.query<{ application_name: string; client_addr: string | null }>(
    `SELECT DISTINCT application_name, host(client_addr) AS client_addr FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = ANY ($1::text[])`,
    [SESSIONS],
  )
  const { rows: workers } = await db.query<{ host: string; pid: number; age: number }>(
    `SELECT DISTINCT ON (host, pid) host, pid, extract(epoch FROM clock_timestamp() - beat_at)::float8 AS age FROM worker_heartbeats
     WHERE beat_at > clock_timestamp() - $1 * interval '1 millisecond' ORDER BY host, pid, beat_at DESC`,
    [timing.deadAfterMs],
  )
  const found = [
    ...workers.map(
      ({ host, pid, age }) =>
        `a worker on ${host} (process ${pid}) gave a sign of life ${Math.round(age)} s ago`,
    ),
    ...sessions.map(
      ({ application_name, client_addr }) =>
        `${application_name} is connected${client_addr === null ? '' : ` from ${client_addr}`}`,
    ),
  ]
  if (found.length > 0) throw inUse(found.join(', '), Math.ceil(timing.deadAfterMs / 1000))
}

/** What servers and workers call themselves. */
const SESSIONS = [
  'tradebot-server',
  'tradebot-prisma',
  'tradebot-listen',
  'tradebot-worker',
  'tradebot-queue',
  'tradebot-alerts',
]

function inUse(how: string, patienceSeconds?: number): RefusedError {
  const wait =
    patienceSeconds === undefined ? '' : ` A worker that was killed counts as alive for ${patienceSeconds} s.`
  return refused(
    how,
    `Stop it on every machine (Ctrl-C where npm start runs, tradebotctl stop, or the service), then run this again.${wait}`,
  )
}

function refused(how: string, hint: string): RefusedError {
  return new RefusedError('TRADEBOT_RUNNING', `TradeBot must be stopped for this: ${how}.`, { hint })
}
