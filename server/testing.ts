/**
 * A real server on a real database for tests: real HTTP, graphql-ws's own client, no worker (rows that workers write are inserted fresh).
 */
import { type Client, createClient } from 'graphql-ws'
import { afterAll, beforeAll, expect } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { type Env, loadEnv } from '#trading/config/env.ts'
import { makeLogger } from '#trading/config/logger.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import type { Pool } from '#trading/store/pool.ts'
import { startServer } from './server.ts'

/** What came back; `data` is loosely typed, for a test reads it by its own query. */
export type Answer = {
  status: number
  headers: Headers
  // oxlint-disable-next-line no-explicit-any
  data: any
  errors: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[]
}

/** One client's credentials: a cookie jar, a token, or nothing. */
export type Caller = { cookie?: string; bearer?: string; headers?: Record<string, string> }

/** A server for the test file, with a database of its own; usable inside hooks and tests only. */
export function withTestServer(overrides: Partial<Env> = {}) {
  const db = withTestDatabase()
  let server: Awaited<ReturnType<typeof startServer>> | undefined
  beforeAll(async () => {
    const masterKey = Buffer.alloc(32, 1).toString('base64')
    const env = loadEnv({
      DATABASE_URL: db.url,
      TRADEBOT_MASTER_KEY: masterKey,
      TRADEBOT_SIGNUP: 'open',
      // mexc: PAPER only, whatever becomes of the others.
      TRADEBOT_EXCHANGES: 'sandbox,binance,bybit,okx,kraken,mexc',
    })
    server = await startServer({ ...env, port: 0, ...overrides }, makeLogger('server', 'silent'))
    await insertSandbox(db.pool)
  })
  afterAll(() => server?.close())
  const origin = () => `127.0.0.1:${server?.port ?? 0}`

  const call = async (query: string, variables: object = {}, caller: Caller = {}): Promise<Answer> => {
    const response = await fetch(`http://${origin()}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(caller.bearer === undefined
          ? { 'x-tradebot-csrf': '1' }
          : { authorization: `Bearer ${caller.bearer}` }),
        ...(caller.cookie === undefined ? {} : { cookie: caller.cookie }),
        ...caller.headers,
      },
      body: JSON.stringify({ query, variables }),
    })
    const body = answerSchema.parse(await response.json())
    return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [] }
  }

  return {
    db,
    call,
    url: () => `http://${origin()}`,
    /** Signs a new account up; the answer calls as that account. */
    async account(name: string) {
      const input = { email: `${name}@example.com`, username: name, password: 'a long enough password' }
      const answer = await call(
        'mutation ($input: SignUpInput!) { signUp(input: $input) { __typename ... on User { id } } }',
        { input },
      )
      expect(answer.data.signUp.__typename).toBe('User')
      const cookie = cookieOf(answer)
      return {
        id: z.string().parse(answer.data.signUp.id),
        cookie,
        run: (query: string, variables: object = {}) => call(query, variables, { cookie }),
      }
    },
    /** graphql-ws's client, with a cookie or a token; it does not come back by itself unless told to. */
    socket(caller: Caller, options: Partial<Parameters<typeof createClient>[0]> = {}): Client {
      const headers = { ...(caller.cookie === undefined ? {} : { cookie: caller.cookie }), ...caller.headers }
      class SocketWithHeaders extends WebSocket {
        constructor(address: string, protocols: string | string[]) {
          super(address, protocols, { headers })
        }
      }
      return createClient({
        url: `ws://${origin()}/graphql`,
        webSocketImpl: SocketWithHeaders,
        retryAttempts: 0,
        ...(caller.bearer === undefined
          ? {}
          : { connectionParams: { authorization: `Bearer ${caller.bearer}` } }),
        ...options,
      })
    },
  }
}

const answerSchema = z.object({
  data: z.any().optional(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
})

/** The cookie that an answer sets, as a request sends it. */
export function cookieOf(answer: Answer): string {
  const set = answer.headers.getSetCookie()[0]
  if (set === undefined) throw new Error('The answer sets no cookie.')
  return set.split(';', 1)[0] ?? ''
}

/** Markets and timeframes of the sandbox, as a worker would have read them just now. */
async function insertSandbox(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO venues (exchange, timeframes, refreshed_at) VALUES ('sandbox', '{1s,1m,1h}', tradebot_now()), ('kraken', '{1m}', tradebot_now()), ('mexc', '{1m}', tradebot_now())`,
  )
  await pool.query(
    `INSERT INTO markets (exchange, symbol, base, quote, type, active, min_cost, amount_step) VALUES
       ('sandbox', 'BTC/USDT', 'BTC', 'USDT', 'SPOT', true, 10, 0.00001), ('sandbox', 'ETH/USDT', 'ETH', 'USDT', 'SPOT', true, 10, 0.0001),
       ('sandbox', 'OLD/USDT', 'OLD', 'USDT', 'SPOT', false, 10, 0.0001), ('kraken', 'BTC/USDT', 'BTC', 'USDT', 'SPOT', true, 5, 0.0001)`,
  )
}

/** A valid CreateBotInput; give what differs. */
export function botInput(changes: object = {}) {
  return {
    name: 'Trend',
    exchange: 'sandbox',
    symbol: 'BTC/USDT',
    timeframe: '1m',
    initialCapital: '1000',
    positionSizeFixed: '100',
    stopLossPerc: '2',
    takeProfitPerc: '4',
    ...changes,
  }
}

export const CREATE_BOT = `mutation ($input: CreateBotInput!) {
  createBot(input: $input) { __typename ... on Bot { id revision state { version } } ... on ValidationError { code message issues { path message } } }
}`

/** The events of a subscription as they come; `next()` waits for one, at most 5 s. */
export function subscribe(client: Client, query: string, variables: Record<string, unknown> = {}) {
  const results = client.iterate<Record<string, never>>({ query, variables })
  return {
    // oxlint-disable-next-line no-explicit-any
    async next(): Promise<any> {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`Nothing came within 5 s of ${query}`)), 5_000)
      })
      try {
        const { value, done } = await Promise.race([results.next(), late])
        return done === true ? 'done' : value
      } finally {
        clearTimeout(timer)
      }
    },
    stop: () => results.return?.(),
  }
}

/**
 * Nothing tells a client that its subscription stands: acts again and again, until something of it is heard. Answers what was heard first.
 */
export async function untilHeard(reader: ReturnType<typeof subscribe>, act: () => Promise<unknown>) {
  let heard = false
  const first = reader.next().finally(() => (heard = true))
  for (let attempt = 0; attempt < 20 && !heard; attempt++) {
    await act()
    await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 250))])
  }
  return first
}
