/** Shows how far long work is; on a terminal only, on standard error, so that it never gets into what is piped. */
export type Progress = {
  /** `done` of `total`, in whatever unit; `total` 0 means not known. */
  show: (label: string, done: number, total: number) => void
  /** Wipes the line away. Calling it without one shown does nothing. */
  clear: () => void
}

const WIDTH = 24
const EVERY_MS = 80

export function makeProgress(stream: NodeJS.WriteStream, enabled: boolean): Progress {
  let shownAt = -EVERY_MS
  let shown = false
  return {
    show(label, done, total) {
      const now = performance.now()
      if (!enabled || (now - shownAt < EVERY_MS && done !== total)) return
      shownAt = now
      shown = true
      const share = total > 0 ? Math.min(done / total, 1) : 0
      const filled = Math.round(share * WIDTH)
      const bar =
        total > 0
          ? ` [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${Math.floor(share * 100)} %`
          : ' …'
      stream.write(`\r\x1b[K${`${label}${bar}`.slice(0, Math.max((stream.columns ?? 80) - 1, 20))}`)
    },
    clear() {
      if (shown) stream.write('\r\x1b[K')
      shown = false
    },
  }
}
