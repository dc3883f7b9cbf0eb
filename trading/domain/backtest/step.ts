import type { Day } from '../day-ledger.ts'
import type { VenueFill } from '../exchange.ts'
import { valuationPrice } from '../futures.ts'
import { gate } from '../gate.ts'
import { type Decimal, plain, scale18, ZERO } from '../money.ts'
import { paperOutcome } from '../paper/paper-fill.ts'
import { bookDust, bookFill, exitPrices, type Position, sellableAmount, unrealizedPnl } from '../position.ts'
import type { CandleSignal } from '../strategies/strategy.ts'
import { revalue, tick } from '../tick/tick.ts'
import type { Intent, MarketView, TickPlan } from '../tick/types.ts'
import { type Books, ensureDay } from './books.ts'
import { countDenied, countExpired } from './refusals.ts'
import { endTrip, noteTrip } from './trips.ts'
import { approximately, isCalm, type Watch, watchBooks } from './watch.ts'

/** One moment of the clock: what a tick of a worker would find. */
export type Moment = {
  now: Date
  price: Decimal
  /** Of the candle that closed just now; none inside a candle. */
  signals: readonly CandleSignal[]
  /** The last close at or before a midnight. */
  markAt: (midnight: Date) => Decimal | null
  /** Tick after each fill, also where it can change nothing. */
  thorough: boolean
}

/** A fill makes the bot due at once. More turns than these at one moment cannot be: an entry, a close and what follows. */
const MOST_TURNS = 6

/** Ticks, fills what was intended, and ticks again as long as there was a fill; answers what to watch for from then on. */
export function stepBooks(books: Books, moment: Moment): Watch {
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const filled = tickOnce(books, moment)
    const watch = watchBooks(books)
    if (!filled || (!moment.thorough && isCalm(books, watch, approximately(moment.price)))) return watch
  }
  return watchBooks(books)
}

/** What run_bot does in one transaction, then execute_order in another. True: an order was filled. */
function tickOnce(books: Books, moment: Moment): boolean {
  const { now, price, signals } = moment
  const day = ensureDay(books, now, moment.markAt)
  const plan = tick({
    now,
    bot: books.bot,
    state: books.state,
    position: books.position,
    unsettled: null,
    stop: null,
    day,
    halted: false,
    market: books.market,
    data: books.market.futures === undefined ? { signals, lastPrice: price, ageMs: 0 } : markedView(moment),
    start: null,
    ordersLastMinute: ordersLastMinute(books, now),
  })
  takeNotes(books, plan)
  const found = { enters: entersAt(books, signals), lastCandleAt: books.state.lastCandleAt }
  countDenied(books.refusals, plan, moment, found)
  writePlan(books, plan, day, now)
  if (plan.liquidate !== null) return liquidate(books, plan.liquidate, day, now)
  return plan.intent !== null && fillIntent(books, plan.intent, day, moment)
}

/** Candles tell no mark prices: the last one stands for it. */
function markedView({ signals, price }: Moment): MarketView {
  return { signals, lastPrice: price, ageMs: 0, mark: { markPrice: price, ageMs: 0, fundings: [] } }
}

function writePlan(books: Books, plan: TickPlan, day: Day, now: Date): void {
  books.state = plan.state
  day.unrealizedPnl = scale18(plan.dayUnrealized)
  if (books.position !== null && plan.positionPrices !== null) {
    const { bestPrice, stopLossPrice, takeProfitPrice } = plan.positionPrices
    books.position = { ...books.position, bestPrice, stopLossPrice, takeProfitPrice }
  }
  if (books.position !== null && plan.dustAt !== null) {
    dropDust(books, day, plan.dustAt)
    revalue(plan.state, books.bot.initialCapital, ZERO, day.startEquity)
    day.unrealizedPnl = scale18(plan.state.dailyPnl.minus(day.realizedPnl))
    endTrip(books, { at: now, price: plan.dustAt, purpose: 'DUST', reason: 'Too small to be sold' })
  }
  roundState(books)
}

/** The gate and the fill of execute_order; false when the gate refused. */
function fillIntent(books: Books, intent: Intent, day: Day, { now, price, thorough }: Moment): boolean {
  const candle = intent.signalCandleAt?.getTime() ?? null
  if (candle !== null) {
    if (candle === books.spentCandle) return false
    books.spentCandle = candle
  }
  books.orderTimes.push(now.getTime())
  const { state } = books
  const denial = gate({
    purpose: intent.purpose,
    status: state.status,
    halted: false,
    closing: state.closing || state.deleting,
    intentAgeMs: 0,
    holds: books.position !== null,
    conflicting: null,
  })
  if (denial !== null) return false
  const { side, amount, price: limit } = intent
  const order = { exchangeOrderId: String(books.fills.length), side, amount, price: limit }
  const outcome = paperOutcome(order, books.bot, books.market, price, now)
  for (const fill of outcome.fills) bookIntent(books, intent, day, fill)
  if (outcome.status === 'EXPIRED') countExpired(books.refusals, intent, books.market, { now, price })
  if (thorough || books.bot.maxDrawdownPerc !== null) markBooks(books, day)
  return outcome.fills.length > 0
}

function entersAt({ bot, position }: Books, [given]: readonly CandleSignal[]): boolean {
  if (given === undefined || position !== null) return false
  const { long, short } = given.signal
  return (long === 'ENTER' && bot.direction !== 'SHORT') || (short === 'ENTER' && bot.direction !== 'LONG')
}

