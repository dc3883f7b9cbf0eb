import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BotConfig } from './bot.ts'
import { aConfig } from './bot.fixture.ts'
import { BOT_RANGES, describeRange, inRange, type Range, validateBotConfig } from './bot-config.ts'
import { Decimal, decimal } from './money.ts'
import { STRATEGIES } from './strategies/index.ts'
import { venueFacts } from './venues.ts'

const venue = { ...venueFacts('sandbox'), timeframes: ['1s', '1m', '1h'] }
const issuesOf = (more: Partial<BotConfig>, rules: Parameters<typeof validateBotConfig>[1] = venue) =>
  validateBotConfig(aConfig(more), rules)
const fieldsOf = (more: Partial<BotConfig>, rules: Parameters<typeof validateBotConfig>[1] = venue) =>
  issuesOf(more, rules).map((issue) => issue.path.join('.'))

test('the standard configuration breaks no rule', () => {
  expect(issuesOf({})).toEqual([])
})

describe.each(Object.entries(BOT_RANGES) as [keyof typeof BOT_RANGES, Range][])('%s', (field, range) => {
  test.each(outside(range))(`%s is refused with the field and the rule`, (value) => {
    const issues = issuesOf(given(field, value)).filter((issue) => issue.path[0] === field)
    expect(
      issues.some((issue) => issue.message.includes(`${field} ${describeRange(range)}; it is ${value}.`)),
    ).toBe(true)
  })
  test.each(inside(range))(`%s is in range`, (value) => {
    expect(inRange(decimal(value), range)).toBe(true)
    expect(issuesOf(given(field, value)).some((issue) => issue.message.includes(describeRange(range)))).toBe(
      false,
    )
  })
})

test('optional limits may be off', () => {
  const off: Partial<BotConfig> = {
    dailyTargetPerc: null,
    maxDailyLossPerc: null,
    maxDailyTrades: null,
    maxDrawdownPerc: null,
    trailingStopPerc: null,
    transferAmount: null,
    cooldownSeconds: null,
    maxOrderValue: null,
    maxOrdersPerMinute: null,
    priceCollarPerc: null,
  }
  expect(issuesOf(off)).toEqual([])
})

test('fields that depend on each other', () => {
  expect(fieldsOf({ emaFast: 26, emaSlow: 26 })).toEqual(['emaFast'])
  expect(fieldsOf({ rsiOversold: decimal(70), rsiOverbought: decimal(70) })).toEqual(['rsiOversold'])
  expect(fieldsOf({ positionSizeFixed: decimal('1000.000000000000000001') })).toEqual(['positionSizeFixed'])
  expect(fieldsOf({ positionSizeFixed: decimal(1000) })).toEqual([])
  expect(fieldsOf({ maxOrderValue: decimal('99.99') })).toEqual(['maxOrderValue'])
  expect(fieldsOf({ direction: 'SHORT' })).toEqual(['direction'])
  expect(fieldsOf({ leverage: 2 })).toEqual(['leverage'])
  expect(fieldsOf({ autoTransferFunds: true })).toEqual(['autoTransferFunds', 'transferAmount'])
})

test('texts: a name of blanks is none, a symbol is of its kind of market, a timeframe is one', () => {
  expect(fieldsOf({ name: '   ' })).toEqual(['name'])
  expect(fieldsOf({ name: 'x'.repeat(100) })).toEqual([])
  expect(fieldsOf({ name: 'x'.repeat(101) })).toEqual(['name'])
  expect(fieldsOf({ symbol: 'BTCUSDT' })).toEqual(['symbol'])
  expect(fieldsOf({ symbol: 'BTC/USDT:USDT' })).toEqual(['symbol'])
  expect(fieldsOf({ positionType: 'FUTURES' })).toEqual(['symbol'])
  for (const symbol of ['BTC/USDT:', 'BTC:USDT', 'BTC/USDT:USDT-261225', 'BTC/USDT:USDT:USDT'])
    expect(fieldsOf({ positionType: 'FUTURES', symbol }), symbol).toEqual(['symbol'])
  for (const timeframe of ['', '0m', '1M', '1x', 'm', '1000m', '1.5h'])
    expect(fieldsOf({ timeframe }), timeframe).toEqual(['timeframe'])
})

