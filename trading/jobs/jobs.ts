import { z } from 'zod'

const id = z.string().regex(/^\d+$/)

/**
 * Every job: its payload, its key (one waiting job per key) and its priority (smaller first: exits and settling before ticks).
 * Jobs are written to be run twice, also at the same time; a handler records failures in its own tables and finishes the job.
 */
export const JOBS = {
  /** One tick of a bot. */
  run_bot: {
    payload: z.object({ botId: id }),
    key: ({ botId }: { botId: string }) => `run_bot:${botId}`,
    priority: 10,
  },
  /** Claims an intent and sends it, at most once. */
  execute_order: {
    payload: z.object({ orderId: id }),
    key: ({ orderId }: { orderId: string }) => `execute_order:${orderId}`,
    priority: 0,
  },
  /** Looks an order up at the exchange and books what is found. */
  settle_order: {
    payload: z.object({ orderId: id }),
    key: ({ orderId }: { orderId: string }) => `settle_order:${orderId}`,
    priority: 0,
  },
  /** Claims the intent of a transfer and sends it, at most once. */
  execute_transfer: {
    payload: z.object({ transferId: id }),
    key: ({ transferId }: { transferId: string }) => `execute_transfer:${transferId}`,
    priority: 0,
  },
  /** Looks a transfer up in its exchange's history and books what is found. */
  settle_transfer: {
    payload: z.object({ transferId: id }),
    key: ({ transferId }: { transferId: string }) => `settle_transfer:${transferId}`,
    priority: 0,
  },
  /** Intends the transfer of a bot's profit at the end of a day. */
  sweep_profit: {
    payload: z.object({ botId: id }),
    key: ({ botId }: { botId: string }) => `sweep_profit:${botId}`,
    priority: 10,
  },
  /** Reads a venue's markets and timeframes into `markets` and `venues`. */
  refresh_markets: {
    payload: z.object({ exchange: z.string() }),
    key: ({ exchange }: { exchange: string }) => `refresh_markets:${exchange}`,
    priority: 5,
  },
  /** Reads a series once into `candles`, for a chart. */
  fetch_candles: {
    payload: z.object({
      exchange: z.string(),
      symbol: z.string(),
      timeframe: z.string(),
      limit: z.number().int(),
    }),
    key: (p: { exchange: string; symbol: string; timeframe: string }) =>
      `fetch_candles:${p.exchange}:${p.symbol}:${p.timeframe}`,
    priority: 5,
  },
  /** Asks the exchange what a key may do. */
  probe_key: {
    payload: z.object({ apiKeyId: id }),
    key: ({ apiKeyId }: { apiKeyId: string }) => `probe_key:${apiKeyId}`,
    priority: 5,
  },
  /** Compares the books of an account with what its exchange says. */
  reconcile_account: {
    payload: z.object({ apiKeyId: id }),
    key: ({ apiKeyId }: { apiKeyId: string }) => `reconcile_account:${apiKeyId}`,
    priority: 5,
  },
  /** Asks each exchange for its time and health, for a person's doctor. */
  ask_exchanges: {
    payload: z.object({ requestId: id }),
    key: ({ requestId }: { requestId: string }) => `ask_exchanges:${requestId}`,
    priority: 5,
  },
  /** Compares books and accounts for a person: says what differs, or settles it too. */
  reconcile_for_person: {
    payload: z.object({ requestId: id }),
    key: ({ requestId }: { requestId: string }) => `reconcile_for_person:${requestId}`,
    priority: 5,
  },
  /** Runs a backtest, one at a time in a worker. */
  run_backtest: {
    payload: z.object({ backtestId: id }),
    key: ({ backtestId }: { backtestId: string }) => `run_backtest:${backtestId}`,
    priority: 20,
  },
  /** Hurries what ticks do after 00:00 UTC: wakes bots paused by a daily limit. */
  reactivate_bots_after_reset: {
    payload: z.object({}).loose(),
    key: () => 'reactivate_bots_after_reset',
    priority: 5,
  },
} as const

export type JobName = keyof typeof JOBS
export type JobPayload<Name extends JobName> = z.infer<(typeof JOBS)[Name]['payload']>

/** Parses a job's payload as graphile-worker gives it; throws ZodError. */
export function parsePayload<Name extends JobName>(name: Name, payload: unknown): JobPayload<Name> {
  return JOBS[name].payload.parse(payload) as JobPayload<Name>
}
