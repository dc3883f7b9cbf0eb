import { z } from 'zod'
import { badControlRequest, BinanceError, orderRejected, INSUFFICIENT_BALANCE } from '../binance-error.ts'
import type { OrderFate } from '../exchange/engine.ts'
import { makeRandom } from '../market/hash.ts'
import { bannedError, tooMuchError } from './weights.ts'

const KINDS = [
  'drop',
  'delay',
  '5xx',
  '503',
  '5xx_after',
  'reset',
  '429',
  '418',
  'reject',
  'hide',
  'partial',
] as const

/** What can be kept from look-ups, and what can be filled piece by piece. */
const DIVISIBLE = ['/api/v3/order', '/fapi/v1/order', '/fapi/v1/algoOrder']
const HIDEABLE = [...DIVISIBLE, '/sapi/v1/asset/transfer', '/sapi/v1/futures/transfer']

const covers = (endpoint: string, paths: readonly string[]): boolean =>
  paths.some((path) => matches(endpoint, 'POST', path))

const faultSchema = z
  .strictObject({
    /** "POST /api/v3/order", "/api/v3/order" for any method, a trailing or a lone "*". */
    endpoint: z
      .string()
      .regex(
        /^((GET|POST|PUT|DELETE) )?(\/[^\s*]*)?\*?$/,
        'must be like "POST /api/v3/order", "/api/v3/order" or "*"',
      )
      .min(1),
    kind: z.enum(KINDS),
    count: z.int().min(1).optional(),
    chance: z.number().gt(0).max(1).optional(),
    seed: z.int().optional(),
    ms: z.int().min(0).max(3_600_000).optional(),
    /** Only requests with this API key. */
    account: z.string().optional(),
    status: z.int().min(500).max(599).optional(),
    retryAfter: z.int().min(0).optional(),
    code: z.int().optional(),
    msg: z.string().optional(),
    pieces: z.int().min(2).max(100).optional(),
  })
  .refine((fault) => (fault.count === undefined) !== (fault.chance === undefined), {
    message: 'give either count or chance',
  })
  .refine((fault) => fault.seed === undefined || fault.chance !== undefined, {
    message: 'seed goes with chance',
  })
  .refine((fault) => fault.kind !== 'hide' || covers(fault.endpoint, HIDEABLE), {
    message: `hide works on ${HIDEABLE.map((path) => `"POST ${path}"`).join(', ')}`,
  })
  .refine((fault) => fault.kind !== 'partial' || covers(fault.endpoint, DIVISIBLE), {
    message: `partial works on ${DIVISIBLE.map((path) => `"POST ${path}"`).join(', ')}`,
  })
type Rule = z.infer<typeof faultSchema>

const STANDARD_DELAY_MS = 15_000
const STANDARD_HIDE_MS = 5000
const STANDARD_PARTIAL_MS = 5000
const STANDARD_PIECES = 4
const STANDARD_RETRY_AFTER = 5

/** What the faults that fired make of one request. */
export type Fate = {
  /** Instead of doing anything: reset the connection, or answer this. */
  reset: boolean
  refusal?: BinanceError | undefined
  order: OrderFate
  /** After it was done: */
  drop: boolean
  delayMs: number
  answerInstead?: BinanceError | undefined
}

const matches = (endpoint: string, method: string, path: string): boolean => {
  const [, wantedMethod, wantedPath = ''] = /^(?:([A-Z]+) )?(.*)$/.exec(endpoint) ?? []
  if (wantedMethod !== undefined && wantedMethod !== method) return false
  if (wantedPath.endsWith('*')) return path.startsWith(wantedPath.slice(0, -1))
  return path === wantedPath
}

const unavailable = (rule: Rule): BinanceError =>
  new BinanceError(
    rule.status ?? (rule.kind === '5xx' ? 502 : 503),
    rule.code ?? -1000,
    rule.msg ?? 'Unknown error, please check your request or try again later.',
  )

