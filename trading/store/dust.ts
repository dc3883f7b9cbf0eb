import type { Day } from '../domain/day-ledger.ts'
import type { Decimal } from '../domain/money.ts'
import { bookDust, type Position } from '../domain/position.ts'
import { revalue } from '../domain/tick/tick.ts'
import { plain, ZERO } from '../domain/money.ts'
import type { LockedBot } from './bots.ts'
import { ensureDay, saveDay } from './days.ts'
import type { Tx } from './pool.ts'
import { closePosition } from './positions.ts'

/** Books an open position that is too small to be sold as dust at `price`; `locked.state` and `day` are changed, for the caller to save. */
export async function addRealizedDust(
  tx: Tx,
  locked: LockedBot,
  position: Position,
  price: Decimal,
  day: Day,
): Promise<void> {
  const { state, bot } = locked
  const { holding, realized } = bookDust(
    { position, dustAmount: state.dustAmount, dustCost: state.dustCost },
    price,
  )
  state.dustAmount = holding.dustAmount
  state.dustCost = holding.dustCost
  state.realizedPnl = state.realizedPnl.plus(realized)
  day.realizedPnl = day.realizedPnl.plus(realized)
  revalue(state, bot.initialCapital, ZERO, day.startEquity)
  day.unrealizedPnl = state.dailyPnl.minus(day.realizedPnl)
  await closePosition(tx, position.id, locked.now, realized)
}

/**
 * Dust lies on the account whose key the bot had: with another key it can never be sold along. Its value is booked off, on this day.
 * `locked.state` is changed, for the caller to save. Answers the sentence that says so; null where a bot has none, or no account.
 */
export async function leaveDust(tx: Tx, { bot, state, today }: LockedBot): Promise<string | null> {
  if (bot.mode === 'PAPER' || state.dustAmount.isZero()) return null
  const [base = '', quote = ''] = bot.symbol.split(/[/:]/)
  const message = `${plain(state.dustAmount)} ${base} of dust stays in the account of the former API key; its value of ${plain(state.dustCost)} ${quote} is booked off.`
  const day = await ensureDay(tx, bot, state, null, today)
  state.realizedPnl = state.realizedPnl.minus(state.dustCost)
  day.realizedPnl = day.realizedPnl.minus(state.dustCost)
  state.dustAmount = ZERO
  state.dustCost = ZERO
  revalue(state, bot.initialCapital, ZERO, day.startEquity)
  day.unrealizedPnl = state.dailyPnl.minus(day.realizedPnl)
  await saveDay(tx, bot.id, day)
  return message
}
