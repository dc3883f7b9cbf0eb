import { expect, test } from 'vitest'
import { VenueError } from '#trading/domain/exchange.ts'
import { InvalidTransitionError, NotFoundError, ValidationError } from '#trading/domain/errors.ts'
import { aUser, anOrder, lead } from '#trading/store/bot.fixture.ts'
import { dispatchDue } from '#trading/store/dispatch.ts'
import { haltTrading } from '#trading/store/halt.ts'
import { lockFunds } from '#trading/store/reservations.ts'
import { resolveTransfer } from '#trading/store/resolve-transfer.ts'
import { settleTransfer } from './settle-transfer.ts'
import { shiftClock } from './engine.fixture.ts'
import { sweepProfit } from './sweep-profit.ts'
import { withTransfers } from './transfer.fixture.ts'

const all = withTransfers()

const events = async (botId: string, type: string) =>
  (await all.engine.eventTypes(botId)).filter((each) => each === type).length
const past = (id: string) =>
  all.db.pool.query(`UPDATE transfers SET submit_deadline = tradebot_now() WHERE id = $1`, [id])

test("a person's own transfer of the same amount at the same time: a person is asked, once, and answers", async () => {
  const owner = await all.account()
  const { id, botId, orderId } = await owner.intended()
  await owner.fault('drop')
  await all.send(id)
  expect(await owner.byHand()).toMatchObject({ kind: 'ACCEPTED' })
  expect(await all.look(id), 'ours could still arrive').toBe('Not found yet')
  await past(id)
  expect(await all.look(id)).toBe('Unknown (asked a person)')
  expect(await all.look(id)).toBe('Unknown (a person was asked)')
  expect(await events(botId, 'TRANSFER_UNKNOWN')).toBe(1)
  const numbers = (await owner.truth()).map((row) => String(row['tranId']))
  expect(numbers).toHaveLength(2)
  const { status, error_code: code, error_message: question } = await all.row(id)
  expect({ status, code }).toEqual({ status: 'UNKNOWN', code: 'AMBIGUOUS' })
  for (const word of [...numbers, 'resolveTransfer']) expect(question).toContain(word)

  const other = await owner.bot({ symbol: 'ETH/USDT:USDT' })
  const waiting = await anOrder(all.db.pool, other, {
    status: 'INTENDED',
    mode: 'LIVE',
    apiKeyId: owner.apiKeyId,
  })
  expect(await owner.intend(other, waiting), 'one in flight for each key').toBeNull()

  const answer = (outcome: 'PLACED' | 'NOT_PLACED', exchangeTransferId: string | null, actor = owner.actor) =>
    all.engine.in((tx) => resolveTransfer(tx, actor, { id, outcome, exchangeTransferId }))
  await expect(answer('PLACED', null)).rejects.toThrow(ValidationError)
  await expect(answer('NOT_PLACED', '7')).rejects.toThrow(ValidationError)
  await expect(answer('NOT_PLACED', null, await aUser(all.db.pool))).rejects.toThrow(NotFoundError)
  await answer('PLACED', '999999')
  for (let turn = 0; turn < 3; turn++) await all.look(id)
  expect(await events(botId, 'TRANSFER_UNKNOWN'), 'a number that is not there is not believed').toBe(2)
  expect(await all.row(id)).toMatchObject({ status: 'UNKNOWN', exchange_transfer_id: null })
  await answer('PLACED', numbers[0] ?? '')
  expect(await all.look(id)).toBe('Moved')
  expect(await all.row(id)).toMatchObject({
    status: 'DONE',
    exchange_transfer_id: numbers[0],
    error_code: null,
  })
  expect(await events(botId, 'TRANSFER_RESOLVED')).toBe(2)
  expect(await all.hasJob(`execute_order:${orderId}`)).toBe(true)
  await expect(answer('NOT_PLACED', null)).rejects.toThrow(InvalidTransitionError)
  expect(await owner.intend(other, waiting)).not.toBeNull()
})

test('a person says NOT_PLACED: it ends, the entry is told, and the two that look alike revive nothing', async () => {
  const owner = await all.account()
  const { id, orderId } = await owner.intended()
  await owner.fault('5xx')
  await all.send(id)
  await owner.byHand()
  await owner.byHand()
  await past(id)
  expect(await all.look(id)).toBe('Unknown (asked a person)')
  await all.engine.in((tx) =>
    resolveTransfer(tx, owner.actor, { id, outcome: 'NOT_PLACED', exchangeTransferId: null }),
  )
  expect(await all.row(id)).toMatchObject({ status: 'NOT_PLACED', error_code: 'RESOLVED_BY_PERSON' })
  expect(await all.hasJob(`execute_order:${orderId}`)).toBe(true)
  expect(await all.look(id)).toBe('Still not made')
})

