import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { advanceAll } from './exchange/matching.ts'
import { openState } from './exchange/state.ts'
import { noChanges, openStore } from './exchange/store.ts'
import { advanceAll as advanceFutures } from './futures/matching.ts'
import { openFutures } from './futures/state.ts'
import { makeFaults } from './http/faults.ts'
import { makeListener } from './http/listener.ts'
import { BINANCE_LIMITS, makeWeights, type WeightLimits } from './http/weights.ts'
import { openMarket } from './market/open-market.ts'

export type SandboxOptions = {
  /** 0 or absent: any free port. */
  port?: number
  host?: string
  /** TradeBot's data folder; the sandbox keeps to <dataDir>/sandbox. Absent: memory only. */
  dataDir?: string
  seed?: number
  /** Symbol to CSV file. */
  replay?: Record<string, string>
  /** Length of one replayed candle in ms. */
  barMs?: number
  limits?: Partial<WeightLimits>
  log?: Logger
}

export type Sandbox = { url: string; port: number; close(): Promise<void> }

/** How often resting orders are matched when nobody asks. */
const MATCH_EVERY_MS = 100

/** Starts an exchange in this process. Rejects with a sentence if port, data folder or replay file cannot be had. */
export const startSandbox = async (options: SandboxOptions = {}): Promise<Sandbox> => {
  const host = options.host ?? '127.0.0.1'
  const log = options.log ?? pino({ level: 'silent' })
  // Longer than any client keeps an idle connection: closing one that a request is just being sent on looks like a fault.
  const server = createServer({ keepAliveTimeout: 120_000 })
  // The port first: whoever loses it must not have touched the data.
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'it is in use' : error.message
      reject(new Error(`cannot listen on ${host}:${options.port ?? 0}: ${why}`, { cause: error }))
    })
    server.listen(options.port ?? 0, host, resolve)
  })
  const address = server.address()
  const port = isAddress(address) ? address.port : 0

  const dir = options.dataDir === undefined ? undefined : join(options.dataDir, 'sandbox')
  const opened = (() => {
    try {
      const store = openStore(dir)
      const { holds, ...loaded } = store.load()
      const market = openMarket(
        { seed: options.seed ?? 1, replay: options.replay ?? {}, barMs: options.barMs },
        Date.now(),
        holds,
        (anchor) => store.anchorOf(anchor),
      )
      const futures = openFutures(market, store, holds, Date.now())
      return { store, state: openState(market, store, loaded), futures }
    } catch (error) {
      server.close()
      throw error
    }
  })()
  const { store, state, futures } = opened

  const limits = { ...BINANCE_LIMITS, ...options.limits }
  const exchange = { state, futures, faults: makeFaults(), log, weightPerMinute: limits.perMinute }
  server.on('request', makeListener(exchange, makeWeights(limits)))
  const matching = setInterval(() => {
    const changes = noChanges()
    const now = Date.now()
    advanceAll(state, changes, now)
    advanceFutures(futures, changes, now)
    store.save(changes)
  }, MATCH_EVERY_MS)

  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  log.info(
    { url, seed: options.seed ?? 1, symbols: [...state.market.keys()], dir: dir ?? null },
    'sandbox exchange is listening',
  )

  const close = async (): Promise<void> => {
    clearInterval(matching)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
    store.close()
  }
  return { url, port, close }
}

const isAddress = (address: AddressInfo | string | null): address is AddressInfo =>
  address !== null && typeof address === 'object'
