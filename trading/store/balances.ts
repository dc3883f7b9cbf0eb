import { plain, type Decimal, ZERO } from '../domain/money.ts'
import type { Wallet } from '../domain/exchange.ts'
import type { Tx } from './pool.ts'

export type Balances = ReadonlyMap<string, { free: Decimal; total: Decimal }>

const NOTHING = { free: ZERO, total: ZERO }

/**
 * Remembers what a wallet of an account held. `readAt`: the database's clock from before the venue was asked; the newest wins, whatever the order in
 * which answers are written. Assets that the answer does not name are 0; of `asset` there is a row afterwards in any case, for it is the
 * lock of the capital ledger.
 */
export async function saveBalances(
  tx: Tx,
  apiKeyId: string,
  wallet: Wallet,
  balances: Balances,
  readAt: Date,
  asset: string | null = null,
): Promise<void> {
  const held = [...balances].filter(([, { total }]) => !total.isZero())
  const known = new Map(held)
  const { rows } = await tx.query<{ asset: string }>(
    `SELECT asset FROM account_balances WHERE api_key_id = $1 AND wallet = $2`,
    [apiKeyId, wallet],
  )
  for (const row of rows) if (!known.has(row.asset)) known.set(row.asset, NOTHING)
  if (asset !== null && !known.has(asset)) known.set(asset, NOTHING)
  // Sorted, so that two that write meet in the same order.
  const sorted = [...known].toSorted(([a], [b]) => (a < b ? -1 : 1))
  await tx.query(
    `INSERT INTO account_balances AS b (api_key_id, wallet, asset, free, total, read_at)
     SELECT $1, $6, given.asset, given.free, given.total, $5
     FROM unnest($2::text[], $3::numeric[], $4::numeric[]) AS given (asset, free, total)
     ON CONFLICT (api_key_id, wallet, asset) DO UPDATE SET free = EXCLUDED.free, total = EXCLUDED.total, read_at = EXCLUDED.read_at
       WHERE EXCLUDED.read_at > b.read_at`,
    [
      apiKeyId,
      sorted.map(([name]) => name),
      sorted.map(([, { free }]) => plain(free)),
      sorted.map(([, { total }]) => plain(total)),
      readAt,
      wallet,
    ],
  )
}
