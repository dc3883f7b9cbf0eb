import { SESSION_DAYS } from '#trading/store/sessions.ts'

/**
 * Cookies know no ports: two TradeBots on one host would sign each other out. So the port of the public address is in the name, which is
 * the same for every server process behind it.
 */
export function cookieName(publicUrl: string): string {
  const { port } = new URL(publicUrl)
  return port === '' ? 'tradebot_session' : `tradebot_session_${port}`
}

export function readCookie(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value !== undefined && value !== '') return value
  }
  return null
}

/** The Set-Cookie header that keeps a session, or with null ends it. Lax: links from elsewhere arrive signed in, posts do not. */
export function writeCookie(publicUrl: string, token: string | null): string {
  const life = token === null ? 0 : SESSION_DAYS * 86_400
  const secure = publicUrl.startsWith('https:') ? '; Secure' : ''
  return `${cookieName(publicUrl)}=${token ?? ''}; Path=/; Max-Age=${life}; HttpOnly; SameSite=Lax${secure}`
}
