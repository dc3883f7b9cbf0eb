import type { BotState } from './bot.ts'

/**
 * Every reason for which an entry, or any order, is refused before it is sent: stable CATEGORY_CONDITION codes, with what each means. They
 * stand in events (ENTRY_DENIED, ORDER_NOT_PLACED), in `orders.error_code`, in `BotState.notice` and in the ladder of trading checks.
 *
 * `ends` says when the condition is known to be over, so that its next time is told anew: TICK: each tick looks again; CLAIM: only the next
 * entry that is let through shows it (the account's balance is read then); ONCE: it was true of that one order.
 */
export const DENIALS = {
  BOT_STATUS: { ends: 'TICK', help: 'The bot is not RUNNING, so it enters nothing.' },
  BOT_PAUSED: { ends: 'TICK', help: 'The bot is paused: no new entries, an open position stays guarded.' },
  TRADING_HALTED: { ends: 'TICK', help: 'All trading of this account is halted by a person.' },
  POSITION_CLOSING: { ends: 'TICK', help: 'The position is being closed.' },
  POSITION_EXISTS: { ends: 'TICK', help: 'A position is open; a bot holds one at a time.' },
  POSITION_NONE: { ends: 'ONCE', help: 'There was no position left to leave.' },
  POSITION_FOREIGN: {
    ends: 'CLAIM',
    help: 'The account holds a position on this futures market that is not in the books; a bot would mix with it.',
  },
  LEVERAGE_REFUSED: {
    ends: 'CLAIM',
    help: 'The exchange refuses the leverage, isolated margin or one-way mode that the bot needs.',
  },
  POSITION_CHANGED: { ends: 'ONCE', help: 'The position became smaller than the order; it is decided anew.' },
  ORDER_REFUSED: { ends: 'CLAIM', help: "The exchange refused the last entry's order." },
  ORDER_UNSETTLED: { ends: 'TICK', help: 'An earlier order has no certain outcome yet.' },
  ORDER_ABOVE_MAXIMUM: { ends: 'TICK', help: 'The entry would be worth more than maxOrderValue.' },
  ORDER_BELOW_MINIMUM: { ends: 'TICK', help: "The entry would be smaller than the market's minimum order." },
  RATE_ORDERS_PER_MINUTE: { ends: 'TICK', help: 'maxOrdersPerMinute is used up.' },
  COOLDOWN_ACTIVE: { ends: 'TICK', help: 'The cooldown after a stop loss is not over.' },
  LIMIT_DAILY_LOSS: { ends: 'TICK', help: 'The daily loss limit is reached.' },
  LIMIT_DAILY_TARGET: { ends: 'TICK', help: 'The daily target is reached.' },
  LIMIT_DAILY_TRADES: { ends: 'TICK', help: 'The entries of this day are used up.' },
  LIMIT_DRAWDOWN: { ends: 'TICK', help: 'Equity fell below the drawdown limit.' },
  MARKET_GONE: { ends: 'TICK', help: 'The exchange does not trade the market now.' },
  VENUE_MAINTENANCE: { ends: 'TICK', help: 'The exchange says that it is under maintenance.' },
  DATA_STALE: { ends: 'TICK', help: 'Market data is missing, or too old to decide on.' },
  BALANCE_NONE: { ends: 'TICK', help: "The bot's equity is used up." },
  BALANCE_INSUFFICIENT: { ends: 'CLAIM', help: "The account's free balance does not pay for the entry." },
  INTENT_STALE: { ends: 'ONCE', help: 'The decision was too old by the time that it could be sent.' },
  PRICE_OUTSIDE_COLLAR: {
    ends: 'ONCE',
    help: 'The price moved further than priceCollarPerc from where the entry was decided.',
  },
  NOT_SENT: { ends: 'ONCE', help: 'The time to send the order was over before it could be sent.' },
  VENUE_UNREACHABLE: { ends: 'CLAIM', help: 'The exchange cannot be reached.' },
  VENUE_RATE_LIMITED: { ends: 'CLAIM', help: 'The exchange told us to be silent for a while.' },
  VENUE_KEY_REFUSED: { ends: 'CLAIM', help: 'The exchange refuses the API key.' },
  VENUE_MARKET_GONE: { ends: 'CLAIM', help: 'The exchange does not know the market any more.' },
  VENUE_REFUSED: { ends: 'CLAIM', help: 'The exchange refused what was asked before the order.' },
  VENUE_UNREADABLE: { ends: 'CLAIM', help: 'The exchange answered what cannot be read.' },
  WORKER_NONE: { ends: 'TICK', help: 'No worker process is alive.' },
  TICK_LATE: { ends: 'TICK', help: 'The bot is due, and no worker has looked at it.' },
  SIGNAL_NONE: { ends: 'TICK', help: 'The strategy gives no signal to enter.' },
} as const satisfies Record<string, { ends: 'TICK' | 'CLAIM' | 'ONCE'; help: string }>

export type DenialCode = keyof typeof DENIALS

/** `message` is a sentence for people, with the figures. */
export type Denial = { code: DenialCode; message: string }

export function isDenialCode(code: string): code is DenialCode {
  return Object.hasOwn(DENIALS, code)
}

type Noticed = Pick<BotState, 'notice' | 'noticeMessage'>

/** Remembers the denial in the bot's state. True: it is news, so an event is written; false: it lasts, and was told when it began. */
export function noteDenial(state: Noticed, denial: Denial): boolean {
  const news = state.notice !== denial.code || DENIALS[denial.code].ends === 'ONCE'
  state.notice = denial.code
  state.noticeMessage = denial.message
  return news
}

/** At a tick that could look at everything: forgets what no longer holds. `current` is what denies an entry now. */
export function forgetEnded(state: Noticed, current: Denial | null): void {
  if (state.notice === null || !isDenialCode(state.notice)) return
  if (state.notice === current?.code) state.noticeMessage = current.message
  else if (DENIALS[state.notice].ends === 'TICK') forgetDenial(state)
}

/** When an entry was let through: whatever denied the last one is over. */
export function forgetDenial(state: Noticed): void {
  state.notice = null
  state.noticeMessage = null
}
