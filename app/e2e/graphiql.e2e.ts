import { expect, test } from 'vitest'
import { useStage, watchPage } from './browser-test.ts'
import { account, createPaperBot, signUp, startBot } from './visit.ts'

const stage = useStage()

/** GraphiQL with this operation in its editor, run. */
async function runInGraphiQL(query: string): Promise<void> {
  const { page, system } = stage()
  await page.goto(`${system.url}/graphql?query=${encodeURIComponent(query)}`)
  await page.getByRole('button', { name: /Execute query/i }).click()
}

test('the GraphQL console works without the network, with the session of the app', async () => {
  const { page, system } = stage()
  await signUp(page, system.url)
  watchPage(stage())
  await runInGraphiQL('{ viewer { email } }')
  await page.locator('.result-window', { hasText: account.email }).waitFor()
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
