import type { Funds } from '../domain/capital.ts'
import { type Decimal, decimal, maximum, minimum, plain, ZERO } from '../domain/money.ts'
import type { Wallet } from '../domain/exchange.ts'
import type { Order } from '../domain/order.ts'
import type { Tx } from './pool.ts'

/**
 * Locks the account's asset and answers what it offers; null when its balance was never read. Reservations count until the balance was read
 * after their release: until then the venue's figure may not show what they spent; so do transfers out of the wallet. What bots hold of the asset is theirs to sell, whether a
 * stop locks it at the venue or not: to a bot on a market that is quoted in it (ETH/BTC beside BTC/USDT) it offers nothing. The lock comes
 * after those of user, bot and order.
 */
export async function lockFunds(
  tx: Tx,
  apiKeyId: string,
  wallet: Wallet,
  asset: string,
): Promise<Funds | null> {
  const balance = await tx.query<{ free: string; total: string; read_at: Date }>(
    `SELECT free, total, read_at FROM account_balances WHERE api_key_id = $1 AND wallet = $2 AND asset = $3 FOR UPDATE`,
    [apiKeyId, wallet, asset],
  )
  const row = balance.rows[0]
  if (row === undefined) return null
  // Read only now, behind the lock. Instants are in whole milliseconds: of the same one, the earlier is taken.
  const { rows } = await tx.query<{ reserved: string }>(
    `SELECT (SELECT coalesce(sum(amount), 0) FROM reservations
       WHERE api_key_id = $1 AND wallet = $2 AND asset = $3 AND (released_at IS NULL OR released_at >= $4))
     + (SELECT coalesce(sum(amount), 0) FROM transfers
       WHERE api_key_id = $1 AND from_wallet = $2 AND currency = $3
         AND (status IN ('SUBMITTING', 'UNKNOWN') OR (status = 'DONE' AND updated_at >= $4))) AS reserved`,
    [apiKeyId, wallet, asset, row.read_at],
  )
  const held = wallet === 'SPOT' ? await heldOf(tx, apiKeyId, asset) : ZERO
  const own = decimal(row.total).minus(held)
  const free = maximum(minimum(decimal(row.free), own), ZERO)
  return { asset, free, reserved: decimal(rows[0]?.reserved ?? '0') }
}

/** What the LIVE bots of this key hold of an asset that they bought, all of them or all but one. */
export async function heldOf(
  tx: Tx,
  apiKeyId: string,
  asset: string,
  butBotId: string | null = null,
): Promise<Decimal> {
  const { rows } = await tx.query<{ held: string }>(
    `SELECT coalesce(sum(p.amount), 0) AS held FROM bot_configs c
     JOIN markets m ON m.exchange = c.exchange AND m.symbol = c.symbol AND m.base = $2 AND m.type = 'SPOT'
     JOIN positions p ON p.bot_id = c.id AND p.closed_at IS NULL
     WHERE c.api_key_id = $1 AND c.mode = 'LIVE' AND c.deleted_at IS NULL AND c.id IS DISTINCT FROM $3::bigint`,
    [apiKeyId, asset, butBotId],
  )
  return decimal(rows[0]?.held ?? '0')
}

/** Keeps `amount` of the asset for the order, from its claim until it is settled. `lockFunds` came before, in the same transaction. */
export async function insertReservation(
  tx: Tx,
  order: Pick<Order, 'id' | 'botId'>,
  apiKeyId: string,
  wallet: Wallet,
  asset: string,
  amount: Decimal,
): Promise<void> {
  await tx.query(
    `INSERT INTO reservations (api_key_id, wallet, asset, bot_id, order_id, amount, created_at) VALUES ($1, $2, $3, $4, $5, $6, tradebot_now())`,
    [apiKeyId, wallet, asset, order.botId, order.id, plain(amount)],
  )
}

/** Called wherever an order becomes settled. What it has not spent is free again. */
export async function releaseReservation(tx: Tx, orderId: string): Promise<void> {
  await tx.query(
    `UPDATE reservations SET released_at = tradebot_now() WHERE order_id = $1 AND released_at IS NULL`,
    [orderId],
  )
}