/** The faults that are set, in order of setting. They live in memory only. */
export const makeFaults = () => {
  let lastId = 0
  let active: { id: number; rule: Rule; left: number; hits: number; random: () => number }[] = []

  const add = (input: unknown) => {
    const parsed = faultSchema.safeParse(input)
    if (!parsed.success)
      throw badControlRequest(
        parsed.error.issues.map((i) => [i.path.join('.'), i.message].filter(Boolean).join(': ')).join('; '),
      )
    const rule = parsed.data
    const fault = {
      id: ++lastId,
      rule,
      left: rule.count ?? Number.POSITIVE_INFINITY,
      hits: 0,
      random: makeRandom(rule.seed ?? 1),
    }
    active.push(fault)
    return rowOf(fault)
  }

  const rowOf = (fault: (typeof active)[number]) => ({
    id: fault.id,
    ...fault.rule,
    hits: fault.hits,
    ...(fault.rule.count === undefined ? {} : { left: fault.left }),
  })

  /** Decides the fate of a request. A fault that keeps the request from being done hides the later ones, which keep their count. */
  const fire = (method: string, path: string, apiKey: string | undefined, now: number): Fate => {
    const fate: Fate = { reset: false, order: {}, drop: false, delayMs: 0 }
    for (const fault of active) {
      const { rule } = fault
      if (rule.account !== undefined && rule.account !== apiKey) continue
      if (fault.left === 0 || !matches(rule.endpoint, method, path)) continue
      if (rule.kind === 'hide' && !(method === 'POST' && HIDEABLE.includes(path))) continue
      if (rule.kind === 'partial' && !(method === 'POST' && DIVISIBLE.includes(path))) continue
      if (rule.chance !== undefined && fault.random() >= rule.chance) continue
      fault.left--
      fault.hits++
      apply(fate, rule, path, now)
      if (fate.reset || fate.refusal) break
    }
    return fate
  }

  return {
    add,
    fire,
    list: () => active.map(rowOf),
    clear: (id?: number) => {
      const before = active.length
      active = id === undefined ? [] : active.filter((fault) => fault.id !== id)
      return before - active.length
    },
  }
}
export type Faults = ReturnType<typeof makeFaults>

const apply = (fate: Fate, rule: Rule, path: string, now: number): void => {
  const retryAfter = rule.retryAfter ?? STANDARD_RETRY_AFTER
  switch (rule.kind) {
    case 'drop':
      fate.drop = true
      return
    case 'delay':
      fate.delayMs = Math.max(fate.delayMs, rule.ms ?? STANDARD_DELAY_MS)
      return
    case '5xx_after':
      fate.answerInstead = unavailable(rule)
      return
    case 'hide':
      fate.order.hideMs = rule.ms ?? STANDARD_HIDE_MS
      return
    case 'partial':
      fate.order.slow = { pieces: rule.pieces ?? STANDARD_PIECES, ms: rule.ms ?? STANDARD_PARTIAL_MS }
      return
    case 'reset':
      fate.reset = true
      return
    case '5xx':
    case '503':
      fate.refusal = unavailable(rule)
      return
    case '429':
      fate.refusal = tooMuchError(6000, retryAfter)
      return
    case '418':
      fate.refusal = bannedError(now + retryAfter * 1000, now)
      return
    case 'reject':
      fate.refusal = rejection(rule, path)
      return
    default:
      rule.kind satisfies never
  }
}

/** As asked for, else what the endpoint says where money is short. */
const rejection = ({ code, msg }: Rule, path: string): BinanceError => {
  if (code !== undefined) return new BinanceError(400, code, msg ?? 'Rejected.')
  if (path.startsWith('/fapi/')) return new BinanceError(400, -2019, msg ?? 'Margin is insufficient.')
  if (path.startsWith('/sapi/'))
    return new BinanceError(400, -5013, msg ?? 'Asset transfer failed: insufficient balance')
  return orderRejected(msg ?? INSUFFICIENT_BALANCE)
}
