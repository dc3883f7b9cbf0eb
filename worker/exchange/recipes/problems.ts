import type { HttpAnswer } from '../http-answer.ts'
import { bybitProblem } from './bybit-errors.ts'
import { krakenProblem } from './kraken-errors.ts'
import { krakenfuturesProblem } from './krakenfutures-errors.ts'
import type { Problem, ProblemReader } from './meaning.ts'
import { okxProblem } from './okx-errors.ts'

/** By the id of ccxt's class. Binance's are in errors.ts. */
const READERS: Record<string, ProblemReader> = {
  bybit: bybitProblem,
  okx: okxProblem,
  kraken: krakenProblem,
  krakenfutures: krakenfuturesProblem,
}

/** True where the venue's own table judges an answer, and Binance's codes mean nothing. */
export function hasOwnWords(answer: HttpAnswer): boolean {
  return answer.venue !== undefined && Object.hasOwn(READERS, answer.venue)
}

export function problemOf(answer: HttpAnswer): Problem | null {
  return answer.venue !== undefined && hasOwnWords(answer) ? (READERS[answer.venue]?.(answer) ?? null) : null
}
