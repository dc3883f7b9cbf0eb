/**
 * What we know of each venue beyond what ccxt says. `live`: LIVE bots may trade there, because its order lookup recipe is proven by
 * tests; everything else is PAPER only. Any other ccxt id works for PAPER.
 */
export type VenueFacts = { name: string; live: boolean; realMoney: boolean; minCheckIntervalSeconds: number }

const KNOWN: Record<string, VenueFacts> = {
  sandbox: { name: 'Sandbox (play money)', live: true, realMoney: false, minCheckIntervalSeconds: 1 },
  binance: { name: 'Binance', live: true, realMoney: true, minCheckIntervalSeconds: 30 },
  bybit: { name: 'Bybit', live: false, realMoney: true, minCheckIntervalSeconds: 30 },
  okx: { name: 'OKX', live: false, realMoney: true, minCheckIntervalSeconds: 30 },
  kraken: { name: 'Kraken', live: false, realMoney: true, minCheckIntervalSeconds: 30 },
}

/**
 * What a venue lets one address do in a minute (in its own weights) and one account order in 10 seconds, where more is known than ccxt's
 * pace. Source: `rateLimits` of Binance's exchangeInfo.
 */
export type VenueLimits = { weightPerMinute: number; ordersPer10Seconds: number }

const LIMITS: Record<string, VenueLimits> = {
  sandbox: { weightPerMinute: 6000, ordersPer10Seconds: 50 },
  binance: { weightPerMinute: 6000, ordersPer10Seconds: 50 },
}

export function venueLimits(exchange: string): VenueLimits | null {
  return LIMITS[exchange] ?? null
}

export function venueFacts(exchange: string): VenueFacts {
  return KNOWN[exchange] ?? { name: exchange, live: false, realMoney: true, minCheckIntervalSeconds: 30 }
}
