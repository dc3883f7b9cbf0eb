import { createHmac } from 'node:crypto'
import { z } from 'zod'

export type Keys = { apiKey: string; secretKey: string }

/** The sandbox exchange as Binance's own clients see it, and its control API. */
export type Sandbox = ReturnType<typeof openSandbox>

const text = z.string()
const orderSchema = z.looseObject({
  symbol: text,
  orderId: z.number(),
  clientOrderId: text,
  status: text,
  side: z.enum(['BUY', 'SELL']),
  executedQty: text,
  account: text.optional(),
})
const tradeSchema = z.looseObject({
  symbol: text,
  id: z.number(),
  orderId: z.number(),
  price: text,
  qty: text,
  quoteQty: text,
  commission: text,
  commissionAsset: text,
  isBuyer: z.boolean(),
})
const futuresOrderSchema = z.looseObject({ orderId: z.number(), clientOrderId: text })
const algoSchema = z.looseObject({
  clientAlgoId: text,
  actualOrderId: z.union([text, z.number()]),
})
const futuresTradeSchema = z.looseObject({
  side: z.enum(['BUY', 'SELL']),
  price: text,
  qty: text,
  commission: text,
})
const incomeSchema = z.looseObject({ incomeType: text, income: text })
const transferSchema = z.looseObject({ tranId: z.number(), type: text, amount: text })
const balanceSchema = z.object({ asset: text, free: text, locked: text })

export function openSandbox(url: string) {
  const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(url + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  const signed = async (keys: Keys, path: string, parameters: Record<string, string>): Promise<unknown> => {
    const query = new URLSearchParams({ ...parameters, timestamp: String(Date.now()) }).toString()
    const signature = createHmac('sha256', keys.secretKey).update(query).digest('hex')
    const response = await fetch(`${url}${path}?${query}&signature=${signature}`, {
      headers: { 'X-MBX-APIKEY': keys.apiKey },
    })
    return response.json()
  }
  return {
    async newAccount(): Promise<Keys> {
      return z.object({ apiKey: text, secretKey: text }).parse(await control('POST', '/sandbox/accounts', {}))
    },
    holdPrice: (symbol: string, price: number | null) =>
      control('POST', '/sandbox/price', { symbol, price: price === null ? null : price.toFixed(2) }),
    fault: (fault: Record<string, unknown>) => control('POST', '/sandbox/faults', fault),
    /** How often faults of each kind have happened. */
    faultHits: async () =>
      z
        .array(z.looseObject({ endpoint: text, kind: text, hits: z.number() }))
        .parse(await control('GET', '/sandbox/faults')),
    clearFaults: () => control('DELETE', '/sandbox/faults'),
    /** All accounts' orders and trades, straight from the exchange's books. */
    ordersOf: async ({ apiKey }: Keys) =>
      z.array(orderSchema).parse(await control('GET', `/sandbox/orders?account=${apiKey}`)),
    /** The truth about the futures side of an account. */
    futuresOrders: async ({ apiKey }: Keys) =>
      z.array(futuresOrderSchema).parse(await control('GET', `/sandbox/futures/orders?account=${apiKey}`)),
    futuresAlgoOrders: async ({ apiKey }: Keys) =>
      z.array(algoSchema).parse(await control('GET', `/sandbox/futures/algoOrders?account=${apiKey}`)),
    futuresTrades: async ({ apiKey }: Keys) =>
      z.array(futuresTradeSchema).parse(await control('GET', `/sandbox/futures/trades?account=${apiKey}`)),
    futuresIncome: async ({ apiKey }: Keys) =>
      z.array(incomeSchema).parse(await control('GET', `/sandbox/futures/income?account=${apiKey}`)),
    transfers: async ({ apiKey }: Keys) =>
      z.array(transferSchema).parse(await control('GET', `/sandbox/transfers?account=${apiKey}`)),
    accounts: async ({ apiKey }: Keys) =>
      z
        .array(z.looseObject({ balances: z.array(balanceSchema), futures: z.looseObject({ balance: text }) }))
        .parse(await control('GET', `/sandbox/accounts?account=${apiKey}`)),
    settleFunding: (symbol: string, rate: string) => control('POST', '/sandbox/funding', { symbol, rate }),
    allOrders: async (keys: Keys, symbol: string) =>
      z.array(orderSchema).parse(await signed(keys, '/api/v3/allOrders', { symbol, limit: '1000' })),
    myTrades: async (keys: Keys, symbol: string) =>
      z.array(tradeSchema).parse(await signed(keys, '/api/v3/myTrades', { symbol, limit: '1000' })),
    balances: async (keys: Keys) =>
      z.object({ balances: z.array(balanceSchema) }).parse(await signed(keys, '/api/v3/account', {}))
        .balances,
    price: async (symbol: string) =>
      Number(
        z.looseObject({ price: text }).parse(await control('GET', `/api/v3/ticker/price?symbol=${symbol}`))
          .price,
      ),
    /** Open times and closes, oldest first; the last one is forming. */
    klines: async (symbol: string, interval: string, limit: number) =>
      z
        .array(z.tuple([z.number(), text, text, text, text]).rest(z.unknown()))
        .parse(await control('GET', `/api/v3/klines?symbol=${symbol}&interval=${interval}&limit=${limit}`))
        .map((row) => ({ openTime: row[0], close: Number(row[4]) })),
  }
}
