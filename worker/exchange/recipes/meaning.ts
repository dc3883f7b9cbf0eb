import type { RefusalCode, VenueErrorKind } from '#trading/domain/exchange.ts'
import type { HttpAnswer } from '../http-answer.ts'

/** What one code of a venue says. Codes that are not in a venue's table prove nothing. */
export type CodeMeaning = {
  /** Of a call that changes nothing. */
  kind: VenueErrorKind
  /** Of sending an order: proven not to exist, for this reason. Absent: proves nothing. */
  refusal?: RefusalCode
  /** There is no such order (any more, among those that rest). */
  noSuchOrder?: true
  /** What was to be set is so already. */
  unchanged?: true
  /** The time that the call was signed with was not taken. */
  clock?: true
  /** The venue wants to be left alone for as long; absent: a second. */
  silenceMs?: number
}

/** A venue's words about a call that failed, with what we know of them. */
export type Problem = { code: string; words: string; meaning: CodeMeaning | null }

/** Reads an answer for a problem; null where it is none, or not the venue's own words. */
export type ProblemReader = (answer: HttpAnswer) => Problem | null

/** A table's row for each of several codes. */
export function each(codes: readonly (string | number)[], meaning: CodeMeaning): [string, CodeMeaning][] {
  return codes.map((code) => [String(code), meaning])
}

/** The body as JSON, or null. */
export function jsonOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.body)
  } catch {
    return null
  }
}
