import pg from 'pg'
import type { Logger } from '#trading/config/logger.ts'

export type ChangeListener = { connected(): boolean; close(): Promise<void> }

const CHANNEL = 'tradebot_changes'
const PROBE_MS = 10_000
const LONGEST_WAIT_MS = 2_000

/**
 * The one LISTEN connection of a server process. It comes back by itself; nothing is replayed after that, which does no harm because the
 * tables are read every second anyway. `onHint` also runs at each (re)connection, for what was missed.
 */
export function listenForChanges(databaseUrl: string, logger: Logger, onHint: () => void): ChangeListener {
  let client: pg.Client | undefined
  let connected = false
  let closing = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined

  const lost = (broken: pg.Client, error: unknown) => {
    if (broken !== client) return
    client = undefined
    connected = false
    broken.end().catch(() => undefined) // It is broken already: what `end` says of it is no news.
    if (closing) return
    if (failures === 0)
      logger.warn({ err: error }, 'the LISTEN connection broke; reading once a second until it is back')
    timer = setTimeout(connect, Math.min(LONGEST_WAIT_MS, 200 * 2 ** failures))
    failures += 1
  }

  const connect = () => {
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'tradebot-listen',
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
    })
    client = next
    next.on('error', (error) => lost(next, error))
    next.on('end', () => lost(next, new Error('The connection ended.')))
    next.on('notification', onHint)
    next
      .connect()
      .then(() => next.query(`LISTEN ${CHANNEL}`))
      .then(() => {
        if (failures > 0) logger.info('the LISTEN connection is back')
        failures = 0
        connected = true
        onHint()
      })
      .catch((error: unknown) => lost(next, error))
  }

  // A connection that died without a word (a firewall, a frozen host) is found by asking it something.
  const probe = setInterval(() => {
    const asked = client
    if (asked && connected) asked.query('SELECT 1').catch((error: unknown) => lost(asked, error))
  }, PROBE_MS)

  connect()
  return {
    connected: () => connected,
    async close() {
      closing = true
      clearInterval(probe)
      clearTimeout(timer)
      const last = client
      client = undefined
      connected = false
      await last?.end()
    },
  }
}
