import { z } from 'zod'
import { each, jsonOf, type CodeMeaning, type Problem } from './meaning.ts'
import type { HttpAnswer } from '../http-answer.ts'

/** OKX counts in windows of two seconds. */
const WINDOW_MS = 2_000

/**
 * OKX' codes and sCodes. Those without a `refusal` leave open what became of an order: 50001 and 50013 (busy), 50004 (timeout, "does not
 * indicate success or failure"), 50026 (system error), 51054 and 51149 (timeouts), 51016 (duplicate client id: it may be ours) and every code that is not here.
 * Source: "Error Code" of OKX' v5 API documents.
 */
const MEANINGS: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
  ...each([50001, 50004, 50005, 50013, 50026, 51054, 51149, 51767], { kind: 'UNREACHABLE' }),
  ...each([50011, 50040, 50061, 51113], {
    kind: 'RATE_LIMITED',
    refusal: 'RATE_LIMITED',
    silenceMs: WINDOW_MS,
  }),
  // 50036: the order came in after its expTime.
  ...each([50036, 50102, 50112], { kind: 'UNREACHABLE', refusal: 'CLOCK_SKEW', clock: true }),
  ...each(
    [50007, 50008, 50009, 50027, 50030, 50035, 50100, 50101, 50103, 50104, 50105, 50106, 50107, 50110],
    {
      kind: 'KEY_REFUSED',
      refusal: 'KEY_REFUSED',
    },
  ),
  ...each([50111, 50113, 50114, 50119, 50120, 51010, 51024, 51155], {
    kind: 'KEY_REFUSED',
    refusal: 'KEY_REFUSED',
  }),
  // There is none, or it is over already.
  ...each([51400, 51401, 51402, 51405, 51410, 51503, 51509, 51510, 51603], {
    kind: 'REFUSED',
    noSuchOrder: true,
  }),
  ...each([51008, 51119, 51127, 51131, 51502, 51736, 51764], {
    kind: 'REFUSED',
    refusal: 'BALANCE_INSUFFICIENT',
  }),
  ...each(
    [50000, 50002, 50006, 50014, 50015, 50016, 50024, 50025, 51000, 51003, 51004, 51005, 51006, 51007],
    {
      kind: 'REFUSED',
      refusal: 'ORDER_INVALID',
    },
  ),
  ...each(
    [51020, 51023, 51025, 51031, 51046, 51047, 51051, 51100, 51101, 51102, 51103, 51104, 51105, 51106],
    {
      kind: 'REFUSED',
      refusal: 'ORDER_INVALID',
    },
  ),
  ...each(
    [51107, 51108, 51109, 51112, 51115, 51116, 51117, 51118, 51120, 51121, 51122, 51134, 51135, 51136],
    {
      kind: 'REFUSED',
      refusal: 'ORDER_INVALID',
    },
  ),
  ...each(
    [51137, 51138, 51162, 51163, 51169, 51174, 51185, 51201, 51202, 51203, 51204, 51205, 51250, 51252],
    {
      kind: 'REFUSED',
      refusal: 'ORDER_INVALID',
    },
  ),
  ...each([51261, 51275, 51277, 51278, 51279, 51280], { kind: 'REFUSED', refusal: 'ORDER_INVALID' }),
  ...each([51001, 51002, 51012, 51014, 51015], { kind: 'MARKET_GONE', refusal: 'MARKET_CLOSED' }),
  ...each([51009, 51021, 51022, 51027, 51028, 51029, 51030, 51110, 51124], {
    kind: 'REFUSED',
    refusal: 'MARKET_CLOSED',
  }),
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
  // A server error proves nothing, whatever it says.
  return { code, words, meaning: answer.status >= 500 ? null : (MEANINGS.get(code) ?? null) }
}
