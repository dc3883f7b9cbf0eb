import { describe, expect, test } from 'vitest'
import { deleteApiKey } from '#trading/store/api-keys.ts'
import { deleteBot, startBot, stopBot } from '#trading/store/bot-commands.ts'
import { haltTrading } from '#trading/store/halt.ts'
import { updateBot } from '#trading/store/update-bot.ts'
import { openSandboxAccount } from '../exchange/sandbox.fixture.ts'
import { withLiveEngine } from './live.fixture.ts'
import { reconcileAccount } from './reconcile-account.ts'

const live = withLiveEngine()
const tick = (botId: string) => live.engine.tick(botId)
const send = (botId: string) => live.engine.send(botId)
const stop = (botId: string, policy: 'CLOSE' | 'KEEP' | null) =>
  live.engine.in((tx) => stopBot(tx, live.actor, botId, policy))
const remove = (botId: string, policy: 'CLOSE' | 'KEEP' | null) =>
  live.engine.in((tx) => deleteBot(tx, live.actor, botId, policy))
const start = (botId: string) => live.engine.in((tx) => startBot(tx, live.actor, botId))
const lastMessage = async (botId: string) => (await live.engine.messages(botId)).at(-1)
const openOrders = async () => (await live.account()).fetchOpenOrders('BTC/USDT')

describe('stopped with KEEP', () => {
  test('the stop stays and is watched, and the answer says so; when it fills, the position closes', async () => {
    const botId = await live.guarded()
    await stop(botId, 'KEEP')
    expect(await lastMessage(botId)).toMatch(/Its stop at 49\d+(\.\d+)? stays at the exchange .* is watched/)
    expect(await live.engine.state(botId)).toMatchObject({ status: 'STOPPED', next_tick_at: null })
    expect(await live.look(botId)).toEqual(['Found (OPEN)'])
    expect(await openOrders()).toHaveLength(1)
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    await live.expectFlat(botId)
    expect(await live.engine.state(botId)).toMatchObject({
      status: 'STOPPED',
      closing: false,
      next_tick_at: null,
    })
    expect(await live.count(botId, 'PROTECTIVE_STOP_FILLED')).toBe(1)
  })

  test('without a stop the answer says that none rests', async () => {
    const botId = await live.holding()
    await stop(botId, 'KEEP')
    expect(await lastMessage(botId)).toContain('No stop rests at the exchange')
  })

  test('one that was not claimed yet is never sent; one on its way is watched, and both are said', async () => {
    const waiting = await live.holding()
    await tick(waiting)
    await stop(waiting, 'KEEP')
    expect(await lastMessage(waiting)).toContain('No stop rests at the exchange')
    expect(await send(waiting)).toEqual([])
    expect((await live.lastStop(waiting)).status).toBe('NOT_PLACED')

    const doubtful = await live.holding()
    await tick(doubtful)
    await live.fault('drop')
    await send(doubtful)
    await stop(doubtful, 'KEEP')
    expect(await lastMessage(doubtful)).toContain('is on its way')
    expect(await live.look(doubtful)).toEqual(['Found (OPEN)'])
  })

  test('one that an exit was having cancelled is not counted on, and the exit is not done', async () => {
    const botId = await live.guarded()
    await live.engine.crossDown(50_100)
    await tick(botId)
    await stop(botId, 'KEEP')
    expect(await lastMessage(botId)).toContain('count on none')
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await live.engine.openPosition(botId)).not.toBeNull()
    expect(await live.engine.state(botId)).toMatchObject({ exit_purpose: null, next_tick_at: null })
  })

  test('cancelled by a person meanwhile: told that nothing guards the position now', async () => {
    const botId = await live.guarded()
    await stop(botId, 'KEEP')
    const { client_order_id: clientOrderId } = await live.lastStop(botId)
    await (await live.account()).cancelOrder({ symbol: 'BTC/USDT', clientOrderId, exchangeOrderId: null })
    await live.look(botId)
    expect(await lastMessage(botId)).toContain('nothing guards its position now')
  })

  test('started again, it takes position and stop up as they are', async () => {
    const botId = await live.guarded()
    await stop(botId, 'KEEP')
    await live.engine.in((tx) =>
      updateBot(tx, live.actor, { id: botId, revision: 1, changes: { cooldownSeconds: 5 } }, () => []),
    )
    await start(botId)
    await reconcileAccount({ apiKeyId: live.apiKeyId }, live.engine.deps)
    expect(await tick(botId)).toBe('Ticked, PENDING to RUNNING')
    await live.see(50_000)
    expect(await tick(botId)).toBe('Ticked')
    expect(await live.stops(botId)).toHaveLength(1)
    expect(await openOrders()).toHaveLength(1)
    await stop(botId, 'CLOSE')
    await live.look(botId)
    expect(await tick(botId)).toBe('Ticked, CLOSE intended')
    await send(botId)
    await tick(botId)
    await live.expectFlat(botId)
  })

  test('deleted with KEEP: the stop rests on, is watched, and books its fill', async () => {
    const botId = await live.guarded()
    await stop(botId, 'KEEP')
    await remove(botId, 'KEEP')
    expect(await lastMessage(botId)).toMatch(/^Deleted\..*stays at the exchange/)
    await expect(live.engine.in((tx) => deleteApiKey(tx, live.actor.userId, live.apiKeyId))).rejects.toThrow(
      'not settled',
    )
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    await live.expectFlat(botId)
    await live.engine.in((tx) => deleteApiKey(tx, live.actor.userId, live.apiKeyId))
  })

  test('deleted while the stop is in doubt: not before that is settled', async () => {
    const botId = await live.holding()
    await tick(botId)
    await live.fault('drop')
    await send(botId)
    await stop(botId, 'KEEP')
    await remove(botId, 'KEEP')
    expect(await lastMessage(botId)).toMatch(/^To be deleted\./)
    await tick(botId)
    expect(await live.count(botId, 'DELETED')).toBe(0)
    await live.look(botId)
    await tick(botId)
    expect(await live.count(botId, 'DELETED')).toBe(1)
    expect(await openOrders()).toHaveLength(1)
  })
})

