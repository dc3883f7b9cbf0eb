import { z } from 'zod'

/** What a script asks with reconcile_for_person, of one account. */
export const reconcileQuestion = z.object({
  apiKeyId: z.string().regex(/^\d+$/),
  mode: z.enum(['PLAN', 'APPLY']),
})

const DIFFERENCE_KINDS = [
  'MISSING_ORDER',
  'AMBIGUOUS_ORDER',
  'MISSING_FILL',
  'ORDER_ENDED',
  'ORDER_FOUND',
  'ORDER_VANISHED',
  'MISSING_STOP',
  'STRAY_ORDER',
  'FOREIGN_ORDER',
  'MANUAL_CLOSE',
  'LIQUIDATION',
  'WRONG_ORDER_AMOUNT',
  'LOST_FILLS',
  'WRONG_POSITION',
  'BOOKS_CONTRADICT',
  'UNEXPLAINED_SHORTAGE',
  'POSITION_DIFFERS',
  'MISSING_FUNDING',
  'MARKET_REFUSED',
  'POSITION_UNPROTECTED',
] as const

const fill = z.strictObject({
  tradeId: z.string().describe("the exchange's number of the trade"),
  exchangeOrderId: z.string().describe("the exchange's number of its order"),
  side: z.enum(['BUY', 'SELL']),
  amount: z.string().describe('decimal, in base currency'),
  price: z.string().describe('decimal, in quote currency'),
  at: z.string().describe('ISO-8601'),
})

export const difference = z.strictObject({
  kind: z.enum(DIFFERENCE_KINDS).describe('what kind of difference it is'),
  state: z
    .enum(['NEW', 'KNOWN'])
    .describe('KNOWN: it was told already, and waits for a person (a foreign order: for nobody)'),
  settledBy: z
    .enum(['APPLY', 'PERSON', 'NOBODY'])
    .describe(
      'APPLY: --apply settles it; PERSON: --apply tells it, and a person decides; NOBODY: it is left alone',
    ),
  symbol: z.string().describe("ccxt's unified symbol of the market"),
  bots: z
    .array(z.strictObject({ id: z.string(), name: z.string() }))
    .describe('the bots that it concerns; none for what is nobody’s'),
  asset: z.string().describe('what the amounts are in'),
  books: z.string().nullable().describe('decimal: what the books say; null where it is no amount'),
  exchange: z.string().nullable().describe('decimal: what the exchange says'),
  difference: z.string().nullable().describe('decimal: exchange minus books'),
  orderId: z.string().nullable().describe('the order in the books'),
  exchangeOrderId: z.string().nullable().describe("the exchange's number of the order"),
  clientOrderId: z.string().nullable().describe('the id that the order was sent under'),
  fills: z.array(fill).describe('the trades at the exchange that show it'),
  what: z.string().describe('a sentence of what it is'),
  how: z.string().describe('what --apply does about it, or what a person must decide, and how'),
})
export type Difference = z.infer<typeof difference>

export const comparison = z.strictObject({
  differences: z.array(difference),
  undecided: z
    .array(z.strictObject({ asset: z.string(), short: z.string(), why: z.string() }))
    .describe(
      'balances that prove nothing yet, for orders are on their way or in doubt; short: how much less than the books the account has now',
    ),
})
export type Comparison = z.infer<typeof comparison>

export const act = z.strictObject({
  kind: z.enum(DIFFERENCE_KINDS).describe('the difference that was acted on'),
  symbol: z.string(),
  bots: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  outcome: z
    .enum(['DONE', 'NOTHING', 'MOVED', 'LATER'])
    .describe(
      'DONE; NOTHING: it was known; MOVED: the books changed meanwhile, it was looked at again; LATER: the bot is starting',
    ),
  what: z.string().describe('a sentence of what was done'),
})
export type ActDone = z.infer<typeof act>

/** `acts` is empty for PLAN; `comparison` is what is left afterwards. */
export const reconcileAnswer = z.strictObject({ acts: z.array(act), comparison })
export type ReconcileAnswer = z.infer<typeof reconcileAnswer>
