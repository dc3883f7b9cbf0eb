import { beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from './api.ts'
import type { Sandbox } from './sandbox.ts'
import type { System } from './system.ts'
import { signUp, type Trader } from './trader.ts'

const bot = {
  name: 'never written',
  exchange: 'sandbox',
  symbol: 'BTC/USDT',
  timeframe: '1s',
  initialCapital: '1000',
  positionSizeFixed: '100',
  stopLossPerc: '2',
  takeProfitPerc: '4',
  checkIntervalSeconds: 1,
}

const perpetual = { positionType: 'FUTURES', symbol: 'BTC/USDT:USDT' }

/** Each wrong value, with the field that must be named and a word of the rule. */
const wrongBots: [Record<string, unknown>, string, RegExp][] = [
  [{ name: '' }, 'name', /1 to 100/],
  [{ name: 'x'.repeat(101) }, 'name', /100/],
  [{ exchange: 'nowhere' }, 'exchange', /not offered/],
  [{ symbol: 'BTC/NOTHING' }, 'symbol', /./],
  [{ symbol: 'BTC/USDT:USDT' }, 'symbol', /SPOT/],
  [{ timeframe: 'soon' }, 'timeframe', /1m/],
  [{ exchange: 'mexc', mode: 'LIVE', checkIntervalSeconds: 30 }, 'mode', /PAPER/],
  [{ initialCapital: '0' }, 'initialCapital', /more than 0/],
  [{ initialCapital: '-1' }, 'initialCapital', /more than 0/],
  [{ positionSizeFixed: '1001' }, 'positionSizeFixed', /initialCapital/],
  [{ stopLossPerc: '0' }, 'stopLossPerc', /more than 0/],
  [{ stopLossPerc: '100' }, 'stopLossPerc', /less than 100/],
  [{ takeProfitPerc: '-0.1' }, 'takeProfitPerc', /at least 0/],
  [{ trailingStopPerc: '0' }, 'trailingStopPerc', /more than 0/],
  [{ dailyTargetPerc: '0' }, 'dailyTargetPerc', /more than 0/],
  [{ maxDailyLossPerc: '100.1' }, 'maxDailyLossPerc', /at most 100/],
  [{ maxDailyTrades: 0 }, 'maxDailyTrades', /at least 1/],
  [{ maxDrawdownPerc: '101' }, 'maxDrawdownPerc', /at most 100/],
  [{ paperFeePerc: '11' }, 'paperFeePerc', /at most 10/],
  [{ paperSlippagePerc: '-1' }, 'paperSlippagePerc', /at least 0/],
  [{ emaFast: 26, emaSlow: 12 }, 'emaFast', /less than emaSlow/],
  [{ emaSlow: 1001 }, 'emaSlow', /at most 1000/],
  [{ rsiPeriod: 1 }, 'rsiPeriod', /at least 2/],
  [{ rsiOverbought: '101' }, 'rsiOverbought', /at most 100/],
  [{ rsiOverbought: '70', rsiOversold: '80' }, 'rsiOversold', /less than rsiOverbought/],
  [{ strategy: 'CRYSTAL_BALL' }, 'strategy', /not known/],
  [{ strategyParams: [{ name: 'nope', value: '1' }] }, 'strategyParams', /no parameter/],
  [{ ...perpetual, symbol: 'ETH/BTC:BTC' }, 'symbol', /no perpetual.*SPOT/],
  [{ ...perpetual, leverage: 126 }, 'leverage', /at most 125/],
  [{ ...perpetual, symbol: 'XRP/USDT:USDT', leverage: 60 }, 'leverage', /at most 50/],
  [{ ...perpetual, leverage: 20, stopLossPerc: '6' }, 'stopLossPerc', /liquidat.*leverage to at most/],
  [{ ...perpetual, autoTransferFunds: true, transferAmount: '10' }, 'autoTransferFunds', /LIVE/],
  [{ direction: 'SHORT' }, 'direction', /LONG/],
  [{ leverage: 2 }, 'leverage', /1/],
  [{ transferAmount: '0' }, 'transferAmount', /more than 0/],
  [{ autoTransferFunds: true }, 'autoTransferFunds', /FUTURES/],
  [{ checkIntervalSeconds: 0 }, 'checkIntervalSeconds', /at least 1/],
  [{ exchange: 'binance', checkIntervalSeconds: 29 }, 'checkIntervalSeconds', /at least 30/],
  [{ cooldownSeconds: -1 }, 'cooldownSeconds', /at least 0/],
  [{ maxOrderValue: '50' }, 'maxOrderValue', /positionSizeFixed/],
  [{ maxOrdersPerMinute: 0 }, 'maxOrdersPerMinute', /at least 1/],
  [{ priceCollarPerc: '0' }, 'priceCollarPerc', /more than 0/],
]

/** Input that breaks a rule, and what belongs to somebody else. */
export function testRefusals(opened: () => { system: System; sandbox: Sandbox }): void {
  let trader: Trader
  let stranger: Trader
  let botId: string
  let keyId: string
  beforeAll(async () => {
    const { system, sandbox } = opened()
    trader = await signUp(system.url)
    stranger = await signUp(system.url)
    keyId = await trader.addKey(await sandbox.newAccount())
    botId = (await trader.createBot({ mode: 'LIVE', apiKeyId: keyId })).id
  })

  describe('wrong input names the field and the rule, and nothing is written', () => {
    test.each(wrongBots)('createBot %j', async (wrong, field, rule) => {
      const input = { ...bot, ...wrong }
      await names(
        trader.mutate('createBot(input: $input)', '$input: CreateBotInput!', { input }, ''),
        field,
        rule,
      )
      const { bots } = await trader.api.ask('{ bots { totalCount } }')
      expect(bots.totalCount).toBe(1)
    })

    const updatable = wrongBots.filter(
      ([wrong]) => !['exchange', 'symbol', 'mode', 'positionType'].some((field) => field in wrong),
    )
    test.each(updatable)('updateBot %j', async (wrong, field, rule) => {
      const before = await trader.bot(botId)
      // Sizes that the wrong values are wrong against.
      const input = {
        id: botId,
        revision: before.revision,
        initialCapital: '1000',
        positionSizeFixed: '100',
        ...wrong,
      }
      await names(
        trader.mutate('updateBot(input: $input)', '$input: UpdateBotInput!', { input }, ''),
        field,
        rule,
      )
      expect((await trader.bot(botId)).revision).toBe(before.revision)
    })

    test.each([
      [{ email: 'nobody' }, 'email'],
      [{ username: 'x' }, 'username'],
      [{ password: 'short' }, 'password'],
    ])('signUp %j', async (wrong, field) => {
      const input = { email: 'new@example.com', username: 'newcomer', password: 'A-long-enough-1!', ...wrong }
      await names(trader.mutate('signUp(input: $input)', '$input: SignUpInput!', { input }, ''), field, /./)
    })

    test.each([
      [{ exchange: 'nowhere' }, 'exchange'],
      [{ label: '' }, 'label'],
      [{ apiKey: '' }, 'apiKey'],
      [{ secretKey: '' }, 'secretKey'],
    ])('addApiKey %j', async (wrong, field) => {
      const input = {
        exchange: 'sandbox',
        label: 'another',
        apiKey: 'abcdefgh',
        secretKey: 'abcdefgh',
        ...wrong,
      }
      await names(
        trader.mutate('addApiKey(input: $input)', '$input: AddApiKeyInput!', { input }, ''),
        field,
        /./,
      )
      expect((await trader.api.ask('{ apiKeys { id } }')).apiKeys).toHaveLength(1)
    })

    test.each([
      [{ apiKey: '' }, 'apiKey'],
      [{ secretKey: '' }, 'secretKey'],
    ])('replaceApiKey %j', async (wrong, field) => {
      const input = { id: keyId, apiKey: 'abcdefgh', secretKey: 'abcdefgh', ...wrong }
      await names(
        trader.mutate('replaceApiKey(input: $input)', '$input: ReplaceApiKeyInput!', { input }, ''),
        field,
        /./,
      )
    })

    test('signIn with what is no address', async () => {
      const input = { email: '', password: '' }
      const answer = await trader.mutate('signIn(input: $input)', '$input: SignInInput!', { input }, '')
      expect(['ValidationError', 'UnauthenticatedError']).toContain(answer.__typename)
    })

    test('a value of the wrong type is refused with the path to it', async () => {
      const input = { ...bot, initialCapital: 'much' }
      const answer = trader.mutate('createBot(input: $input)', '$input: CreateBotInput!', { input }, '')
      await expect(answer).rejects.toThrow(/initialCapital/)
    })
  })

  describe('what is another user’s is not there', () => {
    test.each([
      ['startBot(id: $id)', '$id: ID!'],
      ['pauseBot(id: $id)', '$id: ID!'],
      ['resumeBot(id: $id)', '$id: ID!'],
      ['stopBot(id: $id, openPosition: CLOSE)', '$id: ID!'],
      ['deleteBot(id: $id)', '$id: ID!'],
      ['updateBot(input: { id: $id, revision: 1, name: "mine" })', '$id: ID!'],
    ])('%s', async (call, types) => {
      const answer = await stranger.mutate(call, types, { id: botId }, '')
      expect(answer.__typename).toBe('NotFoundError')
      expect((await trader.bot(botId)).state.status).toBe('STOPPED')
      expect((await trader.bot(botId)).name).not.toBe('mine')
    })

    test('keys, and orders that do not exist', async () => {
      const replaced = await stranger.mutate(
        'replaceApiKey(input: { id: $id, apiKey: "abcdefgh", secretKey: "abcdefgh" })',
        '$id: ID!',
        { id: keyId },
        '',
      )
      const deleted = await stranger.mutate('deleteApiKey(id: $id)', '$id: ID!', { id: keyId }, '')
      const resolved = await stranger.mutate(
        'resolveOrder(input: { id: $id, outcome: NOT_PLACED })',
        '$id: ID!',
        { id: '999999' },
        '',
      )
      for (const answer of [replaced, deleted, resolved]) expect(answer.__typename).toBe('NotFoundError')
      expect(
        (await stranger.api.ask('query ($id: ID!) { bot(id: $id) { id } }', { id: botId })).bot,
      ).toBeNull()
      expect((await trader.api.ask('{ apiKeys { id } }')).apiKeys).toHaveLength(1)
    })

    test('a bot cannot be made with another user’s key', async () => {
      const input = { ...bot, mode: 'LIVE', apiKeyId: keyId }
      await names(
        stranger.mutate('createBot(input: $input)', '$input: CreateBotInput!', { input }, ''),
        'apiKeyId',
        /./,
      )
    })
  })
}

async function names(mutation: Promise<Answer>, field: string, rule: RegExp): Promise<void> {
  const answer = await mutation
  expect(answer.__typename, JSON.stringify(answer)).toBe('ValidationError')
  const issue = answer.issues.find((each: Answer) => each.path.includes(field))
  expect(issue, JSON.stringify(answer.issues)).toBeDefined()
  expect(issue.message).toMatch(rule)
}
