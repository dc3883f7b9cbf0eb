import type { Sandbox } from './sandbox.ts'
import { seconds } from './until.ts'

/** A price that steps below and above where it was, so that the fast averages of 1 s candles cross each time. */
export function makeWaves(
  sandbox: Sandbox,
  symbol: string,
  options: { perc?: number; everySeconds?: number } = {},
) {
  const { perc = 0.4, everySeconds = 3 } = options
  let base: number | undefined
  let running: Promise<void> | undefined
  let stopped = false
  const at = async (offsetPerc: number) => {
    base ??= await sandbox.price(symbol)
    await sandbox.holdPrice(symbol, base * (1 + offsetPerc / 100))
  }
  return {
    /** Holds the price so many percent from where it was at first. */
    at,
    /** Down for a moment, then up: the fast average crosses above the slow one once. */
    async crossUp() {
      await at(-perc)
      await seconds(everySeconds)
      await at(perc)
    },
    start() {
      running = (async () => {
        for (let up = false; !stopped; up = !up) {
          // An exchange that is being restarted misses a step.
          await at(up ? perc : -perc).catch(() => undefined)
          await seconds(everySeconds)
        }
      })()
    },
    async stop() {
      stopped = true
      await running
    },
  }
}

/** Holds each market where it is, until the averages of its 1 s candles have met: from then on only a test makes signals. */
export async function calm(sandbox: Sandbox, symbols: string[]): Promise<void> {
  for (const symbol of symbols) await sandbox.holdPrice(symbol, await sandbox.price(symbol))
  await seconds(5)
}