test('what the venue allows', () => {
  expect(fieldsOf({}, null)).toEqual(['exchange'])
  expect(fieldsOf({ mode: 'LIVE' }, { ...venue, live: false })).toEqual(['mode'])
  expect(fieldsOf({ checkIntervalSeconds: 29 }, { ...venue, minCheckIntervalSeconds: 30 })).toEqual([
    'checkIntervalSeconds',
  ])
  expect(fieldsOf({ timeframe: '5m' })).toEqual(['timeframe'])
  expect(fieldsOf({ timeframe: '5m' }, { ...venue, timeframes: [] }), 'not known yet').toEqual([])
})

const perpetual = { positionType: 'FUTURES', symbol: 'BTC/USDT:USDT' } as const

test('a perpetual is traded in either direction, with leverage', () => {
  expect(issuesOf(perpetual)).toEqual([])
  for (const direction of ['LONG', 'SHORT', 'BOTH'] as const)
    expect(issuesOf({ ...perpetual, direction, leverage: 125 })).toEqual([])
  expect(fieldsOf({ ...perpetual, leverage: 126 })).toEqual(['leverage'])
})

test('leverage out of range is told once on a spot market too', () => {
  expect(fieldsOf({ leverage: 126 })).toEqual(['leverage'])
  expect(fieldsOf({ leverage: 0 })).toEqual(['leverage'])
})

test('a short cannot take a profit of its whole price, for that would be 0 or less', () => {
  for (const direction of ['SHORT', 'BOTH'] as const) {
    expect(issuesOf({ ...perpetual, direction, takeProfitPerc: decimal(100) })).toEqual([
      {
        path: ['takeProfitPerc'],
        message: `takeProfitPerc must be less than 100 where direction is ${direction}: a short position's price would have to fall to 0 or less; it is 100.`,
      },
    ])
    expect(fieldsOf({ ...perpetual, direction, takeProfitPerc: decimal('99.99') })).toEqual([])
    expect(fieldsOf({ ...perpetual, direction, takeProfitPerc: decimal(1001) })).toEqual(['takeProfitPerc'])
  }
  expect(fieldsOf({ ...perpetual, takeProfitPerc: decimal(150) }), 'a long may').toEqual([])
  expect(fieldsOf({ takeProfitPerc: decimal(150) }), 'and so may SPOT').toEqual([])
})

test('a transfer that venues would round to nothing is refused', () => {
  expect(issuesOf({ ...perpetual, transferAmount: decimal('0.000000009') })).toEqual([
    {
      path: ['transferAmount'],
      message: 'transferAmount must be at least 0.00000001; it is 0.000000009.',
    },
  ])
  expect(fieldsOf({ ...perpetual, transferAmount: decimal('0.00000001') })).toEqual([])
  expect(fieldsOf({ ...perpetual, transferAmount: decimal(0) }), 'told once').toEqual(['transferAmount'])
})

test('LIVE is offered per kind of market, and the refusal says what there is instead', () => {
  const live = { ...perpetual, mode: 'LIVE' } as const
  expect(issuesOf(live)).toEqual([])
  const messages = (config: Partial<BotConfig>, rules: Partial<typeof venue>) =>
    issuesOf(config, { ...venue, ...rules }).map((issue) => issue.message)
  expect(messages(live, { liveFutures: false })).toEqual([
    'LIVE FUTURES is not offered on sandbox yet; choose PAPER, SPOT or another exchange.',
  ])
  expect(messages(live, { liveFutures: false, live: false })).toEqual([
    'LIVE FUTURES is not offered on sandbox yet; choose PAPER, or another exchange.',
  ])
  expect(messages({ mode: 'LIVE' }, { live: false })).toEqual([
    'LIVE is not offered on sandbox yet; choose PAPER, or another exchange.',
  ])
  expect(messages({ mode: 'LIVE' }, { liveFutures: false })).toEqual([])
})

test('funds move by themselves only where there are two wallets, a way between them and something to move', () => {
  const moving = {
    ...perpetual,
    mode: 'LIVE',
    autoTransferFunds: true,
    transferAmount: decimal(50),
  } as const
  expect(issuesOf(moving)).toEqual([])
  expect(fieldsOf({ ...moving, transferAmount: null })).toEqual(['transferAmount'])
  const message = (config: Partial<BotConfig>, rules: Partial<typeof venue> = {}) => {
    const [issue, ...others] = issuesOf(config, { ...venue, ...rules })
    expect(issue?.path).toEqual(['autoTransferFunds'])
    expect(others).toEqual([])
    return issue?.message
  }
  expect(message({ ...moving, mode: 'PAPER' })).toContain('needs mode LIVE')
  expect(message(moving, { oneWallet: true, transfers: false })).toContain('from one wallet. Turn it off.')
  expect(message(moving, { transfers: false })).toContain('is not offered on sandbox yet. Turn it off')
})

