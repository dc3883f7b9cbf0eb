import { z } from 'zod'
import type { RefusalCode } from '#trading/domain/exchange.ts'
import type { HttpAnswer } from '../http-answer.ts'
import { each, jsonOf, type CodeMeaning, type Problem } from './meaning.ts'

/** Its budget (500 in ten seconds) fills again by the second. */
const BUDGET_MS = 2_000

/**
 * What `{"result": "error", "error": "…"}` says. "Server Error", "unknownError", "Unavailable" and every word that is not here leave open what
 * became of an order. Source: "ErrorResponse" in Kraken's Futures API documents.
 */
const MEANINGS: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
  ...each(['apiLimitExceeded'], { kind: 'RATE_LIMITED', refusal: 'RATE_LIMITED', silenceMs: BUDGET_MS }),
  ...each(['authenticationError', 'accountInactive', 'invalidAccount'], {
    kind: 'KEY_REFUSED',
    refusal: 'KEY_REFUSED',
  }),
  ...each(['nonceBelowThreshold', 'nonceDuplicate'], {
    kind: 'UNREACHABLE',
    refusal: 'CLOCK_SKEW',
    clock: true,
  }),
  ...each(
    ['requiredArgumentMissing', 'invalidArgument', 'invalidAmount', 'invalidUnit', 'Json Parse Error'],
    {
      kind: 'REFUSED',
      refusal: 'ORDER_INVALID',
    },
  ),
  ...each(['insufficientFunds'], { kind: 'REFUSED', refusal: 'BALANCE_INSUFFICIENT' }),
  ...each(['marketUnavailable'], { kind: 'REFUSED', refusal: 'MARKET_CLOSED' }),
  ...each(['contractNotFound'], { kind: 'MARKET_GONE', refusal: 'MARKET_CLOSED' }),
  ...each(['Server Error', 'unknownError', 'Unavailable', 'unavailable'], { kind: 'UNREACHABLE' }),
])

/**
 * What `sendStatus.status` says where it is neither placed nor filled: the order was not placed. clientOrderIdAlreadyExist is missing: it may
 * well be ours. Source: "Send order" in Kraken's Futures API documents.
 */
const SEND_REFUSALS: ReadonlyMap<string, RefusalCode> = new Map<string, RefusalCode>([
  ...refusals('BALANCE_INSUFFICIENT', ['insufficientAvailableFunds', 'wouldCauseLiquidation']),
  ...refusals('MARKET_CLOSED', ['marketSuspended', 'marketInactive', 'marketIsPostOnly']),
  ...refusals('CLOCK_SKEW', ['wouldProcessAfterSpecifiedTime']),
  ...refusals('RATE_LIMITED', ['tooManyOrders', 'tooManySmallOrders']),
  ...refusals('ORDER_INVALID', [
    'invalidOrderType',
    'invalidSide',
    'invalidSize',
    'invalidPrice',
    'selfFill',
    'maxPositionViolation',
    'clientOrderIdTooBig',
    'clientOrderIdTooLong',
    'clientOrderIdInvalid',
    'outsidePriceCollar',
    'wouldIncreasePriceDislocation',
    'postWouldExecute',
    'wouldNotReducePosition',
    'fixedLeverageTooHigh',
  ]),
])

const errorSchema = z.object({
  result: z.literal('error').optional(),
  error: z.string().optional(),
  errors: z.array(z.object({ message: z.string() }).or(z.string())).optional(),
})
const sentSchema = z.object({
  result: z.literal('success'),
  sendStatus: z.object({ status: z.string(), orderEvents: z.array(z.unknown()).default([]) }),
})

export function krakenfuturesProblem(answer: HttpAnswer): Problem | null {
  if (answer.status === 429) {
    // The history has a budget of its own, and says when it fills: orders and the rest of the API may go on.
    const ofHistory = Object.keys(answer.headers).some((name) => name.toLowerCase() === 'rate-limit-reset')
    const meaning = MEANINGS.get('apiLimitExceeded') ?? null
    if (!ofHistory || meaning === null) return { code: '429', words: 'Too many requests.', meaning }
    const words = 'The budget of questions to the history is used up for now.'
    return { code: '429', words, meaning: { kind: 'UNREACHABLE', refusal: 'RATE_LIMITED' } }
  }
  const body = jsonOf(answer)
  const refused = refusedOrder(body)
  if (refused !== null) return answer.status < 400 ? refused : { ...refused, meaning: null }
  const said = errorSchema.safeParse(body).data
  const first = said?.errors?.[0]
  const word = said?.error ?? (typeof first === 'string' ? first : first?.message)
  if (word === undefined) return null
  const code = word.split(':')[0] ?? word
  // A server error proves nothing, whatever it says.
  return { code, words: word, meaning: answer.status >= 500 ? null : (MEANINGS.get(code) ?? null) }
}

/** An order that was not placed is answered as a success, with the reason as its status. */
function refusedOrder(body: unknown): Problem | null {
  const { status, orderEvents } = sentSchema.safeParse(body).data?.sendStatus ?? { status: 'placed' }
  const refusal = SEND_REFUSALS.get(status)
  // With an event of execution in it the order is not proven to be nothing.
  if (refusal === undefined || (orderEvents ?? []).some(isExecution)) return null
  return { code: status, words: 'The order was not placed.', meaning: { kind: 'REFUSED', refusal } }
}

function isExecution(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'type' in event && event.type === 'EXECUTION'
}

function refusals(code: RefusalCode, words: readonly string[]): [string, RefusalCode][] {
  return words.map((word) => [word, code])
}
