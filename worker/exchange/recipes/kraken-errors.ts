import { z } from 'zod'
import type { HttpAnswer } from '../http-answer.ts'
import { each, jsonOf, type CodeMeaning, type Problem } from './meaning.ts'

/** Too many wrong keys from an address: a quarter of an hour. */
const LOCKOUT_MS = 900_000
/** The counter of calls falls by one in two or three seconds. */
const COUNTER_MS = 5_000

/**
 * Kraken's words, which come with HTTP 200. The longest beginning counts ("EGeneral:Invalid arguments:price" is an "EGeneral:Invalid
 * arguments"). Those without a `refusal` leave open what became of an order: EService:Unavailable, Busy, Timeout and Deadline elapsed (it may
 * have gone on to the matching engine), EGeneral:Internal error, EDatabase, and every word that is not here.
 * Source: "Spot Error Messages" of Kraken's API documents and its support pages on API error messages.
 */
const MEANINGS: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
  ...each(
    ['EAPI:Invalid key', 'EAPI:Invalid signature', 'EGeneral:Permission denied', 'EAPI:Feature disabled'],
    {
      kind: 'KEY_REFUSED',
      refusal: 'KEY_REFUSED',
    },
  ),
  ...each(['EAuth:Account temporary disabled', 'EAuth:Account unconfirmed', 'EAccount:Invalid permissions'], {
    kind: 'KEY_REFUSED',
    refusal: 'KEY_REFUSED',
  }),
  ...each(['ETrade:User Locked', 'ESession:Invalid session'], {
    kind: 'KEY_REFUSED',
    refusal: 'KEY_REFUSED',
  }),
  // Judged before anything else: nothing was done.
  ...each(['EAPI:Invalid nonce'], { kind: 'UNREACHABLE', refusal: 'CLOCK_SKEW', clock: true }),
  ...each(['EAPI:Rate limit exceeded', 'EGeneral:Too many requests'], {
    kind: 'RATE_LIMITED',
    refusal: 'RATE_LIMITED',
    silenceMs: COUNTER_MS,
  }),
  ...each(['EAuth:Rate limit exceeded', 'EAuth:Too many requests', 'EGeneral:Temporary lockout'], {
    kind: 'RATE_LIMITED',
    refusal: 'RATE_LIMITED',
    silenceMs: LOCKOUT_MS,
  }),
  // Of one account on one market.
  ...each(['EOrder:Rate limit exceeded', 'EOrder:Domain rate limit exceeded'], {
    kind: 'RATE_LIMITED',
    refusal: 'RATE_LIMITED',
  }),
  ...each(['EOrder:Insufficient funds', 'EOrder:Insufficient margin'], {
    kind: 'REFUSED',
    refusal: 'BALANCE_INSUFFICIENT',
  }),
  ...each(['EOrder:Order minimum not met', 'EOrder:Cost minimum not met', 'EOrder:Tick size check failed'], {
    kind: 'REFUSED',
    refusal: 'ORDER_INVALID',
  }),
  ...each(['EOrder:Invalid price', 'EOrder:Invalid order', 'EOrder:Post only order', 'EOrder:Reduce only'], {
    kind: 'REFUSED',
    refusal: 'ORDER_INVALID',
  }),
  ...each(['EOrder:Orders limit exceeded', 'EOrder:Scheduled orders limit exceeded', 'EBM:limit exceeded'], {
    kind: 'REFUSED',
    refusal: 'ORDER_INVALID',
  }),
  ...each(
    [
      'EOrder:Cannot open position',
      'EOrder:Cannot open opposing position',
      'EOrder:Trading agreement required',
    ],
    {
      kind: 'REFUSED',
      refusal: 'KEY_REFUSED',
    },
  ),
  ...each(
    ['EGeneral:Invalid arguments', 'EGeneral:Unknown method', 'EAPI:Bad request', 'ETrade:Invalid request'],
    {
      kind: 'REFUSED',
      refusal: 'ORDER_INVALID',
    },
  ),
  ...each(['EQuery:Unknown asset pair', 'EQuery:Invalid asset pair', 'EQuery:Unknown asset'], {
    kind: 'MARKET_GONE',
    refusal: 'MARKET_CLOSED',
  }),
  ...each(
    [
      'EService:Market in cancel_only mode',
      'EService:Market in post_only mode',
      'EService:Market in limit_only mode',
    ],
    {
      kind: 'REFUSED',
      refusal: 'MARKET_CLOSED',
    },
  ),
  ...each(['EOrder:Unknown order', 'EQuery:Unknown order'], { kind: 'REFUSED', noSuchOrder: true }),
  ...each(['EService:Unavailable', 'EService:Busy', 'EService:Timeout', 'EService:Deadline elapsed'], {
    kind: 'UNREACHABLE',
  }),
  ...each(['EService:Throttled'], { kind: 'RATE_LIMITED', silenceMs: COUNTER_MS }),
  ...each(['EGeneral:Internal error', 'EDatabase:Internal error'], { kind: 'UNREACHABLE' }),
])

const answerSchema = z.object({ error: z.array(z.string()) })

/** Reads `{"error": ["EOrder:Insufficient funds"]}`; warnings ("W…") are no errors. */
export function krakenProblem(answer: HttpAnswer): Problem | null {
  if (answer.status === 429)
    return {
      code: '429',
      words: 'Too many requests.',
      meaning: { kind: 'RATE_LIMITED', refusal: 'RATE_LIMITED', silenceMs: COUNTER_MS },
    }
  const said = (answerSchema.safeParse(jsonOf(answer)).data?.error ?? []).filter((word) =>
    word.startsWith('E'),
  )
  const [first] = said
  if (first === undefined) return null
  const { category, words } = split(first)
  const meanings = said.map(meaningOf)
  // A server error proves nothing, whatever it says; and of several words one that proves nothing spoils the proof.
  const proven = answer.status < 500 && meanings.every((meaning) => meaning?.refusal !== undefined)
  const [meaning] = meanings
  if (answer.status >= 500 || meaning === undefined || meaning === null)
    return { code: category, words, meaning: null }
  const { refusal: _open, ...rest } = meaning
  return { code: category, words, meaning: proven ? meaning : rest }
}

function meaningOf(word: string): CodeMeaning | null {
  const fitting = [...MEANINGS.keys()].filter((known) => word === known || word.startsWith(`${known}:`))
  const longest = fitting.toSorted((a, b) => b.length - a.length)[0]
  return longest === undefined ? null : (MEANINGS.get(longest) ?? null)
}

/** "EOrder:Insufficient funds" is the category EOrder and what people read. */
function split(word: string): { category: string; words: string } {
  const at = word.indexOf(':')
  return at < 0
    ? { category: 'E', words: word }
    : { category: word.slice(0, at), words: `${word.slice(at + 1)}.` }
}
