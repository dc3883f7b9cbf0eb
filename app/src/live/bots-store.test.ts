import { expect, test } from 'vitest'
import type { BotLive } from '../graphql/documents/bots.ts'
import { bots, forgetAllBots, mergeBot } from './bots-store.ts'

const botAt = (version: string, status: BotLive['state']['status']): BotLive => ({
  id: '1',
  name: 'Bot',
  exchange: 'sandbox',
  symbol: 'BTC/USDT',
  timeframe: '1s',
  mode: 'PAPER',
  positionType: 'SPOT',
  direction: 'LONG',
  leverage: 1,
  checkIntervalSeconds: 1,
  isActive: true,
  revision: 1,
  allowedCommands: ['STOP'],
  position: null,
  notTradingBecause: null,
  state: {
    status,
    version,
    pauseReason: null,
    errorCode: null,
    errorMessage: null,
    closing: false,
    notice: null,
    noticeMessage: null,
    dailyPnl: '0',
    dailyTradeCount: 0,
    totalPnl: '0',
    equity: '1000',
    lastPrice: null,
    markPrice: null,
    lastSignal: null,
    lastTickAt: null,
    nextTickAt: null,
    updatedAt: '2026-11-22T00:00:00.000Z',
  },
})

test('the newest state wins, whichever way and order it came', () => {
  forgetAllBots()
  mergeBot(botAt('3', 'RUNNING'))
  mergeBot(botAt('2', 'PENDING'))
  expect(bots['1']?.state.status).toBe('RUNNING')
  mergeBot(botAt('4', 'PAUSED'))
  expect(bots['1']?.state.status).toBe('PAUSED')
})

test("the answer of a query stays as it was when the bot moves on, with the query's further fields", () => {
  forgetAllBots()
  const answer = { bot: { ...botAt('1', 'STOPPED'), strategyParams: [] } }
  mergeBot(answer.bot)
  mergeBot(botAt('2', 'RUNNING'))
  expect(answer.bot.strategyParams).toEqual([])
  expect(answer.bot.state.status).toBe('STOPPED')
  expect(bots['1']?.state.status).toBe('RUNNING')
})
