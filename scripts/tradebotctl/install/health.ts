import { z } from 'zod'
import { readRunFile } from '#trading/config/run-file.ts'
import { CouldNotError } from '../frame/errors.ts'
import type { Installation } from '../place/find-place.ts'
import { lastWords } from './last-words.ts'
import { serviceState } from './service.ts'

const healthSchema = z.looseObject({
  status: z.string(),
  instance: z.string().nullish(),
  version: z.string().optional(),
})

export type Healthy = { url: string; version: string; ms: number }

/**
 * Waits until TradeBot, just started, says that all of it is well, as the instance that the runner started and of the version that is
 * expected (any, when undefined). A start that fails is noticed when it does.
 * @throws CouldNotError START_FAILED, START_UNHEALTHY with the last words of the logs; whatever `signal` was aborted with
 */
export async function waitHealthy(
  installation: Installation,
  expectedVersion: string | undefined,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Healthy> {
  const began = performance.now()
  let missing = 'nothing runs'
  while (performance.now() - began < timeoutMs) {
    signal.throwIfAborted()
    const state = serviceState(installation)
    if (state.by === 'nobody') throw failed('START_FAILED', 'TradeBot ended right after its start.')
    if (state.by === 'runner' && state.note.child === null && state.note.ended !== null)
      throw failed('START_FAILED', `TradeBot ${state.note.version} does not start: ${state.note.ended}.`)
    const seen = await look(installation, expectedVersion)
    if ('version' in seen) return { ...seen, ms: Math.round(performance.now() - began) }
    missing = seen.missing
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  throw failed('START_UNHEALTHY', `TradeBot is not healthy after ${timeoutMs / 1000} s: ${missing}.`)

  function failed(code: string, message: string): CouldNotError {
    const since = new Date(Date.now() - (performance.now() - began) - 1_000)
    return new CouldNotError(code, message, { hint: lastWords(installation.dataDir, since) })
  }
}

async function look(
  installation: Installation,
  expectedVersion: string | undefined,
): Promise<{ url: string; version: string } | { missing: string }> {
  const state = serviceState(installation)
  const run = readRunFile(installation.dataDir)
  const supervisor =
    state.by === 'runner' ? state.note.child : state.by === 'supervisor' ? state.process : null
  if (
    run === undefined ||
    supervisor === null ||
    run.supervisor.pid !== supervisor.pid ||
    run.state !== 'ready'
  )
    return { missing: 'it is still starting' }
  const url = state.by === 'runner' ? state.note.url : run.url
  const answer = await ask(`${url}/healthz`)
  if (answer === undefined) return { missing: `${url} does not answer` }
  const health = healthSchema.safeParse(answer).data
  if (health === undefined || health.instance !== run.instanceId)
    return { missing: `${url} is something else's` }
  if (health.status !== 'ok') return { missing: `the server says ${JSON.stringify(answer)}` }
  if (expectedVersion !== undefined && health.version !== expectedVersion)
    return { missing: `version ${health.version} answers, not ${expectedVersion}` }
  return { url, version: health.version ?? '' }
}

async function ask(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(4_000) })
    return JSON.parse(await response.text())
  } catch {
    return undefined // Nobody listens yet, or it takes too long: asked again in a moment.
  }
}
