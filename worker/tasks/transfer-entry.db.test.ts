import { expect, test } from 'vitest'
import type { BotConfig } from '#trading/domain/bot.ts'
import { decimal } from '#trading/domain/money.ts'
import { resolveTransfer } from '#trading/store/resolve-transfer.ts'
import { control } from '../exchange/sandbox.fixture.ts'
import { executeOrder } from './execute-order.ts'
import { PERPETUAL, withTransfers } from './transfer.fixture.ts'

/** An entry that needs some 102 USDT of margin where FUTURES has 50 and SPOT 1,000. */
const all = withTransfers()

async function shortOfMargin(more: Partial<BotConfig> = {}) {
  await control(all.sandboxUrl, 'POST', '/sandbox/price', { symbol: 'BTCUSDT', price: '50000' })
  const owner = await all.account()
  const { botId } = await all.engine.running(
    {
      mode: 'LIVE',
      apiKeyId: owner.apiKeyId,
      symbol: PERPETUAL,
      positionType: 'FUTURES',
      leverage: 5,
      autoTransferFunds: true,
      transferAmount: decimal(100),
      ...more,
    },
    owner.actor,
  )
  await all.engine.crossUp(50_000)
  expect(await all.engine.tick(botId)).toBe('Ticked, ENTRY intended')
  const { id: orderId } = await all.engine.lastOrder(botId)
  const enter = () => executeOrder({ orderId }, all.engine.deps)
  const transferId = async () => {
    const { rows } = await all.db.pool.query<{ id: string }>(`SELECT id FROM transfers WHERE order_id = $1`, [
      orderId,
    ])
    return rows[0]?.id ?? null
  }
  return { owner, botId, orderId, enter, transferId }
}

/** The sentence with the bot, which is the one that its entry was refused with. */
async function noticeLikeOrder(botId: string, orderId: string) {
  const { error_code: notice, error_message: notice_message } = (await all.order(orderId)) ?? {}
  expect(notice).toBe('BALANCE_INSUFFICIENT')
  expect(await all.engine.state(botId)).toMatchObject({ notice, notice_message })
  return notice_message
}

test('short of margin: one transfer, then the entry goes out; equity and profit know nothing of it', async () => {
  const { owner, botId, orderId, enter, transferId } = await shortOfMargin()
  expect(await enter()).toBe('Waits (BALANCE_INSUFFICIENT)')
  const id = (await transferId()) ?? ''
  expect(await all.hasJob(`execute_transfer:${id}`)).toBe(true)
  expect(await enter(), 'while it is on its way').toBe('Waits (BALANCE_INSUFFICIENT)')
  expect(await all.send(id)).toBe('Moved')
  expect(await all.hasJob(`execute_order:${orderId}`)).toBe(true)
  expect(await enter()).toBe('Placed (FILLED)')
  await all.expectAgreed(owner, id, true)
  // The exchange tells the fills of a perpetual only when asked.
  await all.engine.settleUntil(botId, async () => (await all.engine.openPosition(botId)) !== null)
  const { equity, realized_pnl: realized } = await all.engine.state(botId)
  expect(Number(equity), 'a transfer is no profit').toBeLessThanOrEqual(1000)
  expect(Number(realized)).toBeLessThanOrEqual(0)
  const told = (await all.engine.eventTypes(botId)).filter((type) => type.startsWith('TRANSFER'))
  expect(told).toEqual(['TRANSFER_INTENDED', 'TRANSFER_DONE'])
})

test('refused by the exchange: the entry is not placed, for want of margin, with the reason', async () => {
  const { owner, orderId, enter, transferId } = await shortOfMargin()
  await enter()
  await owner.fault('reject', { code: -5013, msg: 'Asset transfer failed: insufficient balance' })
  expect(await all.send((await transferId()) ?? '')).toBe('Refused (BALANCE_INSUFFICIENT)')
  const order = await all.order(orderId)
  expect(order).toMatchObject({ status: 'NOT_PLACED', error_code: 'BALANCE_INSUFFICIENT' })
  expect(order?.error_message).toContain('insufficient balance')
})

