import { z } from 'zod'

/** The HTTP answer behind an error that ccxt threw; ccxt itself keeps its class and its text only. */
export type HttpAnswer = {
  status: number
  headers: Record<string, string>
  body: string
  /** The id of ccxt's class; absent: Binance's. */
  venue?: string
}

const answers = new WeakMap<object, HttpAnswer>()

export function noteAnswer(error: unknown, answer: HttpAnswer): void {
  if (typeof error === 'object' && error !== null) answers.set(error, answer)
}

/** Null when the error is not about an answer: nothing came back, or nothing was sent. */
export function answerOf(error: unknown): HttpAnswer | null {
  return typeof error === 'object' && error !== null ? (answers.get(error) ?? null) : null
}

const problem = z.object({ code: z.number().int(), msg: z.string() })

/** Binance's `{"code": -1121, "msg": "Invalid symbol."}`, or null when the body is anything else. */
export function binanceProblem(answer: HttpAnswer): { code: number; msg: string } | null {
  try {
    return problem.safeParse(JSON.parse(answer.body)).data ?? null
  } catch {
    return null
  }
}

/** The least that Binance bans an address for, and the rest of a minute's budget on average, where the answer names no time. */
const BAN_MS = 120_000
const SLOW_DOWN_MS = 30_000

/** How long the venue wants no more calls of ours, in milliseconds; null when the answer asks for nothing of the kind. */
export function silenceMs(answer: HttpAnswer | null): number | null {
  if (answer === null || (answer.status !== 429 && answer.status !== 418)) return retryAfterMs(answer)
  const until = /banned until (\d{13})/.exec(answer.body)?.[1]
  const banned = until === undefined ? 0 : Number(until) - Date.now()
  const told = Math.max(retryAfterMs(answer) ?? 0, banned)
  return told > 0 ? told : answer.status === 418 ? BAN_MS : SLOW_DOWN_MS
}

/** A header that is a whole number; null when it is missing or something else. */
export function headerNumber(answer: HttpAnswer, name: string): number | null {
  const value = headerOf(answer, name)?.trim()
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : null
}

function headerOf(answer: HttpAnswer | null, name: string): string | undefined {
  return Object.entries(answer?.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1]
}

/** Retry-After in milliseconds, given in seconds or as a date; null when there is none. */
function retryAfterMs(answer: HttpAnswer | null): number | null {
  const value = headerOf(answer, 'retry-after')?.trim()
  if (value === undefined) return null
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000)
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}
