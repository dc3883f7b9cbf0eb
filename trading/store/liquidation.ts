import { randomBytes } from 'node:crypto'
import type { Market } from '../domain/market.ts'
import { type Decimal, plain } from '../domain/money.ts'
import type { Position } from '../domain/position.ts'
import { bookEvidence } from './booking.ts'
import { loadSurroundings, type LockedBot, saveState } from './bots.ts'
import { writeEvents } from './events.ts'
import { lockOrder } from './orders.ts'
import type { Tx } from './pool.ts'

/**
 * Closes a PAPER position as a venue liquidates one, at this price with this fee (in quote currency): the order and its fill are booked as any
 * other, and the bot stops with an error, for it would lose its next margin in the same way. Call it after state and day are saved. Nothing
 * where nothing is held.
 */
export async function liquidateOnPaper(
  tx: Tx,
  locked: LockedBot,
  market: Market,
  { price, fee }: { price: Decimal; fee: Decimal },
): Promise<void> {
  const { position } = await loadSurroundings(tx, locked.bot.id)
  if (position === null) return
  const order = await lockOrder(tx, await insertLiquidation(tx, locked, position, price))
  const exchangeOrderId = `paper-liquidation-${order.id}`
  await bookEvidence(tx, locked, order, market, {
    status: 'FILLED',
    exchangeOrderId,
    fills: [
      {
        tradeId: '1',
        exchangeOrderId,
        side: order.side,
        amount: position.amount,
        price,
        fee,
        feeCurrency: market.quote,
        executedAt: locked.now,
      },
    ],
  })
  await noteLiquidation(tx, locked, position, market, price)
}

/** It is nobody's intent and needs no claim: it is written as what it is, and has no fill yet. */
async function insertLiquidation(
  tx: Tx,
  { bot, now }: LockedBot,
  position: Position,
  price: Decimal,
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO orders (bot_id, user_id, exchange, symbol, mode, revision, position_id, client_order_id, side, purpose, type, status, amount,
                         reference_price, reason, reduce_only, origin, submitted_at, created_at, updated_at)
     VALUES ($1, $2, $3, $4, 'PAPER', $5, $6, $7, $8, 'CLOSE', 'MARKET', 'FILLED', $9, $10, $11, true, 'LIQUIDATION', $12, $12, $12) RETURNING id`,
    [
      bot.id,
      bot.userId,
      bot.exchange,
      bot.symbol,
      bot.revision,
      position.id,
      `tb${randomBytes(16).toString('hex')}`,
      position.side === 'BUY' ? 'SELL' : 'BUY',
      plain(position.amount),
      plain(price),
      'The margin was used up: the position was liquidated',
      now,
    ],
  )
  if (rows[0] === undefined) throw new Error('INSERT … RETURNING gave no row')
  return rows[0].id
}

/**
 * The position was liquidated, here or by the venue: an event says so, and a bot that trades goes to ERROR with what to do. `position`: as it
 * was before. State and event are saved.
 */
export async function noteLiquidation(
  tx: Tx,
  locked: LockedBot,
  position: Pick<Position, 'side' | 'amount' | 'futures'>,
  market: Pick<Market, 'base' | 'quote'>,
  price: Decimal,
): Promise<void> {
  const { bot, state } = locked
  const side = position.side === 'BUY' ? 'long' : 'short'
  const told = `The ${side} position of ${plain(position.amount)} ${market.base} was liquidated at ${plain(price)} ${market.quote}: its margin was used up.`
  const leverage = position.futures?.leverage ?? bot.leverage
  const message = `${told} STOP the bot, then choose a leverage lower than ${leverage} or a stop loss nearer to the entry before you start it again.`
  const from = state.status
  const fails = from === 'RUNNING' || from === 'PAUSED'
  if (fails) {
    Object.assign(state, {
      status: 'ERROR',
      errorCode: 'LIQUIDATED',
      errorMessage: message,
      pauseReason: null,
      pauseDay: null,
    })
    await saveState(tx, state)
  }
  await writeEvents(tx, { userId: bot.userId, label: 'worker' }, [
    { botId: bot.id, type: 'POSITION_LIQUIDATED', message: told },
    ...(fails ? [{ botId: bot.id, type: 'STATUS', from, to: 'ERROR' as const, message }] : []),
  ])
}
