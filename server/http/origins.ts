import { isIP } from 'node:net'
import type { Env } from '#trading/config/env.ts'

type OriginRules = Pick<Env, 'host' | 'port' | 'publicUrl' | 'origins'>

/**
 * Whether a page of this origin may use the API with its visitor's cookie: the public address, those listed in TRADEBOT_ORIGINS, and the
 * address that the request itself went to. On loopback the latter counts only under a loopback name, or a page whose name is pointed at
 * 127.0.0.1 (DNS rebinding) would pass for our own.
 */
export function originAllowed(origin: string, requestHost: string | undefined, rules: OriginRules): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  if (url.origin === new URL(rules.publicUrl).origin || rules.origins.includes(url.origin)) return true
  if (!isLoopbackHost(rules.host)) return url.host === requestHost
  // All loopback names of one port are this server, whichever of them the request went by.
  const port = /:(\d+)$/.exec(requestHost ?? '')?.[1] ?? ''
  return isLoopbackHost(url.hostname) && url.port === port
}

/** Whether only this machine can reach the address. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1') return true
  return isIP(bare) === 4 && bare.startsWith('127.')
}
