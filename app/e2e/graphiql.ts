import { expect, test } from 'vitest'
import { type Stage, watchPage } from './browser-test.ts'
import { createPaperBot, signUp, startBot } from './visit.ts'

/** The GraphQL console in a browser, without the network. */
export function testGraphiQL(stage: () => Stage): void {
  /** GraphiQL with this operation in its editor, run. */
  async function runInGraphiQL(query: string): Promise<void> {
    const { page, system } = stage()
    await page.goto(`${system.url}/graphql?query=${encodeURIComponent(query)}`)
    await page.getByRole('button', { name: /Execute query/i }).click()
  }

  test('the GraphQL console works without the network, with the session of the app', async () => {
    const { page, system } = stage()
    await signUp(page, system.url, stage().account)
    watchPage(stage())
    await runInGraphiQL('{ viewer { email } }')
    await page.locator('.result-window', { hasText: stage().account.email }).waitFor()
  })

  test('a subscription runs in it: each change of a bot arrives', async () => {
    const { page, system } = stage()
    await page.goto(`${system.url}/bots`)
    const id = await createPaperBot(page, 'Console')
    await startBot(page, id)
    watchPage(stage())
    await runInGraphiQL('subscription { botsChanged { name state { status version } } }')
    const result = page.locator('.result-window')
    await result.filter({ hasText: '"RUNNING"' }).waitFor()
    const version = async () => /"version":\s*"(\d+)"/.exec((await result.textContent()) ?? '')?.[1]
    const first = await version()
    await expect.poll(version, { timeout: 10_000 }).not.toBe(first)
  })
}
