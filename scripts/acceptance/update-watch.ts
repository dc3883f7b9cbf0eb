import type { TestInstallation } from './update-installation.ts'

type Seen = { at: number; version: string | undefined; current: string }

const healthOf = async (url: string): Promise<string | undefined> => {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1_000) })
    const health = await response.json()
    return health.status === 'ok' ? String(health.version) : undefined
  } catch {
    return undefined
  }
}

/** Looks every 100 ms at which version is healthy, and where `current` leads. */
export function watch(installation: TestInstallation) {
  const seen: Seen[] = []
  let stopped = false
  const watching = (async () => {
    while (!stopped) {
      const version = await healthOf(installation.url)
      seen.push({ at: performance.now(), version, current: installation.current() })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
  return {
    async stop() {
      stopped = true
      await watching
      const well = seen.filter(({ version }) => version !== undefined)
      const gaps = well.map(({ at }, index) => at - (well[index - 1]?.at ?? at))
      const switchedAt = seen.find(({ current }) => current !== seen[0]?.current)?.at
      const healthyAgain = seen.findLastIndex(({ version }) => version === undefined) + 1
      return {
        /** The longest time without a healthy answer. */
        downMs: Math.round(Math.max(0, ...gaps)),
        /** From the switch of `current` to the first healthy answer after the last unhealthy one. */
        switchToHealthyMs: Math.round((seen[healthyAgain]?.at ?? Infinity) - (switchedAt ?? -Infinity)),
        versions: [...new Set(seen.map(({ version }) => version ?? 'none'))],
      }
    },
  }
}
