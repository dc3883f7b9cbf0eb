import { z } from 'zod'

const money = (what: string) => z.string().describe(what)
const time = (what: string) => z.string().describe(what)
const percent = (what: string) => z.number().describe(what)

const figures = z.strictObject({
  from: time('close of the candle at which the bot began'),
  to: time('close of the last candle'),
  candles: z.number().describe('without those that warmed the strategy up'),
  gaps: z.number().describe('places where candles are missing'),
  initialCapital: money('in quote currency, as all money here'),
  finalEquity: money('capital and profit at the end, an open position at the last close'),
  returnPerc: percent('of 100, as all percentages here'),
  maxDrawdownPerc: percent('the deepest fall of equity from its highest before'),
  sharpe: z.number().nullable().describe('of daily returns, times √365; null with fewer than two days'),
  trades: z.number().describe('closed round trips'),
  openTrades: z.number().describe('1 where a position was open at the end'),
  winRatePerc: percent('of closed round trips').nullable(),
  profitFactor: z.number().nullable().describe('what winners made over what losers lost'),
  exposurePerc: percent('share of the time with a position'),
  fees: money('of all fills'),
  buyAndHoldPerc: percent('return of buying at the beginning and holding'),
  buyAndHoldEquity: money('equity at the end of buying and holding'),
  buyAndHoldDrawdownPerc: percent('its deepest fall'),
  finalStatus: z.string().describe("the bot's status at the end"),
  pauseReason: z.string().nullable().describe('what the bot was paused by at the end'),
  refusals: z
    .array(
      z.strictObject({
        code: z.string().describe('CATEGORY_CONDITION'),
        count: z.number().describe('how many'),
        first: z.string().describe('the sentence of the first'),
        at: time('when the first was'),
      }),
    )
    .describe('entries that were wanted and refused, by reason'),
  notes: z.array(z.string()).describe('what else there is to know, in sentences'),
})

const exit = z.strictObject({
  at: time('when'),
  price: money('at which'),
  purpose: z.string().describe('EXIT, STOP_LOSS, TAKE_PROFIT, CLOSE, or DUST: too small to be sold'),
  reason: z.string().describe('why'),
  profit: money('net of all fees'),
})

const trip = z.strictObject({
  side: z.string().describe('BUY: long, SELL: short'),
  entryAt: time('when it was entered'),
  entryPrice: money('at which'),
  entryReason: z.string().describe('why'),
  amount: money('in base currency'),
  fees: money('of all its fills'),
  exit: exit.nullable().describe('null: it was open when the candles ended'),
})

const fill = z.strictObject({
  at: time('when'),
  side: z.string().describe('BUY or SELL'),
  purpose: z.string().describe('what its order was for'),
  amount: money('in base currency'),
  price: money('in quote currency'),
  fee: money('in feeCurrency'),
  feeCurrency: z.string().describe('what the fee was paid in'),
})

const day = z.strictObject({
  day: z.string().describe('UTC, YYYY-MM-DD'),
  startEquity: money('at 00:00 UTC'),
  realizedPnl: money('of what was closed on it'),
  unrealizedPnl: money('by which an open position changed'),
  fees: money('of its fills'),
  funding: money('received less paid'),
  tradeCount: z.number().describe('entries'),
})

const point = z.strictObject({
  at: z.number().describe('ms since 1970'),
  equity: z.number().describe('the bot'),
  buyAndHold: z.number().describe('buying and holding'),
})

/** What `backtest --json` tells. */
export const backtestResult = z.strictObject({
  figures: figures.describe('the sums'),
  curve: z.array(point).describe('equity, at most some 1,000 points that keep highs and lows'),
  trips: z.array(trip).describe('every position from entry to exit, oldest first'),
  fills: z.array(fill).describe('every fill, oldest first'),
  days: z.array(day).describe('every UTC day on which something was booked'),
})

export type BacktestDocument = z.infer<typeof backtestResult>
