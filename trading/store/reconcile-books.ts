import type { OrderSide } from '../domain/bot.ts'
import type { BotStatus } from '../domain/bot-lifecycle.ts'
import type { Market } from '../domain/market.ts'
import { type Decimal, decimal, ZERO } from '../domain/money.ts'
import type { AssetBooks, BookedBot, BookedOrder } from '../domain/reconcile/types.ts'
import type { Row } from './bot-columns.ts'
import { UNSETTLED } from './bots.ts'
import type { Db } from './pool.ts'
import { AWAITS_FUNDING } from './reconcile-funding.ts'
import { orderFromRow } from './rows.ts'

/**
 * The books of an account as they were before its exchange was asked: what has another status or another filled amount afterwards moved
 * meanwhile, and is not judged.
 */
export type Mark = {
  now: Date
  /** Orders that anything could still happen to. */
  orders: Map<string, { symbol: string; status: string; filled: Decimal; submittedAt: Date | null }>
  newestId: string
}

export async function markBooks(db: Db, apiKeyId: string): Promise<Mark> {
  // Before the orders: one that is written in between counts as moved.
  const clock = await db.query<{ now: Date; newest: string }>(
    `SELECT tradebot_now() AS now, coalesce(max(id), 0)::text AS newest FROM orders`,
  )
  const first = clock.rows[0]
  if (first === undefined) throw new Error('SELECT gave no row')
  const { rows } = await db.query<Row>(
    `SELECT * FROM orders WHERE api_key_id = $1 AND mode = 'LIVE' AND (status IN ${UNSETTLED} OR next_settle_at IS NOT NULL)`,
    [apiKeyId],
  )
  const orders = rows.map(orderFromRow)
  return {
    now: first.now,
    newestId: first.newest,
    orders: new Map(
      orders.map(({ id, symbol, status, filled, submittedAt }) => [
        id,
        { symbol, status, filled, submittedAt },
      ]),
    ),
  }
}

/** Markets of the account that are compared: those of active LIVE bots, of positions, of orders that are looked for, and of fundings to come. */
export async function wantedSymbols(db: Db, apiKeyId: string, mark: Mark): Promise<string[]> {
  const { rows } = await db.query<{ symbol: string }>(
    `SELECT DISTINCT c.symbol FROM bot_configs c
     WHERE c.api_key_id = $1 AND (${AWAITS_FUNDING} OR (c.mode = 'LIVE' AND c.deleted_at IS NULL
       AND (c.is_active OR EXISTS (SELECT FROM positions p WHERE p.bot_id = c.id AND p.closed_at IS NULL))))`,
    [apiKeyId],
  )
  const wanted = new Set(rows.map((row) => row.symbol))
  for (const order of mark.orders.values()) if (order.status !== 'INTENDED') wanted.add(order.symbol)
  return [...wanted].toSorted()
}

/** A venue that shows an order late shows it within this, as far as anybody has seen. Milliseconds. */
const DOUBTFUL_MS = 120_000
/** An order may be written with a smaller number than one that is committed before it. */
const NUMBERS_APART = 200

/**
 * What the books say of an asset of the account now, for comparison: `named` are the exchange's and our own ids of the orders that the
 * exchange speaks of.
 */
export async function readBooks(
  db: Db,
  apiKeyId: string,
  markets: readonly Market[],
  asset: string,
  mark: Mark,
  named: readonly string[],
): Promise<AssetBooks> {
  const ofAsset = markets.filter((market) => market.base === asset)
  const symbols = ofAsset.map((market) => market.symbol)
  // Before the orders, for the same reason: a fill that is booked in between makes its order one that moved.
  const bots = await readBots(db, apiKeyId, symbols)
  const near = markets
    .filter((market) => market.base === asset || market.quote === asset)
    .map((market) => market.symbol)
  const { rows } = await db.query<Row>(
    `SELECT * FROM orders WHERE api_key_id = $1 AND mode = 'LIVE' AND symbol = ANY($2::text[])
       AND (id > $3::bigint OR id = ANY($4::bigint[]) OR exchange_order_id = ANY($5::text[]) OR client_order_id = ANY($5::text[]))`,
    [
      apiKeyId,
      near,
      String(BigInt(mark.newestId) - BigInt(NUMBERS_APART)),
      [...mark.orders.keys()],
      [...new Set(named)],
    ],
  )
  const orders = rows.map((row): BookedOrder => {
    const order = orderFromRow(row)
    const before = mark.orders.get(order.id)
    const moved =
      before === undefined
        ? (row['updated_at'] as Date) >= mark.now
        : before.status !== order.status || !before.filled.eq(order.filled)
    const age = mark.now.getTime() - (order.submittedAt ?? new Date(0)).getTime()
    return { ...order, moved, doubtful: order.status === 'NOT_PLACED' && age < DOUBTFUL_MS }
  })
  const step = ofAsset.reduce(
    (most, { amountStep }) => (amountStep !== null && amountStep.gt(most) ? amountStep : most),
    ZERO,
  )
  const others = await db.query<{ client_order_id: string }>(
    `SELECT client_order_id FROM orders WHERE client_order_id = ANY($2::text[]) AND api_key_id IS DISTINCT FROM $1`,
    [apiKeyId, named],
  )
  const elsewhere = new Set(others.rows.map((row) => row.client_order_id))
  return { asset, step, bots, orders, elsewhere }
}

async function readBots(db: Db, apiKeyId: string, symbols: readonly string[]): Promise<BookedBot[]> {
  const { rows } = await db.query<{
    id: string
    name: string
    symbol: string
    status: BotStatus
    created_at: Date
    held: string
    side: OrderSide | null
    dust: string
  }>(
    `SELECT c.id::text, c.name, c.symbol, s.status, c.created_at, coalesce(p.amount, 0)::text AS held, p.side, s.dust_amount::text AS dust
     FROM bot_configs c JOIN bot_states s ON s.bot_id = c.id
     LEFT JOIN positions p ON p.bot_id = c.id AND p.closed_at IS NULL
     WHERE c.api_key_id = $1 AND c.mode = 'LIVE' AND c.deleted_at IS NULL AND c.symbol = ANY($2::text[]) ORDER BY c.id`,
    [apiKeyId, symbols],
  )
  return rows.map(({ id, name, symbol, status, created_at, held, side, dust }) => ({
    id,
    name,
    symbol,
    status,
    createdAt: created_at,
    held: decimal(held),
    side,
    dust: decimal(dust),
  }))
}

/** Have the books of the asset stayed as they were judged? Asked again in the transaction that acts on a balance. */
export async function unchangedSince(
  db: Db,
  apiKeyId: string,
  markets: readonly Market[],
  judged: AssetBooks,
  mark: Mark,
): Promise<boolean> {
  const now = await readBooks(db, apiKeyId, markets, judged.asset, mark, [])
  if (now.orders.some((order) => order.moved)) return false
  return (
    now.bots.length === judged.bots.length &&
    now.bots.every((bot) => {
      const before = judged.bots.find((one) => one.id === bot.id)
      return (
        before !== undefined &&
        before.side === bot.side &&
        before.held.eq(bot.held) &&
        before.dust.eq(bot.dust)
      )
    })
  )
}
