import { z } from 'zod'
import { parseJson } from '#trading/config/read-file.ts'

const healthSchema = z.looseObject({ status: z.string(), instance: z.string().nullish() })

const readyWithinMs = 120_000

/** Resolves once server, worker and sandbox answer as this instance. @throws Error that says what does not, after two minutes */
export async function waitUntilReady(
  serverUrl: string,
  instanceId: string,
  sandboxUrl: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + readyWithinMs
  for (;;) {
    const missing = await whatIsMissing(serverUrl, instanceId, sandboxUrl)
    if (missing === undefined || signal.aborted) return
    if (performance.now() > deadline)
      throw new Error(`TradeBot did not get ready in two minutes: ${missing}.`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** What is not yet healthy, in words. */
async function whatIsMissing(
  serverUrl: string,
  instanceId: string,
  sandboxUrl: string | undefined,
): Promise<string | undefined> {
  const [server, sandbox] = await Promise.all([
    serverState(`${serverUrl}/healthz`, instanceId),
    sandboxUrl === undefined ? undefined : sandboxState(`${sandboxUrl}/api/v3/ping`),
  ])
  return server ?? sandbox
}

async function serverState(url: string, instanceId: string): Promise<string | undefined> {
  const body = await get(url)
  if (body === undefined) return 'the server does not answer yet'
  const health = healthSchema.safeParse(body.json)
  if (!health.success) return `${url} answers something that is not TradeBot's health`
  if (health.data.instance !== instanceId) return `${url} is another TradeBot's`
  return health.data.status === 'ok' ? undefined : `the server says ${JSON.stringify(body.json)}`
}

async function sandboxState(url: string): Promise<string | undefined> {
  const body = await get(url)
  return body?.ok ? undefined : 'the sandbox exchange does not answer yet'
}

async function get(url: string): Promise<{ ok: boolean; json: unknown } | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    const text = await response.text()
    return { ok: response.ok, json: parseJson(text) }
  } catch {
    return undefined // Nobody listens yet, or it takes too long: asked again in a moment.
  }
}
