import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Stage, watchPage } from './browser-test.ts'
import { createPaperBot, signUp } from './visit.ts'

/** Channels of alerts, by keyboard, with a worker that really sends; and the download of trades. */
export function testAlerts(stage: () => Stage): void {
  test('a channel is added by keyboard, its secret is shown once, and its test says why it does not arrive', async () => {
    const { page, system, account } = stage()
    await signUp(page, system.url, account)
    watchPage(stage())
    await page.getByRole('link', { name: 'Alerts' }).click()
    await page.getByRole('heading', { name: 'Nobody is told yet' }).waitFor()
    await page.getByRole('button', { name: 'Add your first channel' }).press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').press('Enter')
    await dialog.locator('[data-field=url] .field-error').waitFor()
    await dialog.locator('[data-field=name] .field-error').waitFor()
    await dialog.getByLabel('Name').fill('Office')
    // Nothing leaves this machine: the address is one that a worker refuses.
    await dialog.getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:9/hook/with-a-token')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Copy the signing secret now' }).waitFor()
    expect((await page.locator('.copy-box code').textContent())?.length).toBeGreaterThan(20)
    await page.getByRole('button', { name: 'Done' }).press('Enter')
    const row = page.getByRole('row', { name: 'Office' })
    await row.getByText('127.0.0.1:9', { exact: true }).waitFor()
    await row.getByRole('button', { name: 'Send test' }).press('Enter')
    await page.locator('[role=status], [role=alert]').filter({ hasText: 'private address' }).first().waitFor()
    await row.getByText('Failing').waitFor()
    await page.locator('[data-delivery=FAILED]').filter({ hasText: 'Not sent to Office' }).waitFor()
    expect(await page.content()).not.toContain('with-a-token')
    await row.getByRole('button', { name: 'Delete' }).press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete channel' }).press('Enter')
    await page.getByRole('heading', { name: 'Nobody is told yet' }).waitFor()
  })

  test('trades are downloaded as a file', async () => {
    const { page, system } = stage()
    watchPage(stage())
    await createPaperBot(page, 'Exported')
    await page.goto(`${system.url}/bots`)
    const coming = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Export trades' }).click()
    const download = await coming
    expect(download.suggestedFilename()).toBe('tradebot-trades.csv')
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^time,bot_id,bot_name,.*\r\n$/)
  })
}
