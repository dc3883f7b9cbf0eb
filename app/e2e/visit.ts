import type { Page } from 'playwright-core'

export type Account = { email: string; username: string; password: string }

export const account: Account = {
  email: 'ada@example.com',
  username: 'Ada Lovelace',
  password: 'correct horse battery',
}

/** Makes the account through the form and waits for the first page behind it. */
export async function signUp(page: Page, url: string, who: Account = account): Promise<void> {
  await page.goto(`${url}/signup`)
  await page.getByLabel('Email').fill(who.email)
  await page.getByLabel('Name').fill(who.username)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign up' }).click()
  await page.getByRole('heading', { name: 'Make your first bot' }).waitFor()
}

/** A request of the page itself: its cookie, its origin. Answers `data`. @throws Error with what the API refused */
export async function askApi<Data>(page: Page, query: string, variables: object = {}): Promise<Data> {
  const answer = await page.evaluate(async (body) => {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tradebot-csrf': '1' },
      body,
    })
    return response.text()
  }, JSON.stringify({ query, variables }))
  const { data, errors }: { data?: Data; errors?: unknown } = JSON.parse(answer)
  if (data === undefined || data === null || errors) throw new Error(answer)
  return data
}

/** A paper bot on the sandbox that looks every second, made by the API. */
export async function createPaperBot(page: Page, name: string, more: object = {}): Promise<string> {
  const data = await askApi<{ createBot: { id?: string } }>(
    page,
    `mutation ($input: CreateBotInput!) {
      createBot(input: $input) { ... on Bot { id } ... on ValidationError { message } }
    }`,
    {
      input: {
        name,
        exchange: 'sandbox',
        symbol: 'BTC/USDT',
        timeframe: '1s',
        initialCapital: '1000',
        positionSizeFixed: '100',
        stopLossPerc: '2',
        takeProfitPerc: '4',
        checkIntervalSeconds: 1,
        ...more,
      },
    },
  )
  if (data.createBot.id === undefined) throw new Error(JSON.stringify(data))
  return data.createBot.id
}

export async function startBot(page: Page, id: string): Promise<void> {
  await askApi(page, 'mutation ($id: ID!) { startBot(id: $id) { __typename } }', { id })
}

/** Play money at the sandbox, as its README says to get it. */
export async function openSandboxAccount(sandboxUrl: string): Promise<{ apiKey: string; secretKey: string }> {
  const response = await fetch(`${sandboxUrl}/sandbox/accounts`, { method: 'POST' })
  const { apiKey, secretKey }: { apiKey: string; secretKey: string } = JSON.parse(await response.text())
  return { apiKey, secretKey }
}
