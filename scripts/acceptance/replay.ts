import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { tradeBothModes } from './round-trips.ts'
import { startSystem, type System } from './system.ts'

/** Recorded candles to play, like ../shared/data/btcusdt-1h-2026-05.csv; some of our own making when unset. */
const recorded = process.env['TRADEBOT_ACCEPTANCE_CSV']

/** PAPER and LIVE over recorded candles, played one a second, on a system of its own. */
export async function tradeRecordedCandles(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tradebot-replay-'))
  let system: System | undefined
  try {
    const file = recorded ?? writeCandles(path.join(folder, 'candles.csv'))
    system = await startSystem({ args: ['--replay', `BTCUSDT=${path.resolve(file)}`, '--bar', '1s'] })
    await tradeBothModes(system, { liveEntries: 2, timeoutMs: 90_000 })
  } finally {
    await system?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Hourly candles of a price that swings between 58,000 and 62,000 every dozen hours; the file wraps round without a jump. */
function writeCandles(file: string): string {
  const start = Date.UTC(2026, 4, 1)
  const priceAt = (hour: number) => 60_000 + 2_000 * Math.sin((hour / 12) * 2 * Math.PI)
  const rows = Array.from({ length: 240 }, (_, hour) => {
    const [open, close] = [priceAt(hour), priceAt(hour + 1)]
    const [high, low] = [Math.max(open, close) + 5, Math.min(open, close) - 5]
    const prices = [open, high, low, close].map((price) => price.toFixed(2))
    return [start + hour * 3_600_000, ...prices, '12.5'].join(',')
  })
  writeFileSync(file, `openTimeMs,open,high,low,close,volume\n${rows.join('\n')}\n`)
  return file
}
