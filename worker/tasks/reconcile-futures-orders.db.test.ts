import { expect, test } from 'vitest'
import { decimal } from '#trading/domain/money.ts'
import { aSavedBot } from '#trading/store/bot.fixture.ts'
import { startBot } from '#trading/store/bot-commands.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { noteRestored, restoredGate } from '#trading/store/restored.ts'
import { control, openSandboxAccount } from '../exchange/sandbox.fixture.ts'
import { withLiveEngine } from './live.fixture.ts'
import { reconcileAccount } from './reconcile-account.ts'
import { makeVenueFutures } from './venue-futures.fixture.ts'

const live = withLiveEngine({ futures: true })
const compare = () => reconcileAccount({ apiKeyId: live.apiKeyId }, live.engine.deps)

test('a backup from before the entry: the order and its stop are taken over, the position is guarded again', async () => {
  const botId = await live.guarded({ direction: 'SHORT' })
  for (const table of ['orders', 'positions', 'bot_days'])
    await live.db.pool.query(`DELETE FROM ${table} WHERE bot_id = $1`, [botId])
  await live.db.pool.query(
    `UPDATE bot_states SET realized_pnl = 0, equity = 1000, daily_trade_count = 0 WHERE bot_id = $1`,
    [botId],
  )
  expect(await compare()).toBe('TAKE_OVER, TAKE_OVER')
  expect(await live.engine.openPosition(botId)).toMatchObject({ side: 'SELL', leverage: 10 })
  expect(await live.engine.orders(botId)).toMatchObject([
    { purpose: 'ENTRY', side: 'SELL', reduce_only: false },
    { purpose: 'PROTECTIVE_STOP', type: 'STOP_MARKET', side: 'BUY', status: 'OPEN', reduce_only: true },
  ])
  expect(await compare()).toBe('Agrees')
  await makeVenueFutures(live.engine, live.sandboxUrl, live.venueKey).expectToAgree(botId)
})

test('a position of a person’s own on the same market is theirs while the bot holds nothing', async () => {
  await live.engine.running(
    {
      mode: 'LIVE',
      apiKeyId: live.apiKeyId,
      positionType: 'FUTURES',
      symbol: 'BTC/USDT:USDT',
      leverage: 10,
    },
    live.actor,
  )
  const placed = await (
    await live.account()
  ).placeOrder({
    terms: { type: 'MARKET' },
    symbol: 'BTC/USDT:USDT',
    side: 'BUY',
    amount: decimal('0.01'),
    clientOrderId: `hand-${Date.now()}`,
    signedAt: Date.now(),
    recvWindowMs: 5_000,
    timeoutMs: 5_000,
  })
  expect(placed.kind).toBe('ACCEPTED')
  await control(live.sandboxUrl, 'POST', '/sandbox/funding', { symbol: 'BTCUSDT', rate: '0.0001' })
  expect(await compare()).not.toContain('PAUSE')
  const { rows } = await live.db.pool.query(`SELECT 1 FROM funding_payments WHERE account = $1`, [
    live.apiKeyId,
  ])
  expect(rows, 'their funding is theirs').toEqual([])
})

test('a key for spot alone: its futures bot stops with what to change, and is not asked about every second', async () => {
  const { credentials } = await openSandboxAccount(live.sandboxUrl, { permissions: { canFutures: false } })
  const apiKeyId = await live.engine.key(live.actor, credentials)
  const botId = await aSavedBot(live.db.pool, live.actor, {
    mode: 'LIVE',
    apiKeyId,
    positionType: 'FUTURES',
    symbol: 'BTC/USDT:USDT',
    leverage: 10,
  })
  await inTransaction(live.db.pool, noteRestored)
  await inTransaction(live.db.pool, (tx) => startBot(tx, live.actor, botId))
  expect(await reconcileAccount({ apiKeyId }, live.engine.deps)).toBe('KEY_REFUSED')
  expect(await restoredGate(live.db.pool, apiKeyId), 'what nobody could look at is not proven').toBe(
    'UNPROVEN',
  )
  const state = await live.engine.state(botId)
  expect(state).toMatchObject({ status: 'ERROR', error_code: 'KEY_REFUSED' })
  expect(state.error_message).toMatch(/refuses the API key .* on BTC\/USDT:USDT.*Allow futures for the key/)
})