test('the gate: halted, paused, entry gone, a key that may not, SPOT without the money: nothing is sent, the entry is told why', async () => {
  const refused = async (
    why: string,
    prepare: (it: { botId: string; orderId: string; owner: Owner }) => Promise<unknown>,
    body = {},
  ) => {
    const owner = await all.account(body)
    const it = await owner.intended()
    await prepare({ ...it, owner })
    expect(await all.send(it.id)).toBe(`Denied (${why})`)
    expect(await all.row(it.id)).toMatchObject({
      status: 'NOT_PLACED',
      error_code: why,
      next_settle_at: null,
    })
    expect(await owner.truth()).toEqual([])
    expect((await all.order(it.orderId))?.status).toBe('NOT_PLACED')
    expect(await events(it.botId, 'TRANSFER_NOT_PLACED')).toBe(1)
    return (await all.engine.messages(it.botId)).find((message) => message.startsWith('Transfer')) ?? ''
  }
  type Owner = Awaited<ReturnType<typeof all.account>>
  await refused('TRADING_HALTED', ({ owner }) => all.engine.in((tx) => haltTrading(tx, owner.actor, false)))
  await refused('BOT_STATUS', ({ botId }) =>
    all.db.pool.query(`UPDATE bot_states SET status = 'PAUSED', pause_reason = 'MANUAL' WHERE bot_id = $1`, [
      botId,
    ]),
  )
  await refused('ENTRY_GONE', ({ orderId }) =>
    all.db.pool.query(`UPDATE orders SET status = 'NOT_PLACED' WHERE id = $1`, [orderId]),
  )
  const key = await refused('KEY_MAY_NOT_TRANSFER', ({ owner }) =>
    all.db.pool.query(`UPDATE api_keys SET can_transfer = false WHERE id = $1`, [owner.apiKeyId]),
  )
  expect(key).toContain('Universal Transfer')
  const short = await refused('BALANCE_INSUFFICIENT', async () => undefined, { balances: { USDT: '60' } })
  expect(short).toContain('60 USDT is free in SPOT')
})

test('what is on its way out of a wallet is nobody else’s to spend', async () => {
  const owner = await all.account({ balances: { USDT: '150' } })
  const first = await owner.intended()
  await owner.fault('drop')
  await all.send(first.id)
  const funds = await all.engine.in((tx) => lockFunds(tx, owner.apiKeyId, 'SPOT', 'USDT'))
  expect(funds?.reserved.toFixed()).toBe('100')
})

test('an exchange that cannot be reached is tried until the entry is too old, and profit for longer', async () => {
  const owner = await all.account()
  const { id, orderId } = await owner.intended()
  await owner.fault('reset', { endpoint: '*', count: 50 })
  expect(await all.send(id)).toBe('Waits (UNREACHABLE)')
  expect((await all.row(id)).status).toBe('INTENDED')
  await all.db.pool.query(`UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE id = $1`, [
    orderId,
  ])
  expect(await all.send(id)).toBe('Denied (VENUE_UNREACHABLE)')
  expect((await all.order(orderId))?.status).toBe('NOT_PLACED')
})

test('the dispatcher adds what is due and what was lost; a day that is over is swept once, and is no part of profit', async () => {
  const owner = await all.account({ futures: { USDT: '500' } })
  const { id, botId: other } = await owner.intended()
  await all.db.pool.query(`DELETE FROM graphile_worker._private_jobs`)
  await all.db.pool.query(
    `UPDATE transfers SET updated_at = updated_at - interval '2 seconds' WHERE id = $1`,
    [id],
  )
  await dispatchDue(all.db.pool, 100)
  expect(await all.hasJob(`execute_transfer:${id}`)).toBe(true)
  await owner.fault('drop')
  await all.send(id)
  await dispatchDue(all.db.pool, 100)
  expect(await all.hasJob(`settle_transfer:${id}`)).toBe(true)
  await past(id)
  expect(await all.look(id)).toBe('Moved')
  await lead(all.db.pool, other, 'STOPPED')

  const botId = await owner.bot({ symbol: 'ETH/USDT:USDT' }, 'STOPPED')
  await all.db.pool.query(
    `UPDATE bot_states SET realized_pnl = 130, equity = 1125, peak_equity = 1130 WHERE bot_id = $1`,
    [botId],
  )
  await all.db.pool.query(
    `INSERT INTO bot_days (bot_id, day, start_equity, realized_pnl) VALUES ($1, tradebot_today(), 1110, 20)`,
    [botId],
  )
  const sweepDue = async () => {
    await all.db.pool.query(`DELETE FROM graphile_worker._private_jobs`)
    await dispatchDue(all.db.pool, 100)
    return all.hasJob(`sweep_profit:${botId}`)
  }
  expect(await sweepDue(), 'made today: no day of it is over').toBe(false)
  await all.db.pool.query(`UPDATE bot_configs SET created_at = created_at - interval '1 day' WHERE id = $1`, [
    botId,
  ])
  expect(await sweepDue()).toBe(true)
  const before = await all.engine.state(botId)
  expect(await sweepProfit({ botId }, all.engine.deps)).toBe('Intended')
  expect(await sweepProfit({ botId }, all.engine.deps)).toContain('Skipped')
  const sweep = async () =>
    (
      await all.db.pool.query<{ id: string; amount: string; status: string }>(
        `SELECT id, amount, status FROM transfers WHERE bot_id = $1 ORDER BY id DESC LIMIT 1`,
        [botId],
      )
    ).rows[0] ?? { id: '0', amount: '0', status: '' }
  expect(await all.send((await sweep()).id)).toBe('Moved')
  expect(Number((await sweep()).amount), 'of what was realised before midnight').toBe(110)
  expect((await owner.truth()).at(-1)).toMatchObject({
    type: 'UMFUTURE_MAIN',
    amount: expect.stringMatching(/^110/),
  })
  expect(await all.engine.state(botId)).toEqual(before)
  expect(await sweepDue()).toBe(false)

  await shiftClock(all.db.pool, 86_400)
  expect(await sweepDue(), 'the day after').toBe(true)
  await all.db.pool.query(`UPDATE bot_states SET equity = 1115 WHERE bot_id = $1`, [botId])
  expect(await sweepProfit({ botId }, all.engine.deps)).toBe('Intended')
  expect(Number((await sweep()).amount), 'what the open position loses stays').toBe(5)
  await owner.byHand(480, 'FUTURES')
  await owner.byHand(5, 'FUTURES')
  await owner.byHand(3, 'FUTURES')
  expect(await all.send((await sweep()).id)).toBe('Moved')
  expect(Number((await sweep()).amount), 'not more than the wallet can spare').toBe(2)
  expect(await sweepDue(), 'once a day').toBe(false)
  await shiftClock(all.db.pool, 2 * 86_400)
  expect(await sweepDue()).toBe(true)
  await sweepProfit({ botId }, all.engine.deps)
  expect(await all.send((await sweep()).id)).toBe('Denied (NOTHING_TO_SWEEP)')
  expect(await sweepDue(), 'not again this day').toBe(false)
})

