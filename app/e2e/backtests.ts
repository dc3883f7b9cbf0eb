import type { Page } from 'playwright-core'
import { askApi } from './visit.ts'

const HOUR = 3_600_000

/** A backtest of one-minute candles of the sandbox, started by the API; answers its id. `hours` end with the last full hour. */
export async function startBacktest(
  page: Page,
  name: string,
  hours: number,
  more: object = {},
): Promise<string> {
  const to = Math.floor(Date.now() / HOUR) * HOUR
  const config = {
    name,
    exchange: 'sandbox',
    symbol: 'BTC/USDT',
    timeframe: '1m',
    initialCapital: '1000',
    positionSizeFixed: '500',
    stopLossPerc: '1',
    takeProfitPerc: '2',
    maxDailyLossPerc: '3',
    ...more,
  }
  const input = { config, from: new Date(to - hours * HOUR).toISOString(), to: new Date(to).toISOString() }
  const { startBacktest: answer } = await askApi<{ startBacktest: { id?: string } }>(
    page,
    'mutation ($input: BacktestInput!) { startBacktest(input: $input) { ... on Backtest { id } ... on ValidationError { message } } }',
    { input },
  )
  if (answer.id === undefined) throw new Error(JSON.stringify(answer))
  return answer.id
}

/** The page follows it by itself: no reload. */
export async function untilDone(page: Page): Promise<void> {
  await page.locator('.page-title [data-status=DONE]').waitFor({ timeout: 120_000 })
  await page.locator('.curve-bot').waitFor()
}
