import type { BotState } from '../domain/bot.ts'
import type { Day } from '../domain/day-ledger.ts'
import { type Decimal, decimal } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import type { Position } from '../domain/position.ts'
import type { Row } from './bot-columns.ts'

/** Rows as `pg` gives them → the domain's types. Columns are exactly the migrations'; a missing one throws. */

export function stateFromRow(row: Row): BotState {
  return {
    botId: text(row, 'bot_id'),
    status: text(row, 'status') as BotState['status'],
    pauseReason: row['pause_reason'] as BotState['pauseReason'],
    pauseDay: row['pause_day'] as string | null,
    errorCode: row['error_code'] as string | null,
    errorMessage: row['error_message'] as string | null,
    closing: row['closing'] === true,
    deleting: row['deleting'] === true,
    closePolicy: row['close_policy'] as BotState['closePolicy'],
    dailyPnl: money(row, 'daily_pnl'),
    dailyTradeCount: Number(row['daily_trade_count']),
    totalPnl: money(row, 'total_pnl'),
    realizedPnl: money(row, 'realized_pnl'),
    equity: money(row, 'equity'),
    peakEquity: money(row, 'peak_equity'),
    lastPrice: maybeMoney(row, 'last_price'),
    markPrice: maybeMoney(row, 'mark_price'),
    fundedUntil: row['funded_until'] as Date | null,
    lastSignal: row['last_signal'] as string | null,
    lastCandleAt: row['last_candle_at'] as Date | null,
    startedAt: row['started_at'] as Date | null,
    nextTickAt: row['next_tick_at'] as Date | null,
    exitFailures: Number(row['exit_failures']),
    exitRetryAt: row['exit_retry_at'] as Date | null,
    cooldownUntil: row['cooldown_until'] as Date | null,
    notice: row['notice'] as string | null,
    noticeMessage: row['notice_message'] as string | null,
    exitPurpose: row['exit_purpose'] as BotState['exitPurpose'],
    exitReason: row['exit_reason'] as string | null,
    stopTouchedAt: row['stop_touched_at'] as Date | null,
    stopFailures: Number(row['stop_failures']),
    stopRetryAt: row['stop_retry_at'] as Date | null,
    stopNotice: row['stop_notice'] as string | null,
    dustAmount: money(row, 'dust_amount'),
    dustCost: money(row, 'dust_cost'),
  }
}

export function positionFromRow(row: Row): Position {
  return {
    id: text(row, 'id'),
    side: text(row, 'side') as Position['side'],
    amount: money(row, 'amount'),
    averagePrice: money(row, 'average_price'),
    entryAmount: money(row, 'entry_amount'),
    entryNotional: money(row, 'entry_notional'),
    cost: money(row, 'cost'),
    realizedPnl: money(row, 'realized_pnl'),
    bestPrice: money(row, 'best_price'),
    stopLossPrice: maybeMoney(row, 'stop_loss_price'),
    takeProfitPrice: maybeMoney(row, 'take_profit_price'),
    openedAt: row['opened_at'] as Date,
    ...futuresOf(row),
  }
}

function futuresOf(row: Row): Pick<Position, 'futures'> {
  if (row['leverage'] === null) return {}
  return {
    futures: {
      leverage: Number(row['leverage']),
      margin: money(row, 'margin'),
      liquidationPrice: maybeMoney(row, 'liquidation_price'),
      funding: money(row, 'funding'),
    },
  }
}

export function orderFromRow(row: Row): Order {
  return {
    id: text(row, 'id'),
    botId: text(row, 'bot_id'),
    userId: text(row, 'user_id'),
    apiKeyId: row['api_key_id'] as string | null,
    exchange: text(row, 'exchange'),
    symbol: text(row, 'symbol'),
    mode: text(row, 'mode') as Order['mode'],
    positionId: row['position_id'] as string | null,
    clientOrderId: text(row, 'client_order_id'),
    exchangeOrderId: row['exchange_order_id'] as string | null,
    side: text(row, 'side') as Order['side'],
    purpose: text(row, 'purpose') as Order['purpose'],
    status: text(row, 'status') as Order['status'],
    type: text(row, 'type') as Order['type'],
    amount: money(row, 'amount'),
    price: maybeMoney(row, 'price'),
    stopPrice: maybeMoney(row, 'stop_price'),
    revision: Number(row['revision']),
    referencePrice: money(row, 'reference_price'),
    filled: money(row, 'filled'),
    averagePrice: maybeMoney(row, 'average_price'),
    reason: text(row, 'reason'),
    signalCandleAt: row['signal_candle_at'] as Date | null,
    submittedAt: row['submitted_at'] as Date | null,
    submitDeadline: row['submit_deadline'] as Date | null,
    nextSettleAt: row['next_settle_at'] as Date | null,
    notFoundCount: Number(row['not_found_count']),
    unknownSince: row['unknown_since'] as Date | null,
    cancelRequested: row['cancel_requested'] === true,
    reduceOnly: row['reduce_only'] === true,
    origin: text(row, 'origin') as Order['origin'],
    createdAt: row['created_at'] as Date,
  }
}

export function dayFromRow(row: Row): Day {
  return {
    day: text(row, 'day'),
    startEquity: money(row, 'start_equity'),
    realizedPnl: money(row, 'realized_pnl'),
    unrealizedPnl: money(row, 'unrealized_pnl'),
    fees: money(row, 'fees'),
    funding: money(row, 'funding'),
    tradeCount: Number(row['trade_count']),
  }
}

function text(row: Row, column: string): string {
  const value = row[column]
  if (value === null || value === undefined) throw new Error(`column ${column} is missing`)
  return String(value)
}

function money(row: Row, column: string): Decimal {
  return decimal(text(row, column))
}

function maybeMoney(row: Row, column: string): Decimal | null {
  const value = row[column]
  return value === null || value === undefined ? null : decimal(String(value))
}
