import { createEffect, createMemo, onCleanup } from 'solid-js'

const everyMs = 2_000

/** Asks again and again while something is awaited that no subscription announces. */
export function createPoll(awaited: () => boolean, ask: () => void, ms = everyMs): void {
  const waits = createMemo(awaited)
  createEffect(() => {
    if (!waits()) return
    const timer = setInterval(ask, ms)
    onCleanup(() => clearInterval(timer))
  })
}
