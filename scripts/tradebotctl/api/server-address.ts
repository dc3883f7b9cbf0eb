import { isIP } from 'node:net'
import { readRunFile } from '#trading/config/run-file.ts'
import type { Context } from '../frame/context.ts'
import { UsageError } from '../frame/errors.ts'
import { settingsOf } from '../place/settings.ts'
import { readStoredToken } from './token-file.ts'

/**
 * The server's address, without a slash at its end: --url, TRADEBOT_URL, the server elsewhere that `login` signed in to, or the one that
 * belongs to this place.
 * @throws UsageError for what is no address
 */
export function serverAddress(context: Context, url: string | undefined): string {
  if (url !== undefined) return checked(url, '--url')
  const fromShell = context.env['TRADEBOT_URL']
  if (fromShell) return checked(fromShell, 'TRADEBOT_URL')
  const { dataDir } = context.place()
  const stored = readStoredToken(dataDir)
  if (stored !== undefined && !isLoopback(stored.url)) return stored.url
  const run = readRunFile(dataDir)
  if (run !== undefined) return checked(run.url, 'run.json')
  const { host, port } = settingsOf(context)
  // What listens everywhere is found here too.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : isIP(host) === 6 ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** Whether the address is one of this machine alone. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
}

function checked(text: string, option: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UsageError(`${option}: "${text}" is no address like http://127.0.0.1:4000.`)
  if (url.username !== '' || url.password !== '')
    throw new UsageError(`${option}: an address holds no password. Sign in with tradebotctl login.`)
  return `${url.origin}${url.pathname.replace(/\/(graphql\/?)?$/, '')}`
}
