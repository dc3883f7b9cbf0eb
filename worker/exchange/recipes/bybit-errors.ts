import { z } from 'zod'
import { each, jsonOf, type CodeMeaning, type Problem } from './meaning.ts'
import type { HttpAnswer } from '../http-answer.ts'

/**
 * Bybit's retCodes. Those without a `refusal` leave open what became of an order: 10000 (time-out of the server), 10016 (internal error),
 * 10019 (restart), 10429 (system protection), 170146 and 170147 (timeouts of the matching engine) and every code that is not here.
 * Source: "Error Codes" of Bybit's v5 API documents.
 */
const MEANINGS: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
  ...each([10001], { kind: 'REFUSED', refusal: 'ORDER_INVALID' }),
  ...each([10002], { kind: 'UNREACHABLE', refusal: 'CLOCK_SKEW', clock: true }),
  ...each([10003, 10004, 10005, 10007, 10008, 10009, 10010, 10024, 10027, 10028, 10029, 33004], {
    kind: 'KEY_REFUSED',
    refusal: 'KEY_REFUSED',
  }),
  ...each([10006, 10018], { kind: 'RATE_LIMITED', refusal: 'RATE_LIMITED' }),
  ...each([10000, 10016, 10019, 10429, 170146, 170147], { kind: 'UNREACHABLE' }),
  ...each([110001, 170213], { kind: 'REFUSED', noSuchOrder: true }),
  // Gone already when it was to be cancelled.
  ...each([110008, 110010, 170142, 170143], { kind: 'REFUSED', noSuchOrder: true }),
  ...each([110004, 110007, 110012, 110014, 110044, 110045, 110052, 170033, 170131], {
    kind: 'REFUSED',
    refusal: 'BALANCE_INSUFFICIENT',
  }),
  ...each(
    [110003, 110005, 110009, 110017, 110020, 110021, 110022, 110092, 110093, 110094, 110095, 110096, 110097],
    { kind: 'REFUSED', refusal: 'ORDER_INVALID' },
  ),
  ...each(
    [170005, 170007, 170115, 170116, 170117, 170124, 170130, 170132, 170133, 170134, 170135, 170136, 170137],
    { kind: 'REFUSED', refusal: 'ORDER_INVALID' },
  ),
  ...each([170138, 170139, 170140, 170148, 170149, 170150, 170151, 170193, 170194, 170195, 170196, 170197], {
    kind: 'REFUSED',
    refusal: 'ORDER_INVALID',
  }),
  ...each([170121], { kind: 'MARKET_GONE', refusal: 'MARKET_CLOSED' }),
  ...each([110074, 170105, 170201, 170202, 170210, 170219, 170224, 170312], {
    kind: 'REFUSED',
    refusal: 'MARKET_CLOSED',
  }),
])

const answerSchema = z.object({
  retCode: z.union([z.number().int(), z.string().regex(/^\d+$/)]).transform(String),
  retMsg: z.string(),
})

/** Too many requests from an address are answered with 403, and for ten minutes. */
const BANNED_MS = 600_000

export function bybitProblem(answer: HttpAnswer): Problem | null {
  const { status } = answer
  if (status === 403 && /access too frequent/i.test(answer.body))
    return {
      code: '403',
      words: 'Access too frequent.',
      meaning: { kind: 'RATE_LIMITED', refusal: 'RATE_LIMITED', silenceMs: BANNED_MS },
    }
  const said = answerSchema.safeParse(jsonOf(answer)).data
  if (said === undefined || said.retCode === '0') return null
  const { retCode: code, retMsg: words } = said
  // A server error proves nothing, whatever it says.
  return { code, words, meaning: status >= 500 ? null : (MEANINGS.get(code) ?? null) }
}
