import { expect, test } from 'vitest'
import { type Stage, watchPage } from './browser-test.ts'
import { askApi, createPaperBot, signUp, startBot } from './visit.ts'

/** A position as it comes and goes on the page of its bot. */
export function testPosition(stage: () => Stage): void {
  /** Averages this short cross every few seconds, so that an entry need not be waited for. */
  const eager = {
    emaFast: 2,
    emaSlow: 3,
    rsiPeriod: 2,
    rsiOverbought: '100',
    // The strategy never sells: a position stays for as long as a test needs it.
    rsiOversold: '99',
    checkIntervalSeconds: 1,
  }

  async function holdPrice(price: string | null): Promise<void> {
    await fetch(`${stage().system.sandboxUrl}/sandbox/price`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ symbol: 'BTCUSDT', price }),
    })
  }

  test('an entry appears as position, order, trade and day without a reload', async () => {
    const { page, system } = stage()
    await signUp(page, system.url, stage().account)
    const id = await createPaperBot(page, 'Eager', eager)
    await page.goto(`${system.url}/bots/${id}`)
    watchPage(stage())
    await page.getByText('No orders yet.').waitFor()
    await startBot(page, id)
    await page.locator('.position .guard').waitFor({ timeout: 60_000 })
    // Held there, no signal ends the position under the test.
    const { markets } = await askApi<{ markets: { state: { lastPrice: string } } }>(
      page,
      'query ($id: ID!) { markets: bot(id: $id) { state { lastPrice } } }',
      { id },
    )
    await holdPrice(markets.state.lastPrice)
    await page.getByText('The stop is kept by TradeBot, which looks every 1 s').waitFor()
    await page.getByRole('cell', { name: 'Buy Entry' }).first().waitFor()
    await page.getByRole('cell', { name: 'Filled' }).first().waitFor()
    await page.getByRole('tab', { name: 'Trades' }).click()
    await page.getByRole('cell', { name: 'Buy' }).first().waitFor()
    await page.getByRole('tab', { name: 'Days' }).click()
    await page.getByRole('cell', { name: new Date().toISOString().slice(0, 10) }).waitFor()
  })

  test('stopping it asks what becomes of the position, and closes it when told to', async () => {
    const { page } = stage()
    watchPage(stage())
    await page.getByRole('tab', { name: 'Orders' }).click()
    await page.locator('.position .guard').waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Its open position').waitFor()
    expect(await dialog.getByRole('radio', { name: 'Close it' }).isChecked()).toBe(true)
    await dialog.getByRole('button', { name: 'Stop bot' }).click()
    await page.locator('.page-title [data-status=STOPPED]').waitFor()
    await page.getByText('Flat. The bot enters').waitFor()
    await page.getByRole('cell', { name: 'Sell Close' }).waitFor()
    await holdPrice(null)
  })
}
