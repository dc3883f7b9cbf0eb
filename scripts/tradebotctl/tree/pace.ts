import { setImmediate } from 'node:timers/promises'

/** Long work without waiting lets the event loop run this often, so that Ctrl-C and the progress bar get their turn. */
const EVERY_MS = 15

/** Called between small steps: mostly does nothing. @throws the signal's reason once it is aborted */
export type Pace = () => Promise<void>

export function makePace(signal: AbortSignal | undefined): Pace {
  let restedAt = performance.now()
  return async () => {
    if (performance.now() - restedAt < EVERY_MS) return
    await setImmediate()
    signal?.throwIfAborted()
    restedAt = performance.now()
  }
}
