import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { Money } from '../money.ts'

/** How the sandbox's tests speak to it: over HTTP, signed as Binance wants it. */
export type Answer = { status: number; headers: Headers; body: unknown }

const keysSchema = z.object({ apiKey: z.string(), secretKey: z.string() })
export type Keys = z.infer<typeof keysSchema>

const amount = z.string().transform((text) => new Money(text))

export const orderSchema = z.looseObject({
  symbol: z.string(),
  orderId: z.number(),
  clientOrderId: z.string(),
  status: z.string(),
  side: z.string(),
  isWorking: z.boolean().optional(),
  price: amount,
  stopPrice: amount.optional(),
  origQty: amount,
  executedQty: amount,
})
export const tradeSchema = z.looseObject({
  symbol: z.string(),
  id: z.number(),
  orderId: z.number(),
  price: amount,
  qty: amount,
  quoteQty: amount,
  commission: amount,
  commissionAsset: z.string(),
  isBuyer: z.boolean(),
})
export const accountSchema = z.looseObject({
  balances: z.array(z.object({ asset: z.string(), free: amount, locked: amount })),
})

export const makeClient = (url: string) => {
  const send = async (
    method: string,
    path: string,
    init: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const response = await fetch(url + path, { method, ...init })
    const body: unknown = await response.json()
    return { status: response.status, headers: response.headers, body }
  }

  const control = (method: string, path: string, body?: unknown) =>
    send(method, path, body === undefined ? {} : { body: JSON.stringify(body) })

  /** A signed call. `timestamp` and `signature` can be overridden to be wrong. */
  const signed = (
    keys: Keys,
    method: string,
    path: string,
    parameters: Record<string, string | number> = {},
    signature?: string,
  ) => {
    const query = Object.entries({ timestamp: Date.now(), ...parameters })
      .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
      .join('&')
    const sign = signature ?? createHmac('sha256', keys.secretKey).update(query).digest('hex')
    const full = `${query}&signature=${sign}`
    const headers = { 'x-mbx-apikey': keys.apiKey }
    if (method === 'GET' || method === 'DELETE') return send(method, `${path}?${full}`, { headers })
    return send(method, path, {
      body: full,
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    })
  }

  return {
    send,
    control,
    signed,
    openAccount: async (body?: unknown): Promise<Keys> =>
      keysSchema.parse((await control('POST', '/sandbox/accounts', body)).body),
    hold: (symbol: string, price: string | null) => control('POST', '/sandbox/price', { symbol, price }),
    place: (keys: Keys, parameters: Record<string, string | number>) =>
      signed(keys, 'POST', '/api/v3/order', { symbol: 'BTCUSDT', ...parameters }),
    look: (keys: Keys, clientOrderId: string, symbol = 'BTCUSDT') =>
      signed(keys, 'GET', '/api/v3/order', { symbol, origClientOrderId: clientOrderId }),
  }
}
export type Client = ReturnType<typeof makeClient>

/** Waits until `look` gives something, at most `ms`. */
export const eventually = async <T>(look: () => Promise<T | undefined | false>, ms = 5000): Promise<T> => {
  const end = Date.now() + ms
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`nothing within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
