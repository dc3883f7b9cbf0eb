import { expect, test } from 'vitest'
import { START_PATIENCE_MS } from './initialise.ts'
import { aFuturesInput, anInput, later, NOW, READY } from './tick.fixture.ts'
import { tick } from './tick.ts'
import type { StartFacts } from './types.ts'

const start = (facts: Partial<StartFacts>, mode: 'PAPER' | 'LIVE' = 'LIVE', startedAt = NOW) =>
  tick(
    anInput({
      start: { ...READY, ...facts },
      state: { status: 'PENDING', startedAt },
      bot: { mode },
    }),
  )

test('a LIVE bot waits until its account was compared, and says nothing of it while all is well', () => {
  const plan = start({ reconciled: false })
  expect(plan.state).toMatchObject({ status: 'PENDING', errorCode: 'NOT_RECONCILED' })
  expect(plan.wants).toEqual(['reconcile_account'])
  expect(plan.events).toEqual([])
  expect(plan.state.nextTickAt).toEqual(later(1_000))
  expect(start({ reconciled: true }).state.status).toBe('RUNNING')
})

test('why the account cannot be compared is told, and after five minutes the bot is in ERROR', () => {
  const facts = { reconciled: false, reconcileError: 'sandbox cannot be reached.' }
  expect(start(facts).events).toMatchObject([
    { type: 'START_WAITING', message: expect.stringContaining('sandbox cannot be reached.') },
  ])
  const plan = start(facts, 'LIVE', later(-START_PATIENCE_MS - 1))
  expect(plan.state).toMatchObject({ status: 'ERROR', errorCode: 'NOT_RECONCILED' })
})

test('a PAPER bot has no account to compare', () => {
  expect(start({ reconciled: false }, 'PAPER').state.status).toBe('RUNNING')
})

test('a futures bot starts only where LIVE futures are proven, and within the leverage that the market allows', () => {
  const begin = (facts: Partial<StartFacts>, leverage: number) =>
    tick(
      aFuturesInput({
        start: { ...READY, ...facts },
        state: { status: 'PENDING', startedAt: NOW },
        bot: { mode: 'LIVE', apiKeyId: '3', leverage },
      }),
    ).state
  expect(begin({}, 125).status).toBe('RUNNING')
  expect(begin({}, 126)).toMatchObject({
    status: 'ERROR',
    errorCode: 'LEVERAGE_REFUSED',
    errorMessage:
      'sandbox allows BTC/USDT:USDT a leverage of 125 at most, and the bot has 126. Stop the bot, lower its leverage, then start it.',
  })
  expect(begin({ venueLive: false }, 10).errorMessage).toContain('LIVE futures trading is not offered')
})
