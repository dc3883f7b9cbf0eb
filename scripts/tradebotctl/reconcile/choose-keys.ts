import type { Pool } from '#trading/store/pool.ts'
import { CouldNotError } from '../frame/errors.ts'

export type ChosenKey = { id: string; label: string; exchange: string; user: string }

/**
 * The keys that are meant: those with LIVE bots or orders, or the one that is named, whatever it has.
 * @throws CouldNotError KEY_UNKNOWN, USER_UNKNOWN, EXCHANGE_UNKNOWN, KEY_AMBIGUOUS
 */
export async function chooseKeys(
  pool: Pool,
  wanted: { key?: string | undefined; exchange?: string | undefined; user?: string | undefined },
): Promise<ChosenKey[]> {
  if (wanted.user !== undefined) await checkUser(pool, wanted.user)
  if (wanted.exchange !== undefined) await checkExchange(pool, wanted.exchange)
  const { rows } = await pool.query<ChosenKey & { used: boolean }>(
    `SELECT k.id::text, k.label, k.exchange, u.email AS user,
       EXISTS (SELECT FROM bot_configs c WHERE c.api_key_id = k.id AND c.mode = 'LIVE' AND c.deleted_at IS NULL)
         OR EXISTS (SELECT FROM orders o WHERE o.api_key_id = k.id AND o.next_settle_at IS NOT NULL) AS used
     FROM api_keys k JOIN users u ON u.id = k.user_id
     WHERE k.deleted_at IS NULL AND ($1::text IS NULL OR k.id::text = $1 OR k.label = $1)
       AND ($2::text IS NULL OR k.exchange = $2) AND ($3::text IS NULL OR u.email = lower($3)) ORDER BY k.id`,
    [wanted.key ?? null, wanted.exchange ?? null, wanted.user ?? null],
  )
  if (wanted.key === undefined) return rows.filter(({ used }) => used).map(withoutUse)
  if (rows.length === 0)
    throw new CouldNotError('KEY_UNKNOWN', `There is no API key with the id or label "${wanted.key}".`, {
      hint: 'tradebotctl bots list shows the keys of bots; the page API keys shows all of them.',
    })
  const named = rows.find(({ id }) => id === wanted.key)
  if (rows.length > 1 && named === undefined)
    throw new CouldNotError(
      'KEY_AMBIGUOUS',
      `${rows.length} API keys have the label "${wanted.key}": ${rows.map((row) => `${row.id} (${row.exchange}, ${row.user})`).join(', ')}.`,
      { hint: 'Give the id of one.' },
    )
  return (named === undefined ? rows : [named]).map(withoutUse)
}

async function checkUser(pool: Pool, email: string): Promise<void> {
  const { rowCount } = await pool.query(`SELECT FROM users WHERE email = lower($1)`, [email])
  if (rowCount === 0)
    throw new CouldNotError('USER_UNKNOWN', `There is no account with the e-mail address ${email}.`)
}

/** A name that was mistyped must not look like agreement. */
async function checkExchange(pool: Pool, exchange: string): Promise<void> {
  const { rows } = await pool.query<{ exchange: string }>(
    `SELECT DISTINCT exchange FROM api_keys WHERE deleted_at IS NULL ORDER BY exchange`,
  )
  const known = rows.map((row) => row.exchange)
  if (known.includes(exchange)) return
  throw new CouldNotError('EXCHANGE_UNKNOWN', `There is no API key of the exchange "${exchange}".`, {
    hint: known.length === 0 ? 'There is no API key at all.' : `There are keys of ${known.join(', ')}.`,
  })
}

function withoutUse({ id, label, exchange, user }: ChosenKey): ChosenKey {
  return { id, label, exchange, user }
}