describe('closed', () => {
  test('stop with CLOSE: the stop is cancelled and seen terminal, then the position is sold', async () => {
    const botId = await live.guarded()
    await stop(botId, 'CLOSE')
    expect(await tick(botId)).toBe('Ticked')
    expect(await live.engine.state(botId)).toMatchObject({ status: 'STOPPED', closing: true })
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await tick(botId)).toBe('Ticked, CLOSE intended')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    await tick(botId)
    await live.expectFlat(botId)
    expect(await live.engine.state(botId)).toMatchObject({ closing: false, next_tick_at: null })
    expect((await live.books.venueOrders()).map((order) => order.status)).toEqual([
      'FILLED',
      'CANCELED',
      'FILLED',
    ])
  })

  test('halted with closePositions, and deleted with CLOSE: likewise', async () => {
    const halted = await live.guarded()
    const deleted = await live.guarded()
    await stop(deleted, 'KEEP')
    await remove(deleted, 'CLOSE')
    await live.engine.in((tx) => haltTrading(tx, live.actor, true))
    for (const botId of [halted, deleted]) {
      expect(await tick(botId)).toBe('Ticked')
      expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
      expect(await tick(botId)).toBe('Ticked, CLOSE intended')
      expect(await send(botId)).toEqual(['Placed (FILLED)'])
      await tick(botId)
      expect(await live.engine.openPosition(botId)).toBeNull()
    }
    expect(await openOrders()).toEqual([])
    expect(await live.count(deleted, 'DELETED')).toBe(1)
  })

  test('the stop fills before its cancel: flat without another order', async () => {
    const botId = await live.guarded()
    await stop(botId, 'CLOSE')
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    expect(await tick(botId)).toBe('Ticked')
    await live.expectFlat(botId)
    expect(await live.engine.state(botId)).toMatchObject({ closing: false, next_tick_at: null })
  })

  test('a choice is asked for while a stop is unsettled, position or not', async () => {
    const botId = await live.guarded()
    await expect(stop(botId, null)).rejects.toThrow('choose openPosition')
    await live.db.pool.query(
      `UPDATE positions SET closed_at = tradebot_now(), amount = 0, cost = 0 WHERE bot_id = $1`,
      [botId],
    )
    await expect(stop(botId, null)).rejects.toThrow('not settled')
    await stop(botId, 'KEEP')
    expect(await live.look(botId), 'nothing is left for it to guard').toEqual(['Found (CANCELED)'])
  })
})

test('key and direction change only stopped, flat and settled: not while a position or a stop is left', async () => {
  const botId = await live.guarded()
  const { credentials } = await openSandboxAccount(live.sandboxUrl)
  const otherKey = await live.engine.key(live.actor, credentials)
  const change = () =>
    live.engine.in((tx) =>
      updateBot(tx, live.actor, { id: botId, revision: 1, changes: { apiKeyId: otherKey } }, () => []),
    )
  await expect(change(), 'it runs').rejects.toThrow('apiKeyId can be changed only')
  await stop(botId, 'KEEP')
  await expect(change(), 'it holds, and its stop rests').rejects.toThrow('apiKeyId can be changed only')
  await live.db.pool.query(
    `UPDATE positions SET closed_at = tradebot_now(), amount = 0, cost = 0 WHERE bot_id = $1`,
    [botId],
  )
  await expect(change(), 'its stop rests').rejects.toThrow('apiKeyId can be changed only')
  await expect(live.engine.in((tx) => deleteApiKey(tx, live.actor.userId, live.apiKeyId))).rejects.toThrow(
    'is used by',
  )
  await live.db.pool.query(
    `UPDATE orders SET status = 'CANCELED', next_settle_at = NULL WHERE bot_id = $1 AND status = 'OPEN'`,
    [botId],
  )
  await change()
})