test('what a bot earned with a former key lies in that account: it is not swept out of the new one', async () => {
  const [former, owner] = [await all.account(), await all.account({ futures: { USDT: '500' } })]
  const botId = await owner.bot({}, 'STOPPED')
  const { pool } = all.db
  await pool.query(`UPDATE bot_configs SET created_at = created_at - interval '5 days' WHERE id = $1`, [
    botId,
  ])
  const orderId = await anOrder(pool, botId, {
    status: 'FILLED',
    purpose: 'EXIT',
    side: 'SELL',
    mode: 'LIVE',
    apiKeyId: former.apiKeyId,
  })
  await pool.query(
    `INSERT INTO fills (order_id, bot_id, exchange, account, symbol, exchange_order_id, trade_id, side, amount, price, fee, fee_currency, realized_pnl, executed_at, recorded_at)
     SELECT $1, id, exchange, $3, symbol, 'F', '1', 'SELL', 1, 1, 0, 'USDT', 100, tradebot_now(), tradebot_now() FROM bot_configs WHERE id = $2`,
    [orderId, botId, former.apiKeyId],
  )
  const earned = async (pnl: number) => {
    await pool.query(
      `UPDATE bot_states SET realized_pnl = $2::numeric, equity = 1000 + $2::numeric, peak_equity = 2000 WHERE bot_id = $1`,
      [botId, pnl],
    )
    await pool.query(`DELETE FROM graphile_worker._private_jobs`)
    await dispatchDue(pool, 100)
    return all.hasJob(`sweep_profit:${botId}`)
  }
  expect(await earned(100)).toBe(false)
  expect(await sweepProfit({ botId }, all.engine.deps)).toBe('Skipped (no profit)')
  expect(await earned(130), 'and 30 with this one').toBe(true)
  expect(await sweepProfit({ botId }, all.engine.deps)).toBe('Intended')
  const { rows } = await pool.query<{ amount: string }>(`SELECT amount FROM transfers WHERE bot_id = $1`, [
    botId,
  ])
  expect(rows.map(({ amount }) => Number(amount))).toEqual([30])
})

test.each([
  ['NOT_PLACED', `status = 'NOT_PLACED'`],
  ['DONE', `status = 'DONE', exchange_transfer_id = '77', next_settle_at = NULL`],
])(
  'a look that fails says nothing of a transfer that was settled as %s meanwhile',
  async (status, meanwhile) => {
    const owner = await all.account()
    const { id, botId } = await owner.intended()
    await owner.fault('drop')
    await all.send(id)
    await all.db.pool.query(
      `UPDATE transfers SET unknown_since = tradebot_now() - interval '1 hour', next_settle_at = tradebot_now() WHERE id = $1`,
      [id],
    )
    const forKey = async (apiKeyId: string) => ({
      ...(await all.engine.deps.accounts.forKey(apiKeyId)),
      fetchTransfers: async () => {
        await all.db.pool.query(`UPDATE transfers SET ${meanwhile} WHERE id = $1`, [id])
        throw new VenueError('UNREACHABLE', 'away')
      },
    })
    const before = await events(botId, 'TRANSFER_UNKNOWN')
    await settleTransfer({ transferId: id }, { ...all.engine.deps, accounts: { forKey } })
    expect((await all.row(id)).status).toBe(status)
    expect(await events(botId, 'TRANSFER_UNKNOWN')).toBe(before)
  },
)
