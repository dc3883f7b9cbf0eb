import { expect, test } from 'vitest'
import { UsageError } from '../frame/errors.ts'
import { inputOf, templateText } from './bot-input.ts'
import { distance } from '../frame/nearest.ts'
import { findBot } from './find-bot.ts'
import { COLUMNS as BOT_COLUMNS } from './list.ts'
import { plainLine, tableOf, widthOf } from './table.ts'
import { money, relativeTime, signed } from './words.ts'

test('a table is aligned by what a terminal shows, and cut to its width; what is spare goes first', () => {
  const columns = [
    { title: 'N', right: true as const },
    { title: 'NAME', least: 4 },
    { title: 'X', spare: true as const },
  ]
  const rows = [
    ['1', '日本', 'x'],
    ['22', { text: 'a long name', paint: (text: string) => `<${text}>` }, 'y'],
  ]
  expect(tableOf(columns, rows, null)).toBe(' N  NAME         X\n 1  日本         x\n22  <a long name>  y')
  expect(tableOf(columns, rows, 12)).toBe(' N  NAME   X\n 1  日本   x\n22  <a lo…>  y')
  expect(tableOf(columns, rows, 9)).toBe(' N  NAME\n 1  日本\n22  <a lo…>')
  expect(widthOf('é🙂')).toBe(3)
})

test('in a list of 80 columns the market is whole, a name keeps 16 characters, and what tells least goes first', () => {
  const row = (name: string, market: string) => [
    ...['1234', name, 'PAUSED (DAILY_LOSS)', market, 'LIVE', '10000.00', '+1234.56', '-12.34'],
    ...['short 0.12345', '42 min ago'],
  ]
  const name = 'A name that is much longer than any table has room for'
  const narrow = tableOf(BOT_COLUMNS, [row(name, 'krakenfutures BTC/USDT:USDT 15m')], 80)
  expect(narrow).toContain('krakenfutures BTC/USDT:USDT 15m  LIVE')
  expect(narrow).toContain('A name that is much longe…')
  expect(Math.max(...narrow.split('\n').map(widthOf))).toBeLessThanOrEqual(80)
  const narrowest = tableOf(BOT_COLUMNS, [row(name, 'krakenfutures BTC/USDT:USDT 15m')], 20)
  expect(narrowest).toContain('1234  A name that is …  PAUSED…  krakenfutures BTC/USDT:USDT 15m')
  const short = tableOf(BOT_COLUMNS, [row('Trend', 'sandbox BTC/USDT 1m')], 80)
  expect(short.split('\n')[0]?.split(/ +/).filter(Boolean)).toEqual([
    'ID',
    'NAME',
    'STATUS',
    'MARKET',
    'MODE',
    'EQUITY',
    'TOTAL',
    'TODAY',
  ])
  const file = tableOf(BOT_COLUMNS, [row(name, 'sandbox BTC/USDT 1m')], null)
  expect(file).toContain(`  ${name.slice(0, 39)}…  PAUSED (DAILY_LOSS)  sandbox BTC/USDT 1m`)
})

test('what others wrote is one line, without what a terminal obeys', () => {
  expect(plainLine('a\x1b[2Jb\r\nc\u202ed\x9be')).toBe('a [2Jb c d e')
})

test('times are short and relative, profits have a sign', () => {
  const now = Date.parse('2026-11-30T12:00:00.000Z')
  const told = [
    '2026-11-30T11:59:18.000Z',
    '2026-11-30T13:59:59.999Z',
    '2026-11-30T12:00:00.400Z',
    '2026-11-01T00:00:00.000Z',
    null,
  ]
  expect(told.map((time) => relativeTime(time, now))).toEqual([
    '42 s ago',
    'in 1 h',
    'now',
    '2026-11-01',
    '–',
  ])
  expect(['1.005', '-0.0012345', '0', '-0.000000001', '1234.5'].map(signed)).toEqual([
    '+1.00',
    '-0.00123',
    '0.00',
    '0.00000000',
    '+1234.50',
  ])
  expect(money('0.5')).toBe('0.500')
})

test('a bot is found by its number or name, unless it is the one of one and the other of another; what is near is offered', () => {
  const bots = [
    { id: '7', name: '8' },
    { id: '8', name: 'Trend' },
    { id: '9', name: '9' },
  ]
  expect(() => findBot(bots, '8')).toThrow('8 is the number of Trend (8) and the name of 8 (7).')
  expect(['7', 'Trend', '9'].map((wanted) => findBot(bots, wanted).id)).toEqual(['7', '8', '9'])
  expect(() => findBot(bots, 'trend ')).toThrow('There is no bot "trend ".')
  expect(distance('kitten', 'sitting')).toBe(3)
})

test('each commented setting of the template may be uncommented, by itself and with all others', () => {
  const lines = templateText().split('\n')
  const settings = lines.flatMap((line, index) => (/^\s*\/\/\W*"\w+": /.test(line) ? [index] : []))
  expect(settings).toHaveLength(28)
  // As a person does it: the two strokes go, nothing else.
  const uncomment = (wanted: readonly number[]) =>
    lines.map((line, index) => (wanted.includes(index) ? line.replace('//', '') : line)).join('\n')
  for (const index of settings) {
    const [name = ''] = /\w+(?=": )/.exec(lines[index] ?? '') ?? []
    expect(Object.keys(inputOf(uncomment([index]), []))).toContain(name)
  }
  expect(Object.keys(inputOf(uncomment(settings), []))).toHaveLength(36)
})

test('a comment ends a line of the file, and is none within a text', () => {
  const text = templateText().replace('"My first bot",', String.raw`"http://a\"b,}" , // why`)
  expect(inputOf(text, [])).toMatchObject({ name: 'http://a"b,}' })
})

test('the template is an input, pairs come before it, and what is wrong is told on a line each', () => {
  const input = inputOf(templateText(), [
    'leverage=3',
    'strategyParams.period=20',
    'resumeNextDay=false',
    'maxOrderValue=null',
  ])
  expect(input).toMatchObject({
    name: 'My first bot',
    stopLossPerc: '2',
    leverage: 3,
    strategyParams: [{ name: 'period', value: '20' }],
    resumeNextDay: false,
    maxOrderValue: null,
  })
  expect(
    inputOf('{"initialCapital": 2.5}', [
      'name=a',
      'exchange=b',
      'symbol=c',
      'timeframe=d',
      'positionSizeFixed=1',
      'stopLossPerc=1',
      'takeProfitPerc=1',
    ]),
  ).toMatchObject({ initialCapital: '2.5' })
  expect(() => inputOf(undefined, [])).toThrow('--template prints')
  expect(() => inputOf('[1]', [])).toThrow('it must be an object')
  expect(() => inputOf('{"a": }', [])).toThrow(UsageError)
  expect(() => inputOf(undefined, ['emaFast=1.5', 'noequals', 'resumeNextDay=ja'])).toThrow(
    /^--set emaFast: "1\.5" is no whole number\.\n--set must be NAME=VALUE; "noequals" is not\.\n--set resumeNextDay: "ja" is neither true nor false\.\nname is missing: /,
  )
})
