import { z } from 'zod'
import { each, jsonOf, type CodeMeaning, type Problem } from './meaning.ts'
import type { HttpAnswer } from '../http-answer.ts'

/**
 * Bybit's retCodes. Those without a `refusal` leave open what became of an order: 10000 (time-out of the server), 10016 (internal error),
 * 10019 (restart), 10429 (system protection), 170007, 170146 and 170147 (timeouts), 110072 and 170141 (duplicate client id: it may be
 * ours) and every code that is not here.
 * Source: "Error Codes" of Bybit's v5 API documents.
 */
const MEANINGS: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
  ...each([10002], { kind: 'UNREACHABLE', refusal: 'CLOCK_SKEW', clock: true }),
  ...each([10003, 10004, 10005, 10007, 10008, 10009, 10010, 10020, 10024, 10027, 10028, 10029, 33004], {
    kind: 'KEY_REFUSED',
    refusal: 'KEY_REFUSED',
  }),
  ...each([10006, 10018, 170005, 170222], { kind: 'RATE_LIMITED', refusal: 'RATE_LIMITED' }),
  ...each([10000, 10016, 10019, 10429, 170001, 170007, 170032, 170146, 170147, 170234], {
    kind: 'UNREACHABLE',
  }),
  // Position mode, margin mode, leverage.
  ...each([110025, 110026, 110027, 110043], { kind: 'REFUSED', unchanged: true }),
  // There is none, or it is over already.
  ...each([110001, 110008, 110010, 170139, 170142, 170143, 170190, 170213], {
    kind: 'REFUSED',
    noSuchOrder: true,
  }),
  ...each([110004, 110006, 110007, 110012, 110014, 110044, 110045, 110051, 110052, 110053, 170033, 170131], {
    kind: 'REFUSED',
    refusal: 'BALANCE_INSUFFICIENT',
  }),
  ...each([10001, 110003, 110005, 110009, 110016, 110017, 110020, 110021, 110022, 110023, 110032, 110034], {
    kind: 'REFUSED',
    refusal: 'ORDER_INVALID',
  }),
  ...each([110040, 110042, 110057, 110092, 110093, 110094], { kind: 'REFUSED', refusal: 'ORDER_INVALID' }),
  ...each([170105, 170115, 170116, 170117, 170124, 170130, 170132, 170133, 170134, 170135, 170136, 170137], {
    kind: 'REFUSED',
    refusal: 'ORDER_INVALID',
  }),
  ...each([170140, 170148, 170192, 170193, 170194, 170197, 170198, 170202, 170203, 170204, 170206, 170210], {
    kind: 'REFUSED',
    refusal: 'ORDER_INVALID',
  }),
  ...each([170217, 170218, 170228, 170229, 170371, 170372], { kind: 'REFUSED', refusal: 'ORDER_INVALID' }),
  ...each([170121], { kind: 'MARKET_GONE', refusal: 'MARKET_CLOSED' }),
  ...each([110063, 110066, 170031, 170151, 170157, 170159], { kind: 'REFUSED', refusal: 'MARKET_CLOSED' }),
  ...each([110068, 110069, 170201, 170209, 170224, 170241], { kind: 'REFUSED', refusal: 'KEY_REFUSED' }),
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
