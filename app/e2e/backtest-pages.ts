import { expect, test } from 'vitest'
import { type Stage, watchPage } from './browser-test.ts'
import { untilDone } from './backtests.ts'
import { createPaperBot, signUp } from './visit.ts'

/** A backtest from a bot's page to its result, with a worker that really runs it. */
export function testBacktests(stage: () => Stage): void {
  test('a bot is tried on the past: its settings are there, the page follows the run, and shows what became of it', async () => {
    const { page, system, account } = stage()
    await signUp(page, system.url, account)
    watchPage(stage())
    await page.getByRole('link', { name: 'Backtests' }).click()
    await page.getByRole('heading', { name: 'Try a bot on the past' }).waitFor()
    const bot = await createPaperBot(page, 'Ticking', { timeframe: '1m', stopLossPerc: '1.5' })
    await page.goto(`${system.url}/bots/${bot}`)
    await page.getByRole('link', { name: 'Backtest', exact: true }).click()
    expect(await page.locator('input[name=stopLossPerc]').inputValue()).toBe('1.5')
    await page.getByLabel('From (UTC)').fill('')
    await page.getByRole('button', { name: 'Run backtest' }).click()
    await page.locator('[data-field=from] .field-error').waitFor()

    const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    await page.getByLabel('From (UTC)').fill(`${day}T00:00`)
    await page.getByLabel('To (UTC)').fill(`${day}T12:00`)
    await page.locator('input[name=name]').fill('Half a day')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Half a day' }).waitFor()
    await untilDone(page)
    await page.locator('.backtest-figures').getByText('720').waitFor()
    await page.getByRole('row').filter({ hasText: 'Signal' }).first().waitFor()

    await page.getByRole('link', { name: 'Backtests' }).first().click()
    await page.getByRole('row').filter({ hasText: 'Half a day' }).getByText('Done').waitFor()
    await page.getByRole('link', { name: 'Half a day' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'Try a bot on the past' }).waitFor()
  })

  test('a file that is no list of candles fails with its line', async () => {
    const { page, system } = stage()
    watchPage(stage())
    await page.goto(`${system.url}/backtests/new`)
    await page.getByText('Of a file').click()
    await page.getByLabel('CSV file').setInputFiles({
      name: 'wrong.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('openTimeMs,open,high,low,close,volume\n1767225600000,1,2,3,1,0\n'),
    })
    await page.getByRole('button', { name: 'Run backtest' }).click()
    await page
      .getByRole('alert')
      .filter({ hasText: 'Line 2: high (2) must be at least open, low and close.' })
      .waitFor()
  })
}
