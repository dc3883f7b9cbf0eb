import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { BinanceError } from '../binance-error.ts'
import { advanceAll } from '../exchange/matching.ts'
import { noChanges } from '../exchange/store.ts'
import { advanceAll as advanceFutures } from '../futures/matching.ts'
import { controlRoutes } from './control-routes.ts'
import type { Fate } from './faults.ts'
import { futuresAlgoRoutes } from './futures-algo-routes.ts'
import { futuresAccountRoutes } from './futures-account-routes.ts'
import { futuresControlRoutes } from './futures-control-routes.ts'
import { futuresMarketRoutes } from './futures-market-routes.ts'
import { futuresTradeRoutes } from './futures-trade-routes.ts'
import { marketRoutes } from './market-routes.ts'
import { parseParameters } from './parameters.ts'
import type { Exchange, Route } from './routes.ts'
import { authenticate } from './signed.ts'
import { tradeRoutes } from './trade-routes.ts'
import { transferRoutes } from './transfer-routes.ts'
import { walletRoutes } from './wallet-routes.ts'
import type { makeWeights } from './weights.ts'

const binance = new Map(
  Object.entries({
    ...marketRoutes,
    ...tradeRoutes,
    ...walletRoutes,
    ...transferRoutes,
    ...futuresMarketRoutes,
    ...futuresTradeRoutes,
    ...futuresAlgoRoutes,
    ...futuresAccountRoutes,
  }),
)
const control = new Map(Object.entries({ ...controlRoutes, ...futuresControlRoutes }))
const LARGEST_BODY = 64 * 1024

type Answer = { status: number; body: unknown; headers: Record<string, string> }

/** Answers requests: faults first, then weight, key and handler; faults on the answer last. */
export const makeListener = (
  exchange: Exchange,
  weights: ReturnType<typeof makeWeights>,
): RequestListener => {
  const { log } = exchange

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const began = performance.now()
    const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?')
    const method = request.method ?? 'GET'
    const header = request.headers['x-mbx-apikey']
    const apiKey = typeof header === 'string' ? header : undefined
    const body = await readBody(request)
    const now = Date.now()

    const isControl = path.startsWith('/sandbox/')
    const fate: Fate = isControl
      ? { reset: false, order: {}, drop: false, delayMs: 0 }
      : exchange.faults.fire(method, path, apiKey, now)
    const noted = { method, path, fault: fate.refusal ? 'refused' : fate.drop ? 'dropped' : undefined }
    if (fate.reset) {
      log.info({ ...noted, fault: 'reset' }, 'request')
      request.socket.resetAndDestroy()
      return
    }

    const work = async (): Promise<Answer> => {
      const headers: Record<string, string> = {}
      try {
        if (fate.refusal) throw fate.refusal
        if (isControl && request.headers.origin !== undefined)
          throw new BinanceError(403, -1, 'The control API is not for web pages.')
        const route = (isControl ? control : binance).get(`${method} ${path}`)
        if (!route) throw new BinanceError(404, -1, `The sandbox has no endpoint ${method} ${path}.`)
        const parameters = parseParameters(query, isControl ? '' : body)
        if (!isControl) {
          const address = request.socket.remoteAddress ?? ''
          const used = weights.spend(address, weightOf(route, parameters), now)
          headers['x-mbx-used-weight'] = headers['x-mbx-used-weight-1m'] = String(used)
        }
        return {
          status: 200,
          body: await run(route, { parameters, query, body, apiKey, now, fate }),
          headers,
        }
      } catch (error) {
        return refusalOf(error, headers, `${method} ${path}`)
      }
    }
    const done = await work()
    if (fate.drop) {
      log.info({ ...noted, status: done.status }, 'request')
      request.socket.destroy()
      return
    }
    const { answerInstead } = fate
    const sent = answerInstead
      ? {
          ...done,
          status: answerInstead.status,
          body: { code: answerInstead.code, msg: answerInstead.message },
        }
      : done
    if (fate.delayMs > 0) await pause(fate.delayMs)
    const level = isControl && method !== 'GET' ? 'info' : 'debug'
    log[level]({ ...noted, status: sent.status, ms: Math.round(performance.now() - began) }, 'request')
    send(response, sent)
  }

  const run = async (
    route: Route,
    request: {
      parameters: ReturnType<typeof parseParameters>
      query: string
      body: string
      apiKey: string | undefined
      now: number
      fate: Fate
    },
  ): Promise<unknown> => {
    const call = {
      parameters: request.parameters,
      body: request.body,
      now: request.now,
      fate: request.fate.order,
    }
    if (!route.signed) return route.handle(exchange, call)
    const account = authenticate(request, exchange.state.accounts, request.now)
    const changes = noChanges()
    advanceAll(exchange.state, changes, request.now)
    advanceFutures(exchange.futures, changes, request.now)
    exchange.state.store.save(changes)
    return route.handle(exchange, call, account)
  }

  const refusalOf = (error: unknown, headers: Record<string, string>, endpoint: string): Answer => {
    if (!(error instanceof BinanceError)) throw error
    log.debug({ endpoint, code: error.code, msg: error.message }, 'refused')
    return {
      status: error.status,
      body: { code: error.code, msg: error.message },
      headers: { ...headers, ...error.headers },
    }
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return
      log.error({ err: error, url: request.url }, 'request failed')
      if (!response.headersSent)
        send(response, {
          status: 500,
          body: { code: -1000, msg: 'The sandbox failed; its log says why.' },
          headers: {},
        })
    })
  }
}

const weightOf = (route: Route, parameters: ReturnType<typeof parseParameters>): number =>
  typeof route.weight === 'number' ? route.weight : route.weight(parameters)

const send = (response: ServerResponse, { status, body, headers }: Answer): void => {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json;charset=UTF-8',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** A delay that does not keep a stopping process alive. */
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })

const splitOnce = (text: string, separator: string): [string, string] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const part = Buffer.from(chunk)
    size += part.length
    if (size > LARGEST_BODY) throw new BinanceError(413, -1, 'The body is too large.')
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString('utf8')
}
