import type { Logger } from '#trading/config/logger.ts'

export type Loop = {
  /** No further turn; resolves when the one under way has ended. */
  stop(): Promise<void>
}

/**
 * Does `turn` every `intervalMs`, one after the other. A turn that fails (the database is away) is logged and followed by the next, by and by
 * a little later; the loop itself never ends by itself.
 */
export function startLoop(name: string, intervalMs: number, turn: () => Promise<void>, logger: Logger): Loop {
  let stopped = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()

  const run = async () => {
    try {
      await turn()
      if (failures > 0) logger.info({ failures }, `${name}: works again`)
      failures = 0
    } catch (error) {
      failures++
      logger.error({ err: error, failures }, `${name}: failed, trying again`)
    }
    if (!stopped) timer = setTimeout(begin, Math.max(intervalMs, Math.min(failures * 500, 5_000)))
  }
  const begin = () => {
    current = run()
  }
  begin()

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await current
    },
  }
}
