import { z } from 'zod'
import type { Credentials } from '#trading/domain/exchange.ts'
import type { ExchangeSettings } from './settings.ts'

export type SandboxAccount = { credentials: Credentials }

/** Settings that lead `sandbox` to a sandbox of the test's own. */
export function settingsFor(sandboxUrl: string): ExchangeSettings {
  return {
    exchangeUrls: { sandbox: sandboxUrl },
    timing: { httpTimeoutMs: 3000, recvWindowMs: 5000, sendBudgetMs: 3000, settleSkewMs: 1000 },
  }
}

const rows = z.array(z.record(z.string(), z.unknown()))

/** One call of the sandbox's control API; the rows of its answer, none where it answers something else. */
export async function control(
  sandboxUrl: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<Record<string, unknown>[]> {
  const answer = await fetch(sandboxUrl + path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return rows.safeParse(JSON.parse(text)).data ?? []
}

/** A new account with 10,000 USDT. */
export async function openSandboxAccount(sandboxUrl: string, body: object = {}): Promise<SandboxAccount> {
  const answer = await fetch(`${sandboxUrl}/sandbox/accounts`, { method: 'POST', body: JSON.stringify(body) })
  const keys = z.object({ apiKey: z.string(), secretKey: z.string() }).parse(await answer.json())
  return { credentials: { ...keys, passphrase: null } }
}
