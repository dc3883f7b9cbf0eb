import type { IncomingMessage } from 'node:http'

/** Whom a request comes from. Forwarded headers are believed only behind a proxy that writes them (TRADEBOT_TRUST_PROXY). */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = request.headers['x-forwarded-for']
  const list = Array.isArray(forwarded) ? forwarded.join(',') : forwarded
  // The last entry is the one that our own proxy added; those before it are whatever the client sent.
  const last = trustProxy ? list?.split(',').at(-1)?.trim() : undefined
  return last || request.socket.remoteAddress || 'unknown'
}
