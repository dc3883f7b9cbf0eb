import { waitHealthy, type Healthy } from './health.ts'
import { restartService } from './service.ts'
import { installationOf, type Work } from './work.ts'

/**
 * A start takes some seconds, and on a busy machine half a minute (34 s at a load of 20 on 2 cores). One that fails is noticed when it does; one
 * that hangs is given up in time for the old release to be back within a minute.
 */
const HEALTHY_WITHIN_MS = 45_000

/**
 * Has the current release run, and waits until it is healthy. Ctrl-C does not end this half way: it is bounded, and ends with one of the two
 * releases running.
 */
export async function restartHealthy(work: Work, version: string): Promise<Healthy> {
  work.context.note(`Starting TradeBot ${version} …`)
  const installation = installationOf(work)
  await restartService(installation)
  const { signal } = new AbortController()
  return waitHealthy(installation, version, { timeoutMs: HEALTHY_WITHIN_MS, signal })
}