test('the answer is lost and the entry grows too old: it is not sent, the money arrives and stays', async () => {
  const { owner, botId, orderId, enter, transferId } = await shortOfMargin()
  await enter()
  const id = (await transferId()) ?? ''
  await owner.fault('drop')
  expect(await all.send(id)).toBe('Unknown')
  await all.db.pool.query(`UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE id = $1`, [
    orderId,
  ])
  expect(await enter()).toBe('Denied (BALANCE_INSUFFICIENT)')
  expect((await all.order(orderId))?.error_message).toContain('under way')
  await all.db.pool.query(`UPDATE transfers SET submit_deadline = tradebot_now() WHERE id = $1`, [id])
  expect(await all.look(id)).toBe('Moved')
  await all.expectAgreed(owner, id, true)
  expect((await all.engine.messages(botId)).at(-1)).toContain('stays in FUTURES for the next')
  const message = await noticeLikeOrder(botId, orderId)
  expect(message).toContain(`Transfer ${id} of 100 USDT came too late for it and stays in FUTURES`)
})

test('the answer is lost, nothing was moved, and the entry grows too old: the notice says how the transfer ended', async () => {
  const { owner, botId, orderId, enter, transferId } = await shortOfMargin()
  await enter()
  const id = (await transferId()) ?? ''
  await owner.fault('503')
  expect(await all.send(id)).toBe('Unknown')
  await all.db.pool.query(`UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE id = $1`, [
    orderId,
  ])
  expect(await enter()).toBe('Denied (BALANCE_INSUFFICIENT)')
  expect(await noticeLikeOrder(botId, orderId)).toContain('is under way')
  expect(await all.end(id)).toBe('NOT_PLACED')
  const message = await noticeLikeOrder(botId, orderId)
  expect(message).toContain(
    `transfer ${id} of 100 USDT was not made: The history of sandbox does not show it`,
  )
  expect(message).not.toContain('under way')
})

test('a person says that it was not made: the notice says so', async () => {
  const { owner, botId, orderId, enter, transferId } = await shortOfMargin()
  await enter()
  const id = (await transferId()) ?? ''
  await owner.fault('503')
  await all.send(id)
  await all.db.pool.query(`UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE id = $1`, [
    orderId,
  ])
  await enter()
  await all.engine.in((tx) =>
    resolveTransfer(tx, owner.actor, { id, outcome: 'NOT_PLACED', exchangeTransferId: null }),
  )
  expect(await noticeLikeOrder(botId, orderId)).toContain('was not made: A person looked')
})

test('what the bot says of something else since then stays', async () => {
  const { owner, botId, orderId, enter, transferId } = await shortOfMargin()
  await enter()
  const id = (await transferId()) ?? ''
  await owner.fault('503')
  await all.send(id)
  await all.db.pool.query(`UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE id = $1`, [
    orderId,
  ])
  await enter()
  await all.db.pool.query(
    `UPDATE bot_states SET notice = 'TRADING_HALTED', notice_message = 'Halted.' WHERE bot_id = $1`,
    [botId],
  )
  expect(await all.end(id)).toBe('NOT_PLACED')
  expect(await all.engine.state(botId)).toMatchObject({ notice: 'TRADING_HALTED', notice_message: 'Halted.' })
})

test('the answer is lost, but the entry finds the money: nobody says that it was not sent', async () => {
  const { owner, botId, orderId, enter, transferId } = await shortOfMargin()
  await enter()
  const id = (await transferId()) ?? ''
  await owner.fault('drop')
  expect(await all.send(id)).toBe('Unknown')
  expect(await enter()).toBe('Placed (FILLED)')
  await all.lookAfter(id)
  await all.expectAgreed(owner, id, true)
  const told = (await all.engine.messages(botId)).find((message) => message.includes('was made'))
  expect(told).toMatch(/It is no part of profit\.$/)
  expect((await all.order(orderId))?.status).not.toBe('NOT_PLACED')
})

test('nothing is moved where it would not help, may not be, or was not asked for', async () => {
  const denied = async (more: Partial<BotConfig>, canTransfer: boolean | null = null) => {
    const it = await shortOfMargin(more)
    await all.db.pool.query(`UPDATE api_keys SET can_transfer = $2 WHERE id = $1`, [
      it.owner.apiKeyId,
      canTransfer,
    ])
    expect(await it.enter()).toBe('Denied (BALANCE_INSUFFICIENT)')
    expect(await it.transferId()).toBeNull()
    return (await all.order(it.orderId))?.error_message
  }
  expect(await denied({ transferAmount: decimal(20) })).toContain('raise transferAmount')
  expect(await denied({}, false)).toContain('may not transfer')
  expect(await denied({ autoTransferFunds: false })).not.toContain('ransfer')
})
