import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startBot, stopBot } from '#trading/store/bot-commands.ts'
import { noteRestored, restoredGate } from '#trading/store/restored.ts'
import { shiftClock } from './engine.fixture.ts'
import { withReconciliation } from './reconcile.fixture.ts'

const { live, compare, running, enter, byHand, plan } = withReconciliation()
const gate = () => restoredGate(live.db.pool, live.apiKeyId)

async function held(): Promise<string> {
  const botId = await running()
  await enter(botId)
  return botId
}

/** A row of the bot's first order once more, otherwise. */
async function another(botId: string, more: Record<string, unknown>): Promise<string> {
  const { rows } = await live.db.pool.query<{ id: string }>(
    `INSERT INTO orders SELECT (jsonb_populate_record(NULL::orders, to_jsonb(o) || jsonb_build_object('id', nextval(pg_get_serial_sequence('orders', 'id')),
       'filled', 0, 'position_id', null, 'created_at', tradebot_now(), 'updated_at', tradebot_now(), 'submitted_at', tradebot_now()) || $2)).*
     FROM (SELECT * FROM orders WHERE bot_id = $1 ORDER BY id LIMIT 1) o RETURNING id::text`,
    [botId, more],
  )
  return rows[0]?.id ?? ''
}

test('a bot that starts over restored books is paused for what is wrong, and not held back by it', async () => {
  const botId = await held()
  await live.engine.in((tx) => noteRestored(tx))
  await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'KEEP'))
  await live.db.pool.query(`UPDATE positions SET amount = amount + 0.5 WHERE bot_id = $1`, [botId])
  await live.engine.in((tx) => startBot(tx, live.actor, botId))
  expect([await live.engine.tick(botId), await compare()]).toEqual(['Ticked', 'PAUSE LATER'])
  expect(await live.engine.tick(botId)).toBe('Ticked, PENDING to RUNNING')
  expect([await compare(), await gate()]).toEqual(['PAUSE', 'OPEN'])
  expect(await live.engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
})

test('an order that stays in doubt is told, holds back no start, and other orders for ten minutes at most', async () => {
  const botId = await held()
  const other = await running()
  const orderId = await another(botId, {
    ...{
      bot_id: other,
      status: 'UNKNOWN',
      client_order_id: `tb${'2'.repeat(32)}`,
      exchange_order_id: '987654',
    },
    ...{ next_settle_at: null, unknown_since: new Date() },
  })
  expect((await plan()).undecided).toEqual([
    { asset: 'BTC', short: '0', why: expect.stringContaining(`Order ${orderId} is in doubt`) },
  ])
  await live.engine.in((tx) => noteRestored(tx))
  expect(await gate()).toBe('UNCOMPARED')
  await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'KEEP'))
  await live.engine.in((tx) => startBot(tx, live.actor, botId))
  await compare()
  expect([await gate(), await live.engine.tick(botId)]).toEqual(['UNPROVEN', 'Ticked, PENDING to RUNNING'])
  await shiftClock(live.db.pool, 590)
  await compare()
  expect(await gate()).toBe('UNPROVEN')
  await shiftClock(live.db.pool, 601)
  expect(await gate()).toBe('OPEN')
  await live.engine.in((tx) => noteRestored(tx))
  expect(await gate()).toBe('UNCOMPARED')
})

test('of orders that are sent one after the other, a plan tells of none', async () => {
  const botId = await held()
  let over = false
  const sending = (async () => {
    for (let number = 1; !over; number += 1) {
      const id = `tb${String(number).padStart(32, '0')}`
      const orderId = await another(botId, {
        ...{
          status: 'SUBMITTING',
          client_order_id: id,
          exchange_order_id: null,
          signal_candle_at: new Date(number),
        },
      })
      await byHand('BUY', '0.001', { type: 'MARKET' }, id)
      await sleep(150)
      await live.db.pool.query(
        `UPDATE orders SET status = 'FILLED', amount = 0.001, filled = 0.001, updated_at = tradebot_now(), next_settle_at = NULL WHERE id = $1`,
        [orderId],
      )
    }
  })()
  const told: string[] = []
  for (let turn = 0; turn < 4; turn += 1)
    told.push(
      ...(await plan()).differences.filter(({ what }) => what.includes('SUBMITTING')).map(({ what }) => what),
    )
  over = true
  await sending
  expect(told).toEqual([])
})
