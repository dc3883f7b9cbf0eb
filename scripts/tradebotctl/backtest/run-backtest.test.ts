import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { randomWalk } from '#trading/domain/backtest/random-walk.ts'
import { STRATEGIES } from '#trading/domain/strategies/index.ts'
import { backtest } from '../commands/backtest.ts'
import { tradebotctl } from '../testing/run.ts'
import { backtestResult } from './result-shape.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'backtest-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Each run is a process of its own. */
const slow = { timeout: 60_000 }

async function run(...args: string[]) {
  const { code, stdout, stderr } = await tradebotctl(['backtest', ...args])
  return { status: code, stdout, stderr }
}

function aFile(): string {
  const { openTime, open, high, low, close, volume } = randomWalk({ seed: 3, count: 600, lengthMs: 900_000 })
  const rows = [...openTime].map((at, index) =>
    [new Date(at).toISOString(), ...[open, high, low, close, volume].map((column) => column[index])].join(
      ',',
    ),
  )
  const file = path.join(folder, 'candles.csv')
  writeFileSync(file, `openTimeMs,open,high,low,close,volume\n${rows.join('\n')}\n`)
  return file
}

test('a file is run from the shell, for people and as JSON, with the same figures', slow, async () => {
  const args = ['--csv', aFile(), '--param', 'emaFast=3', '--param', 'emaSlow=8', '--capital', '500']
  const told = await run(...args)
  expect(told).toMatchObject({ status: 0, stderr: '' })
  expect(told.stdout).toMatch(/^Bot +EMA_RSI on BTC\/USDT 15m$/m)
  const { status, stdout } = await run(...args, '--json')
  expect(status).toBe(0)
  const { figures, trips } = backtestResult.parse(JSON.parse(stdout).result)
  expect(trips).toHaveLength(figures.trades + figures.openTrades)
  expect(figures.trades).toBeGreaterThan(10)
  expect(told.stdout).toMatch(new RegExp(`^Equity +${Number(figures.finalEquity).toFixed(2)} USDT$`, 'm'))
})

test('what is wrong is said in a sentence, with an exit code', slow, async () => {
  expect(await run('--help')).toMatchObject({ status: 0, stderr: '' })
  expect(await run()).toMatchObject({ status: 2, stdout: '' })
  const nowhere = { status: 3, stdout: '', stderr: '--csv: there is no file nowhere.csv.\n' }
  expect(await run('--csv', 'nowhere.csv')).toEqual(nowhere)
  expect(await run('--csv', folder)).toEqual({
    ...nowhere,
    stderr: `--csv: ${folder} is a folder, not a file.\n`,
  })
  const late = await run('--csv', aFile(), '--from', '2100-01-01')
  expect(late.stderr).toMatch(
    /^--from 2100-01-01T00:00:00.000Z lies after the file's last candle, which is of 20/,
  )
  const other = await run('--csv', aFile(), '--timeframe', '5m')
  expect(other).toMatchObject({ status: 3, stdout: '' })
  expect(other.stderr).toMatch(/candles are 15m apart .* the timeframe is 5m/)
  const { status, stderr } = await run('--csv', aFile(), '--param', 'stopLossPerc=0')
  expect(status).toBe(2)
  expect(stderr).toContain('stopLossPerc must be more than 0 and less than 100; it is 0.')
  const perpetual = ['--csv', aFile(), '--symbol', 'BTC/USDT:USDT', '--param', 'leverage=20']
  const beyond = await run(...perpetual, '--param', 'stopLossPerc=6')
  expect(beyond).toMatchObject({ status: 2, stdout: '' })
  expect(beyond.stderr).toContain(
    'stopLossPerc 6 lies beyond liquidation: at leverage 20 the exchange liquidates a long position 4.6184 % from its entry',
  )
  expect(await run(...perpetual, '--param', 'stopLossPerc=4')).toMatchObject({ status: 0, stderr: '' })
})

test(
  'a strategy or a parameter that there is not is told with the nearest one, and with all of them',
  slow,
  async () => {
    const strategy = await run('--csv', 'nowhere.csv', '--strategy', 'DONCHAIN')
    expect(strategy).toMatchObject({ status: 2, stdout: '' })
    expect(strategy.stderr).toContain(
      'there is no "DONCHAIN"; did you mean DONCHIAN? It must be one of EMA_RSI, ',
    )
    const param = await run('--csv', aFile(), '--strategy', 'DONCHIAN', '--param', 'entryPeriods=9')
    expect(param).toMatchObject({ status: 2, stdout: '' })
    expect(param.stderr).toContain(
      'neither DONCHIAN nor a bot has "entryPeriods"; did you mean entryPeriod? DONCHIAN takes entryPeriod, ',
    )
  },
)

test('--help names every strategy', () => {
  const help = backtest.options?.find(([flags]) => flags.startsWith('--strategy'))?.[1] ?? ''
  expect(help).toContain(STRATEGIES.map(({ id }) => id).join(', '))
})