test('strategies and their parameters are known ones', () => {
  expect(fieldsOf({ strategy: 'NOPE' })).toEqual(['strategy'])
  const unknown = { name: 'nope', value: decimal(1) }
  expect(fieldsOf({ strategyParams: [unknown, unknown] })).toEqual([
    'strategyParams.0.name',
    'strategyParams.1.name',
    'strategyParams.1.name',
  ])
})

test('a strategy’s parameters lie in their ranges, and agree with one another', () => {
  const issues = (strategy: string, params: Record<string, number | string>) =>
    validateBotConfig(
      aConfig({
        strategy,
        strategyParams: Object.entries(params).map(([name, value]) => ({ name, value: decimal(value) })),
      }),
      venue,
    ).map(({ path, message }) => `${path.join('.')}: ${message}`)
  for (const { id, parameters } of STRATEGIES) {
    expect(issues(id, {}), id).toEqual([])
    for (const { name, range } of parameters) {
      const least = Number(range.min)
      expect(issues(id, { [name]: least - 0.01 })[0], `${id} ${name}`).toContain('strategyParams.0.value')
      expect(issues(id, { [name]: Number(range.max) + 1 })[0], `${id} ${name}`).toContain(
        'strategyParams.0.value',
      )
      if (range.integer) expect(issues(id, { [name]: least + 0.5 })[0]).toContain('a whole number')
    }
  }
  expect(issues('MACD', { signalPeriod: 9, fastPeriod: 26 })).toEqual([
    'strategyParams.1.value: fastPeriod must be less than slowPeriod; they are 26 and 26.',
  ])
  expect(issues('MACD', { slowPeriod: 12 })).toEqual([
    'strategyParams: fastPeriod must be less than slowPeriod; they are 12 and 12.',
  ])
  expect(issues('DONCHIAN', { entryPeriod: 5, exitPeriod: 6 })).toEqual([
    'strategyParams.1.value: exitPeriod must be at most entryPeriod; they are 6 and 5.',
  ])
  expect(issues('DONCHIAN', { entryPeriod: 5, exitPeriod: 5 })).toEqual([])
})

test('every field that is wrong is named, all at once', () => {
  const fields = fieldsOf({
    name: '',
    stopLossPerc: decimal(0),
    takeProfitPerc: decimal(-1),
    emaFast: 0,
    timeframe: 'x',
  })
  expect(fields.toSorted()).toEqual(['emaFast', 'name', 'stopLossPerc', 'takeProfitPerc', 'timeframe'])
})

test('no finite number makes validation throw', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(...(Object.keys(BOT_RANGES) as (keyof typeof BOT_RANGES)[])),
      (value, field) => {
        for (const issue of issuesOf(given(field, new Decimal(value).toFixed())))
          expect(issue.message).toMatch(/\.$/)
      },
    ),
  )
})

function given(field: keyof typeof BOT_RANGES, value: string): Partial<BotConfig> {
  return { [field]: 'integer' in BOT_RANGES[field] ? Number(value) : decimal(value) }
}

/** One step of the smallest difference beyond each end. */
function outside(range: Range): string[] {
  const step = range.integer ? '1' : '0.000000000000000001'
  return [
    ...(range.above === undefined ? [] : [range.above]),
    ...(range.below === undefined ? [] : [range.below]),
    ...(range.min === undefined ? [] : [decimal(range.min).minus(step).toFixed()]),
    ...(range.max === undefined ? [] : [decimal(range.max).plus(step).toFixed()]),
    ...(range.integer ? ['2.5'] : []),
  ]
}

function inside(range: Range): string[] {
  const step = '0.000000000000000001'
  return [
    ...(range.above === undefined ? [] : [decimal(range.above).plus(step).toFixed()]),
    ...(range.below === undefined ? [] : [decimal(range.below).minus(step).toFixed()]),
    ...(range.min === undefined ? [] : [range.min]),
    ...(range.max === undefined ? [] : [range.max]),
  ]
}
