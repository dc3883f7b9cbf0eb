import type { Hold } from './holds.ts'
import type { Listing, Market } from './market.ts'
import { readRecording } from './replay-csv.ts'
import { makeReplaySource } from './replay.ts'
import { LISTED, specForReplay } from './symbols.ts'
import { makeSyntheticSource } from './synthetic.ts'

type MarketOptions = {
  seed: number
  /** Symbol to CSV file. */
  replay: Record<string, string>
  /** Length of one replayed candle in ms; the file's own interval if absent. */
  barMs?: number | undefined
}

/** Where the first candle of a recording lies in time. Kept, so that a restart goes on and does not begin again. */
export type Anchor = { symbol: string; fingerprint: string; barMs: number; originMs: number }

/** Builds all markets. `anchorOf` returns the kept anchor of a recording, or keeps the one proposed. */
export const openMarket = (
  options: MarketOptions,
  now: number,
  holds: readonly Hold[],
  anchorOf: (proposed: Anchor) => Anchor,
): Market => {
  const market = new Map<string, Listing>()
  for (const spec of LISTED)
    market.set(spec.symbol, { spec, source: makeSyntheticSource(options.seed, spec), holds: [] })
  for (const [symbol, file] of Object.entries(options.replay)) {
    const recording = readRecording(file)
    const spec = specForReplay(symbol, recording.priceDecimals)
    if (!spec)
      throw new Error(
        `--replay ${symbol}: not a symbol the sandbox can list (upper case, quoted in USDT, USDC or BTC)`,
      )
    const barMs = options.barMs ?? recording.intervalMs
    const { originMs } = anchorOf({
      symbol,
      fingerprint: recording.fingerprint,
      barMs,
      originMs: Math.floor(now / barMs) * barMs,
    })
    market.set(symbol, { spec, source: makeReplaySource(recording.candles, barMs, originMs), holds: [] })
  }
  for (const hold of holds) market.get(hold.symbol)?.holds.push(hold)
  return market
}
