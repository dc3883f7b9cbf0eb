import { z } from 'zod'
import { each, jsonOf, type CodeMeaning, type Problem } from './meaning.ts'
import type { HttpAnswer } from '../http-answer.ts'

/** OKX counts in windows of two seconds. */
const WINDOW_MS = 2_000

/**
 * OKX' codes and sCodes. Those without a `refusal` leave open what became of an order: 50001 and 50013 (busy), 50004 (timeout, "does not
 * indicate success or failure"), 50026 (system error), 51054 (timeout), 51016 (duplicate client id: it may be ours) and every code that is not here.
 * Source: "Error Code" of OKX' v5 API documents.
 */
const MEANINGS: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
  ...each([50001, 50004, 50013, 50026, 51054, 51149], { kind: 'UNREACHABLE' }),
  ...each([50011, 50040, 50061, 51060], {
    kind: 'RATE_LIMITED',
    refusal: 'RATE_LIMITED',
    silenceMs: WINDOW_MS,
  }),
  ...each([50102, 50112, 51109, 50036, 51063], { kind: 'UNREACHABLE', refusal: 'CLOCK_SKEW', clock: true }),
  ...each(
    [50005, 50007, 50030, 50035, 50100, 50101, 50103, 50104, 50105, 50106, 50107, 50108, 50110, 50111],
    { kind: 'KEY_REFUSED', refusal: 'KEY_REFUSED' },
  ),
  ...each([50113, 50114, 50115, 50119, 50120, 50121], { kind: 'KEY_REFUSED', refusal: 'KEY_REFUSED' }),
  ...each([51603, 51600, 51294, 51400, 51401, 51402, 51410, 51509, 51510], {
    kind: 'REFUSED',
    noSuchOrder: true,
  }),
  ...each([51008, 51119, 51127, 51131, 51502, 51504, 59200], {
    kind: 'REFUSED',
    refusal: 'BALANCE_INSUFFICIENT',
  }),
  ...each([50002, 50014, 50015, 50016, 51000, 51003, 51004, 51005, 51006, 51009, 51010, 51011, 51012], {
    kind: 'REFUSED',
    refusal: 'ORDER_INVALID',
  }),
  ...each(
    [51020, 51023, 51024, 51046, 51047, 51048, 51049, 51050, 51051, 51052, 51053, 51116, 51120, 51121],
    {
      kind: 'REFUSED',
      refusal: 'ORDER_INVALID',
    },
  ),
  ...each(
    [
      51122, 51124, 51136, 51137, 51138, 51139, 51148, 51169, 51170, 51201, 51202, 51203, 51277, 51278, 51279,
      51280,
    ],
    { kind: 'REFUSED', refusal: 'ORDER_INVALID' },
  ),
  ...each([51001, 51014, 51015, 51087], { kind: 'MARKET_GONE', refusal: 'MARKET_CLOSED' }),
  ...each([51021, 51022, 51027, 51028, 51029, 51030], { kind: 'REFUSED', refusal: 'MARKET_CLOSED' }),
])

const answerSchema = z.object({
  code: z.string(),
  msg: z.string().default(''),
  data: z.array(z.object({ sCode: z.string().default(''), sMsg: z.string().default('') })).catch([]),
})

export function okxProblem(answer: HttpAnswer): Problem | null {
  const said = answerSchema.safeParse(jsonOf(answer)).data
  if (said === undefined || said.code === '0') return null
  // 1 and 2: what was wrong stands at each order of the request.
  const item = said.data.find(({ sCode }) => sCode !== '' && sCode !== '0')
  const [code, words] = item === undefined ? [said.code, said.msg] : [item.sCode, item.sMsg]
  // A server error proves nothing, but for "busy", which OKX answers before anything is done to orders.
  return { code, words, meaning: answer.status >= 500 ? null : (MEANINGS.get(code) ?? null) }
}
