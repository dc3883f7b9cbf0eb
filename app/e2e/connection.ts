import { expect, test } from 'vitest'
import type { Stage } from './browser-test.ts'
import { askApi, createPaperBot, signUp, startBot } from './visit.ts'

/** A lost server, a lost network: what the page says, and that nothing is lost. */
export function testConnection(stage: () => Stage): void {
  test('a lost connection is said with its time, and the page catches up when the server is back', async () => {
    const { page, system } = stage()
    await signUp(page, system.url, stage().account)
    const id = await createPaperBot(page, 'Watched')
    await page.goto(`${system.url}/bots/${id}?tab=events`)
    await startBot(page, id)
    await page.locator('.page-title [data-status=RUNNING]').waitFor()
    await page.evaluate(() => document.body.setAttribute('data-not-reloaded', ''))

    system.killServer()
    const banner = page.getByTestId('connection-lost')
    await banner.waitFor()
    expect(await banner.textContent()).toMatch(/Connection lost .* retrying.*old since \d\d:\d\d:\d\d/)
    expect(await page.getByTestId('live').textContent()).toContain('Offline')
    // What was known stays on the page.
    expect(await page.locator('.page-title [data-status=RUNNING]').count()).toBe(1)

    await banner.waitFor({ state: 'detached', timeout: 30_000 })
    await page.getByTestId('live').getByText('Live').waitFor()
    await askApi(page, 'mutation ($id: ID!) { pauseBot(id: $id) { __typename } }', { id })
    await page.locator('.page-title [data-status=PAUSED]').waitFor()
    await page.locator('.events [data-status=PAUSED]').waitFor()
    expect(await page.locator('.events [data-status=PAUSED]').count()).toBe(1)
    expect(await page.locator('body[data-not-reloaded]').count()).toBe(1)
  })

  test('offline, it says so; an event that came meanwhile is shown once when the network is back', async () => {
    const { page, context, system } = stage()
    const id = /bots\/([^/?]+)/.exec(page.url())?.[1]
    const elsewhere = await page
      .context()
      .browser()
      ?.newContext({ storageState: await context.storageState() })
    const other = await elsewhere?.newPage()
    if (!elsewhere || !other) throw new Error('There is no second browser context.')
    await other.goto(`${system.url}/tokens`)

    await context.setOffline(true)
    await page.getByTestId('connection-lost').waitFor()
    await askApi(other, 'mutation ($id: ID!) { resumeBot(id: $id) { __typename } }', { id })
    await other.waitForTimeout(1_000)
    expect(await page.locator('.page-title [data-status=PAUSED]').count()).toBe(1)

    await context.setOffline(false)
    await page.locator('.page-title [data-status=RUNNING]').waitFor()
    await page.getByTestId('connection-lost').waitFor({ state: 'detached' })
    const resumed = page.locator('.events li', { hasText: 'RESUME' })
    await resumed.first().waitFor()
    expect(await resumed.count()).toBe(1)
    await elsewhere.close()
  })
}
