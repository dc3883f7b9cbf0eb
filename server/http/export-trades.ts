import type { IncomingMessage, ServerResponse } from 'node:http'
import { botsToExport, type TradeFilter } from '#trading/store/trade-export.ts'
import { authenticate, bearerToken } from '../auth/authenticate.ts'
import type { Services } from '../context.ts'
import { tradesAsCsv } from '../export/trades-csv.ts'
import { sendChunks } from './send-chunks.ts'
import { cookieName, readCookie } from './session-cookie.ts'

export const EXPORT_TRADES_PATH = '/export/trades.csv'

/**
 * GET /export/trades.csv?bot=ID&from=YYYY-MM-DD&to=YYYY-MM-DD, all optional, days in UTC and included: the viewer's trades, by cookie or Bearer
 * token. A page of another site can neither read it (no CORS) nor embed it.
 */
export async function answerTradesExport(
  { pool, env }: Services,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('cache-control', 'no-store')
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  const { authorization, cookie } = request.headers
  // As in GraphQL: a header that is there and is no Bearer must not fall back to the cookie.
  const { auth } = await authenticate(pool, {
    bearer: bearerToken(authorization),
    sessionToken: authorization === undefined ? readCookie(cookie, cookieName(env.publicUrl)) : null,
  })
  if (auth === null) {
    response.setHeader('www-authenticate', 'Bearer')
    return say(response, 401, 'Sign in first, or send a token: Authorization: Bearer TOKEN.')
  }
  const { filter, problem } = readFilter(new URL(request.url ?? '/', 'http://localhost').searchParams)
  if (problem !== null) return say(response, 400, problem)
  const botIds = await botsToExport(pool, auth.userId, filter.botId)
  if (botIds === null) return say(response, 404, 'There is no such bot.')
  response.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': `attachment; filename="${fileName(filter)}"`,
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await sendChunks(response, tradesAsCsv(pool, auth.userId, botIds, filter))
}

/** One sentence a fault; the first is said. */
function readFilter(params: URLSearchParams): { filter: TradeFilter; problem: string | null } {
  const filter: TradeFilter = { botId: params.get('bot'), from: params.get('from'), to: params.get('to') }
  return { filter, problem: problemOf(params, filter) }
}

function problemOf(params: URLSearchParams, { botId, from, to }: TradeFilter): string | null {
  for (const name of params.keys()) {
    if (!['bot', 'from', 'to'].includes(name))
      return `There is no parameter "${name}"; there are bot, from and to.`
    if (params.getAll(name).length > 1) return `"${name}" is given more than once.`
  }
  if (botId !== null && !/^\d{1,18}$/.test(botId)) return 'bot must be the id of a bot.'
  for (const [name, day] of Object.entries({ from, to }))
    if (day !== null && !isDay(day)) return `${name} must be a day (UTC) like 2026-11-22.`
  if (from !== null && to !== null && from > to) return 'from must not be after to.'
  return null
}

function isDay(text: string): boolean {
  if (!/^20\d\d-\d\d-\d\d$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

function fileName({ botId, from, to }: TradeFilter): string {
  const parts = [
    botId === null ? '' : `-bot-${botId}`,
    from === null ? '' : `-from-${from}`,
    to === null ? '' : `-to-${to}`,
  ]
  return `tradebot-trades${parts.join('')}.csv`
}

function say(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${sentence}\n`)
}
