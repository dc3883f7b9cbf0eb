import { closeSync, openSync } from 'node:fs'

/** What signals ask of a runner. */
export type Wishes = {
  /** The next one that nobody has been given yet. */
  next: () => Promise<'stop' | 'restart'>
  /** Called at each further Ctrl-C or SIGTERM, but for what comes within a second: terminal and npm each send one. */
  onHurry: (react: () => void) => void
  close: () => void
}

/** SIGINT and SIGTERM stop, SIGHUP restarts; but where a terminal is gone, it stops, for that is what the terminal meant. */
export function listenForWishes(): Wishes {
  const onTerminal = process.stdin.isTTY === true || process.stderr.isTTY === true
  let wish: 'stop' | 'restart' | undefined
  let stopAt: number | undefined
  let wake: (() => void) | undefined
  let hurry: (() => void) | undefined
  const stop = () => {
    if (stopAt !== undefined && performance.now() - stopAt > 1_000) hurry?.()
    stopAt ??= performance.now()
    wish = 'stop'
    wake?.()
  }
  const hangUp = () => {
    if (onTerminal && !terminalIsThere()) return stop()
    wish ??= 'restart'
    wake?.()
  }
  // For any other command a second signal is the end; a runner hears many in its life.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name)
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', hangUp)
  return {
    async next() {
      while (wish === undefined) await new Promise<void>((resolve) => (wake = resolve))
      const given = wish
      // Stopping is for good: whoever asks again is told again.
      if (given === 'restart') wish = undefined
      return given
    },
    onHurry: (react) => (hurry = react),
    close: () => process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', hangUp),
  }
}

function terminalIsThere(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