/** What liquidateOnPaper does: the position is closed at these terms, and the bot ends with an error. */
function liquidate(books: Books, terms: { price: Decimal; fee: Decimal }, day: Day, now: Date): boolean {
  const { position, market, state } = books
  if (position === null) return false
  const fill: VenueFill = {
    tradeId: '1',
    exchangeOrderId: String(books.fills.length),
    side: position.side === 'BUY' ? 'SELL' : 'BUY',
    amount: position.amount,
    ...terms,
    feeCurrency: market.quote,
    executedAt: now,
  }
  const reason = 'The margin was used up: the position was liquidated'
  bookIntent(books, { purpose: 'CLOSE', reason }, day, fill)
  const at = `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const message = `${reason} at ${plain(terms.price)} on ${at}. The bot ended with an error.`
  books.notes.set('LIQUIDATED', message)
  Object.assign(state, {
    status: 'ERROR',
    pauseReason: null,
    pauseDay: null,
    errorCode: 'LIQUIDATED',
    errorMessage: message,
  })
  markBooks(books, day)
  return true
}

/** bookEvidence of a whole fill: holding, dust, day, state. Marks are left to `markBooks`. */
function bookIntent(
  books: Books,
  { purpose, reason }: Pick<Intent, 'purpose' | 'reason'>,
  day: Day,
  fill: VenueFill,
): void {
  const { state, bot, market, position } = books
  const { side, price, amount, fee, feeCurrency, executedAt: now } = fill
  books.fills.push({ at: now, side, purpose, amount, price, fee, feeCurrency })
  const before = { position, dustAmount: state.dustAmount, dustCost: state.dustCost }
  const booked = bookFill(before, fill, market, undefined, bot.leverage)
  day.fees = scale18(day.fees.plus(booked.fee))
  if (purpose === 'ENTRY') day.tradeCount += 1
  noteTrip(books, fill, booked.fee, reason)
  if (booked.realized !== null) addRealized(books, day, booked.realized)
  let { holding } = booked
  const left = market.futures === undefined ? holding.position : null
  if (left !== null && sellableAmount(left.amount, price, market) === null) {
    const dust = bookDust(holding, price)
    holding = dust.holding
    addRealized(books, day, dust.realized)
  }
  holdOn(books, holding.position, now)
  state.dustAmount = holding.dustAmount
  state.dustCost = holding.dustCost
  if (books.position === null)
    endTrip(books, { at: now, price, purpose: purpose === 'ENTRY' ? 'DUST' : purpose, reason })
  if (purpose !== 'ENTRY') {
    state.exitFailures = 0
    state.exitRetryAt = null
  }
  if (purpose === 'STOP_LOSS' && books.position === null && bot.cooldownSeconds !== null)
    state.cooldownUntil = new Date(now.getTime() + bot.cooldownSeconds * 1000)
  state.lastPrice = price
  state.dailyTradeCount = day.tradeCount
}

/** Equity and what follows from it at the last price. A tick does the same, so only what no tick follows, or what the peak needs, is marked. */
function markBooks(books: Books, day: Day): void {
  const { state, bot, position } = books
  revalue(state, bot.initialCapital, unrealizedPnl(position, valuationPrice(state)), day.startEquity)
  day.unrealizedPnl = scale18(state.dailyPnl.minus(day.realizedPnl))
  roundState(books)
}

function holdOn(
  books: Books,
  held: Omit<Position, 'id' | 'stopLossPrice' | 'takeProfitPrice' | 'openedAt'> | null,
  now: Date,
): void {
  if (held === null) {
    books.position = null
    return
  }
  const { stopLoss, takeProfit } = exitPrices(held, books.bot)
  books.position = {
    ...held,
    id: '0',
    openedAt: books.position?.openedAt ?? now,
    stopLossPrice: stopLoss,
    takeProfitPrice: takeProfit,
  }
}

/** The position becomes dust at `price`. */
function dropDust(books: Books, day: Day, price: Decimal): void {
  const { state, position } = books
  const { holding, realized } = bookDust(
    { position, dustAmount: state.dustAmount, dustCost: state.dustCost },
    price,
  )
  state.dustAmount = holding.dustAmount
  state.dustCost = holding.dustCost
  books.position = null
  addRealized(books, day, realized)
}

function addRealized(books: Books, day: Day, realized: Decimal): void {
  books.state.realizedPnl = books.state.realizedPnl.plus(realized)
  day.realizedPnl = day.realizedPnl.plus(realized)
}

function ordersLastMinute({ orderTimes }: Books, now: Date): number {
  const from = now.getTime() - 60_000
  while (orderTimes[0] !== undefined && orderTimes[0] <= from) orderTimes.shift()
  return orderTimes.length
}

/** What pauses the bot, each reason once. */
function takeNotes({ notes }: Books, { events, state }: TickPlan): void {
  for (const event of events) {
    if (event.type === 'STATUS' && event.to === 'PAUSED') {
      const key = `PAUSED_${state.pauseReason ?? ''}`
      if (!notes.has(key)) notes.set(key, event.message)
    }
  }
}

/** As the state row's columns keep them. */
function roundState({ state }: Books): void {
  state.dailyPnl = scale18(state.dailyPnl)
  state.totalPnl = scale18(state.totalPnl)
  state.realizedPnl = scale18(state.realizedPnl)
  state.equity = scale18(state.equity)
  state.peakEquity = scale18(state.peakEquity)
  state.dustCost = scale18(state.dustCost)
}
