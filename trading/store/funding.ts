import { fundingAmount, valuationPrice } from '../domain/futures.ts'
import { bookFundingOf } from '../domain/futures-fill.ts'
import { type Decimal, decimal, plain } from '../domain/money.ts'
import { unrealizedPnl } from '../domain/position.ts'
import { revalue } from '../domain/tick/tick.ts'
import type { MarkView } from '../domain/tick/types.ts'
import type { Row } from './bot-columns.ts'
import { loadSurroundings, type LockedBot, saveState } from './bots.ts'
import { ensureDay, saveDay } from './days.ts'
import { writeEvents } from './events.ts'
import { findMarket } from './known-markets.ts'
import type { Tx } from './pool.ts'
import { positionFromRow } from './rows.ts'

/** `amount`: received is positive. `account`: the key's id, or "paper". `venueId`: unique within exchange, account and symbol. */
export type FundingPayment = {
  venueId: string
  account: string
  amount: Decimal
  currency: string
  paidAt: Date
  /** What a liquidation cost beyond its fills: a fee, no funding. */
  liquidationFee?: true
}

/** The account "paper" is every PAPER bot's: an instant alone would not be unique. */
export function paperFunding(
  botId: string,
  at: Date,
): Pick<FundingPayment, 'account' | 'venueId' | 'paidAt'> {
  return { account: 'paper', venueId: `${botId}-${at.toISOString()}`, paidAt: at }
}

/**
 * Books a funding payment, once by its key, in the caller's transaction: to the position that was held at that instant (its profit, funding,
 * margin and liquidation price), to the day that it is now and to the bot's state, with an event FUNDING; day, state and events are saved, so
 * call it after what else changes them is saved. Answers false where it is in the books already. One in another currency than the market's
 * quote is recorded and told, but in no figure.
 */
export async function bookFunding(tx: Tx, locked: LockedBot, payment: FundingPayment): Promise<boolean> {
  const { bot, state } = locked
  const holder = await heldAt(tx, bot.id, payment.paidAt)
  if (!(await record(tx, locked, payment, holder === null ? null : String(holder['id'])))) return false
  const market = await findMarket(tx, bot.exchange, bot.symbol)
  const counts = market === null || payment.currency === market.quote
  if (counts) {
    const { position: open } = await loadSurroundings(tx, bot.id)
    const day = await ensureDay(tx, bot, state, open, locked.today)
    if (holder !== null) await bookToPosition(tx, holder, payment, market?.futures ?? null)
    state.realizedPnl = state.realizedPnl.plus(payment.amount)
    day.realizedPnl = day.realizedPnl.plus(payment.amount)
    if (payment.liquidationFee === true) day.fees = day.fees.minus(payment.amount)
    else day.funding = day.funding.plus(payment.amount)
    revalue(state, bot.initialCapital, unrealizedPnl(open, valuationPrice(state)), day.startEquity)
    day.unrealizedPnl = state.dailyPnl.minus(day.realizedPnl)
    await saveDay(tx, bot.id, day)
  }
  if (state.fundedUntil === null || state.fundedUntil < payment.paidAt) state.fundedUntil = payment.paidAt
  await saveState(tx, state)
  await writeEvents(tx, { userId: bot.userId, label: 'worker' }, [
    { botId: bot.id, type: 'FUNDING', message: messageOf(payment, counts) },
  ])
  return true
}

/** A venue shows a funding some moments after its instant, and is asked again for ten minutes. */
const SHOWN_WITHIN_MS = 900_000

/**
 * PAPER: books fundings that were shown only after the position that they belong to had been closed, as it is by a signal of the very candle
 * that ends at their instant. PAPER positions are left as a whole, so all of the entry was held. Each once, as bookFunding.
 */
export async function bookClosedFundings(
  tx: Tx,
  locked: LockedBot,
  quote: string,
  { markPrice: now, fundings }: MarkView,
): Promise<void> {
  const { bot } = locked
  for (const { at, rate, markPrice } of fundings) {
    if (locked.now.getTime() - at.getTime() > SHOWN_WITHIN_MS + bot.checkIntervalSeconds * 1000) continue
    const { rows } = await tx.query<Row>(
      `SELECT side, entry_amount FROM positions WHERE bot_id = $1 AND leverage IS NOT NULL AND opened_at < $2 AND closed_at >= $2
       ORDER BY opened_at DESC, id DESC LIMIT 1`,
      [bot.id, at],
    )
    if (rows[0] === undefined) continue
    const side = rows[0]['side'] === 'BUY' ? 'BUY' : 'SELL'
    const amount = fundingAmount(side, decimal(String(rows[0]['entry_amount'])), markPrice ?? now, rate)
    await bookFunding(tx, locked, { ...paperFunding(bot.id, at), amount, currency: quote })
  }
}

/**
 * The position that was held then: the newest that was opened before it. It is booked a little after its first fill, by which the venue goes;
 * after a lost answer much later.
 */
async function heldAt(tx: Tx, botId: string, at: Date): Promise<Row | null> {
  const { rows } = await tx.query<Row>(
    `SELECT * FROM positions p WHERE bot_id = $1 AND leverage IS NOT NULL
       AND least(opened_at, (SELECT min(f.executed_at) FROM orders o JOIN fills f ON f.order_id = o.id WHERE o.bot_id = p.bot_id AND o.position_id = p.id)) <= $2
     ORDER BY opened_at DESC, id DESC LIMIT 1`,
    [botId, at],
  )
  return rows[0] ?? null
}

async function record(
  tx: Tx,
  { bot, now }: LockedBot,
  { venueId, account, amount, currency, paidAt, liquidationFee }: FundingPayment,
  positionId: string | null,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO funding_payments (bot_id, position_id, exchange, account, symbol, venue_id, amount, currency, paid_at, recorded_at, kind)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (exchange, account, symbol, venue_id) DO NOTHING`,
    [
      bot.id,
      positionId,
      bot.exchange,
      account,
      bot.symbol,
      venueId,
      plain(amount),
      currency,
      paidAt,
      now,
      liquidationFee === true ? 'LIQUIDATION_FEE' : 'FUNDING',
    ],
  )
  return rowCount === 1
}

async function bookToPosition(
  tx: Tx,
  row: Row,
  { amount, liquidationFee }: FundingPayment,
  rules: Parameters<typeof bookFundingOf>[2],
): Promise<void> {
  if (row['closed_at'] !== null || liquidationFee === true) {
    await tx.query(
      `UPDATE positions SET realized_pnl = realized_pnl + $2, funding = funding + CASE WHEN $3 THEN 0 ELSE $2::numeric END WHERE id = $1`,
      [row['id'], plain(amount), liquidationFee === true],
    )
    return
  }
  const { id, realizedPnl, futures } = bookFundingOf(positionFromRow(row), amount, rules)
  if (futures === undefined) return
  await tx.query(
    `UPDATE positions SET realized_pnl = $2, funding = $3, margin = $4, liquidation_price = $5 WHERE id = $1`,
    [
      id,
      plain(realizedPnl),
      plain(futures.funding),
      plain(futures.margin),
      futures.liquidationPrice === null ? null : plain(futures.liquidationPrice),
    ],
  )
}

function messageOf({ amount, currency, paidAt, liquidationFee }: FundingPayment, counts: boolean): string {
  const did = amount.isNegative() ? 'paid' : 'received'
  const at = `${paidAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const left = counts ? '' : " It is not in the market's quote currency, so profit does not contain it."
  const what = liquidationFee === true ? 'Liquidation fee' : 'Funding'
  return `${what} of ${plain(amount.abs())} ${currency} ${did} at ${at}.${left}`
}
