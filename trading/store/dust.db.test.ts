import { expect, test } from 'vitest'
import { aSavedBot, aUser } from './bot.fixture.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'
import { updateBot } from './update-bot.ts'

const db = withTestDatabase()

test('with another key, the dust of the former account is booked off once: it can never be sold along', async () => {
  const actor = await aUser(db.pool)
  const keys = await Promise.all(
    ['a', 'b'].map(async (label) => {
      const { rows } = await db.pool.query<{ id: string }>(
        `INSERT INTO api_keys (user_id, exchange, label, key_hint, encrypted_key, encrypted_secret)
         VALUES ($1, 'sandbox', $2, '…', 'x', 'x') RETURNING id`,
        [actor.userId, label],
      )
      return rows[0]?.id ?? ''
    }),
  )
  const [former = '', other = ''] = keys
  const botId = await aSavedBot(db.pool, actor, { mode: 'LIVE', apiKeyId: former })
  await db.pool.query(
    `UPDATE bot_states SET dust_amount = 0.000008, dust_cost = 0.4, realized_pnl = 5, equity = 1005, peak_equity = 1005 WHERE bot_id = $1`,
    [botId],
  )
  const change = (revision: number, apiKeyId: string) =>
    inTransaction(db.pool, (tx) =>
      updateBot(tx, actor, { id: botId, revision, changes: { apiKeyId } }, () => []),
    )
  const figures = async () => {
    const { rows } = await db.pool.query<Record<string, string>>(
      `SELECT trim_scale(s.dust_amount)::text AS dust, trim_scale(s.dust_cost)::text AS cost, trim_scale(s.equity)::text AS equity,
         trim_scale(s.realized_pnl)::text AS realized, trim_scale(d.realized_pnl)::text AS day,
         (SELECT message FROM bot_events e WHERE e.bot_id = s.bot_id AND type = 'DUST_LEFT') AS told
       FROM bot_states s JOIN bot_days d ON d.bot_id = s.bot_id WHERE s.bot_id = $1`,
      [botId],
    )
    return rows
  }
  const after = [
    {
      dust: '0',
      cost: '0',
      equity: '1004.6',
      realized: '4.6',
      day: '-0.4',
      told: '0.000008 BTC of dust stays in the account of the former API key; its value of 0.4 USDT is booked off.',
    },
  ]
  await change(1, other)
  expect(await figures()).toEqual(after)
  await change(2, former)
  expect(await figures()).toEqual(after)
})
