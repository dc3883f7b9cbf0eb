type Offer = { timeframes: readonly string[]; minCheckIntervalSeconds: number }

/** Keeps the chosen timeframe where the exchange has it; else an hour, the calmest common one. */
export function timeframeFor(exchange: Offer, chosen: string): string {
  if (exchange.timeframes.includes(chosen)) return chosen
  // Not asked yet: a second is for exchanges that allow looking that often.
  if (exchange.timeframes.length === 0 && exchange.minCheckIntervalSeconds > 1) return '1h'
  return exchange.timeframes.find((one) => one === '1h') ?? exchange.timeframes[0] ?? chosen
}

/** Keeps the chosen interval where the exchange allows it; else its least. */
export function intervalFor(exchange: Offer, chosen: string): string {
  const seconds = /^\d{1,9}$/.test(chosen) ? Number(chosen) : 0
  return seconds >= exchange.minCheckIntervalSeconds ? chosen : String(exchange.minCheckIntervalSeconds)
}
