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

export function venueFacts(exchange: string): VenueFacts {
  return KNOWN[exchange] ?? { name: exchange, live: false, realMoney: true, minCheckIntervalSeconds: 30 }
}
