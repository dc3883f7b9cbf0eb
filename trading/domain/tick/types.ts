import type { Bot, BotState, OrderSide } from '../bot.ts'
import type { BotStatus } from '../bot-lifecycle.ts'
import type { FundingRate } from '../exchange.ts'
import type { Day } from '../day-ledger.ts'
import type { Market } from '../market.ts'
import type { Decimal } from '../money.ts'
import type { OrderPurpose, OrderStatus, OrderType } from '../order.ts'
import type { Position } from '../position.ts'
import type { RestingStop } from '../protective-stop.ts'
import type { CandleSignal } from '../strategies/strategy.ts'

/** What the market-data loop knows of the bot's series. */
export type MarketView = {
  /** What the bot's strategy says of the newest closed candles, oldest first: computed per market and parameters, not per bot. */
  signals: readonly CandleSignal[]
  lastPrice: Decimal
  /** Since it was fetched, by the database's clock. */
  ageMs: number
  /** FUTURES only: absent for SPOT, null while it is not known. */
  mark?: MarkView | null
}

/** What values a perpetual, and its fundings of late. */
export type MarkView = {
  markPrice: Decimal
  ageMs: number
  /** Newest last, for PAPER: LIVE funding is what the venue says was paid. */
  fundings: readonly FundingRate[]
}

/** What the first tick asks before a bot runs. */
export type StartFacts = {
  /** LIVE only: may the key be used? */
  key: 'OK' | 'MISSING' | 'UNREADABLE' | 'REFUSED' | 'UNCHECKED'
  keyMessage: string | null
  venueLive: boolean
  /** LIVE only: were the books compared with the account since the start? And why not, if it failed. */
  reconciled: boolean
  reconcileError: string | null
  /** Null: the venue's markets have never been read. */
  marketListed: boolean | null
  venueError: string | null
}

export type TickInput = {
  now: Date
  bot: Bot
  state: BotState
  position: Position | null
  /** The unsettled order of any purpose but PROTECTIVE_STOP. */
  unsettled: { id: string; purpose: OrderPurpose; status: OrderStatus } | null
  /** The protective stop that is on its way or rests at the exchange. */
  stop: RestingStop | null
  day: Day
  halted: boolean
  market: Market | null
  /** Null: nothing was fetched yet. */
  data: MarketView | null
  /** Given while PENDING. */
  start: StartFacts | null
  /** Orders of the bot in the last minute. */
  ordersLastMinute: number
}

/** An order to be written, and sent by execute_order. */
export type Intent = {
  purpose: OrderPurpose
  side: OrderSide
  type: OrderType
  amount: Decimal
  /** Limit price of LIMIT_IOC and STOP_LIMIT, trigger of STOP_LIMIT; on the market's tick. */
  price: Decimal | null
  stopPrice: Decimal | null
  referencePrice: Decimal
  /** True of everything that leaves a FUTURES position. */
  reduceOnly: boolean
  reason: string
  signalCandleAt: Date | null
}

export type PlannedEvent = {
  type: string
  message: string
  from?: BotStatus
  to?: BotStatus
}

/** What a tick wants written, all in one transaction. */
export type TickPlan = {
  state: BotState
  /** Prices of the open position as they are now; null leaves the row alone. */
  positionPrices: { bestPrice: Decimal; stopLossPrice: Decimal; takeProfitPrice: Decimal | null } | null
  dayUnrealized: Decimal
  events: PlannedEvent[]
  intent: Intent | null
  /** Cancel the resting protective stop first, for this reason. */
  cancelStop: string | null
  /** The price has reached the stop at the exchange: ask at once what became of it. */
  lookAtStop: boolean
  /** The position is too small to be sold: book it as dust at this price. */
  dustAt: Decimal | null
  /** PAPER FUTURES: funding to be booked, each once by its instant. Received is positive. */
  fundings: readonly { at: Date; amount: Decimal }[]
  /** PAPER FUTURES: the mark price has reached the liquidation price: the position is closed at this price with this fee, in quote currency. */
  liquidate: { price: Decimal; fee: Decimal } | null
  /** The bot is flat and settled, and was to be deleted. */
  remove: boolean
  /** Jobs that the tick waits for. */
  wants: ('refresh_markets' | 'probe_key' | 'reconcile_account')[]
}
