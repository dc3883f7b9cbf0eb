import type { Logger } from '#trading/config/logger.ts'

export type Pulse = {
  /** Runs `poll` at each beat, never twice at a time and at most every `gapMs`; the returned function ends it. */
  add(name: string, poll: () => Promise<void>, gapMs?: number): () => void
  /** Look now: a hint has come. */
  beat(): void
  close(): void
}

/** When to read the tables again: every second, and sooner when something hints at a change. */
export function makePulse(logger: Logger, periodMs = 1_000): Pulse {
  const beats = new Set<() => void>()
  const timer = setInterval(() => beatAll(), periodMs)
  const beatAll = () => {
    for (const beat of beats) beat()
  }
  return {
    add(name, poll, gapMs = 40) {
      let state: 'idle' | 'running' | 'again' = 'idle'
      let lastStart = -Infinity
      let removed = false
      const run = async () => {
        while (!removed) {
          state = 'running'
          const wait = lastStart + gapMs - performance.now()
          if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
          lastStart = performance.now()
          // Hints that came while we waited are answered by this read; those that come from now on need another.
          state = 'running'
          try {
            await poll()
          } catch (error) {
            logger.warn({ err: error, poll: name }, 'could not read what is new; trying again in a second')
          }
          if (!wasHinted()) break
        }
        state = 'idle'
      }
      const wasHinted = () => state === 'again'
      const beat = () => {
        if (state === 'idle') void run()
        else state = 'again'
      }
      beats.add(beat)
      return () => {
        removed = true
        beats.delete(beat)
      }
    },
    beat: beatAll,
    close: () => {
      clearInterval(timer)
      beats.clear()
    },
  }
}
