import type { BotState } from '../bot.ts'
import type { Day } from '../day-ledger.ts'
import { type Decimal, decimal, ZERO } from '../money.ts'
import type { Books, PaperTrade, RoundTrip } from './books.ts'
import { type CandleColumns, countGaps, floatAt } from './candle-columns.ts'
import { type CurvePoint, sampleCurve } from './equity-curve.ts'
import { type Refusal, refusalNote } from './refusals.ts'
import { unfitPrices } from './price-fit.ts'
import { curveFigures, type Equities, profitFactor, winRatePerc } from './metrics.ts'

/** Percentages are of 100, money in quote currency. */
export type BacktestFigures = {
  /** The first and the last moment: closes of the candles between which the bot ran. */
  from: Date
  to: Date
  candles: number
  /** Places where at least one candle is missing. */
  gaps: number
  initialCapital: Decimal
  finalEquity: Decimal
  returnPerc: number
  maxDrawdownPerc: number
  /** See sharpeRatio. */
  sharpe: number | null
  /** Closed round trips; one that is still open is valued at the last close and counted in `openTrades`. */
  trades: number
  openTrades: number
  winRatePerc: number | null
  profitFactor: number | null
  /** Share of the time in which a position was held. */
  exposurePerc: number
  fees: Decimal
  /**
   * All of the capital in the market at the close at which the bot begins, bought with the same slippage and fee, and held; not sold at the
   * end, as the bot's open position is not.
   */
  buyAndHoldPerc: number
  buyAndHoldEquity: Decimal
  buyAndHoldDrawdownPerc: number
  finalStatus: BotState['status']
  pauseReason: BotState['pauseReason']
  /** Entries that were refused while the bot ran, by code. */
  refusals: Refusal[]
  /** What paused the bot, what refused it entries, and whether prices fit the market, in words. */
  notes: string[]
}

export type BacktestResult = {
  figures: BacktestFigures
  curve: CurvePoint[]
  trips: RoundTrip[]
  fills: PaperTrade[]
  days: Day[]
}

type Ended = { books: Books; candles: CandleColumns; curve: Equities; first: number; lengthMs: number }

export function resultOf(ended: Ended): BacktestResult {
  const { books, candles, curve, lengthMs, first } = ended
  const { state, bot, trips } = books
  const capital = Number(bot.initialCapital)
  const outcomes = trips.flatMap(({ exit }) => (exit === null ? [] : [{ profit: Number(exit.profit) }]))
  const { maxDrawdownPerc, sharpe } = curveFigures(capital, curve)
  const held = holdCurve(ended)
  const heldFigures = curveFigures(capital, { closeTime: curve.closeTime, equity: held })
  const refusals = [...books.refusals.values()]
  const unfit = unfitPrices(candles, first, books.market)
  const [from, to] = [curve.closeTime.at(0) ?? 0, curve.closeTime.at(-1) ?? 0]
  return {
    figures: {
      from: new Date(from),
      to: new Date(to),
      candles: candles.length - first,
      gaps: countGaps(candles, lengthMs),
      initialCapital: bot.initialCapital,
      finalEquity: state.equity,
      returnPerc: Number(state.equity.div(bot.initialCapital).minus(1).times(100)),
      maxDrawdownPerc,
      sharpe,
      trades: outcomes.length,
      openTrades: trips.length - outcomes.length,
      winRatePerc: winRatePerc(outcomes),
      profitFactor: profitFactor(outcomes),
      exposurePerc: exposurePerc(trips, from, to),
      fees: books.days.reduce((sum, day) => sum.plus(day.fees), ZERO),
      buyAndHoldPerc: heldFigures.returnPerc,
      buyAndHoldEquity: decimal((held.at(-1) ?? capital).toFixed(8)),
      buyAndHoldDrawdownPerc: heldFigures.maxDrawdownPerc,
      finalStatus: state.status,
      pauseReason: state.pauseReason,
      refusals,
      notes: [
        ...(books.market.futures === undefined ? [] : [NO_FUNDING]),
        ...(unfit === null ? [] : [unfit]),
        ...books.notes.values(),
        ...refusals.map(refusalNote),
      ],
    },
    curve: sampleCurve(curve, held),
    trips,
    fills: books.fills,
    days: books.days,
  }
}

const NO_FUNDING =
  'Funding is not simulated: no candle tells its rates, and a bot that trades pays or receives it every few hours. Last prices stand for mark prices.'

/** Share of the time between `from` and `to` in which a position was held, in percent; a trip without an exit lasts until the end. */
export function exposurePerc(trips: readonly RoundTrip[], from: number, to: number): number {
  if (to <= from) return 0
  const held = trips.reduce(
    (sum, { entryAt, exit }) => sum + (exit?.at.getTime() ?? to) - entryAt.getTime(),
    0,
  )
  return (held / (to - from)) * 100
}

/** Equity of who buys at the first close and holds: what is left after slippage and fee, at each close. */
function holdCurve({ books: { bot }, candles, first }: Ended): Float64Array {
  const price = floatAt(candles, first, 'close') * (1 + Number(bot.paperSlippagePerc) / 100)
  const amount = Number(bot.initialCapital) / (price * (1 + Number(bot.paperFeePerc) / 100))
  return candles.close.slice(first).map((close) => close * amount)
}
