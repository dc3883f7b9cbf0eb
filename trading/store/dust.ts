import type { Day } from '../domain/day-ledger.ts'
import type { Decimal } from '../domain/money.ts'
import { bookDust, type Position } from '../domain/position.ts'
import { revalue } from '../domain/tick/tick.ts'
import { ZERO } from '../domain/money.ts'
import type { LockedBot } from './bots.ts'
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
