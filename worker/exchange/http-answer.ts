import { z } from 'zod'

/** The HTTP answer behind an error that ccxt threw; ccxt itself keeps its class and its text only. */
export type HttpAnswer = { status: number; headers: Record<string, string>; body: string }

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

/** Retry-After in milliseconds, given in seconds or as a date; null when there is none. */
export function retryAfterMs(answer: HttpAnswer | null): number | null {
  const entry = Object.entries(answer?.headers ?? {}).find(([name]) => name.toLowerCase() === 'retry-after')
  if (entry === undefined) return null
  if (/^\d+$/.test(entry[1].trim())) return Number(entry[1]) * 1000
  const at = Date.parse(entry[1])
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}
