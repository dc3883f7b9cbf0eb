import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { startBacktest, untilDone } from './backtests.ts'
import { launchBrowser } from './browser.ts'
import { startSystem, type System } from './system.ts'
import { account, askApi, createPaperBot, openSandboxAccount, signUp, startBot } from './visit.ts'

// `node app/e2e/screenshots.ts`: every page of the app on the real system, into docs/screenshots/. Takes about two minutes: bots have to trade.
// With arguments, only the pages whose names begin like one of them.
const only = process.argv.slice(2)
const folder = path.join(import.meta.dirname, '..', '..', 'docs', 'screenshots')
const looks = [
  { scheme: 'light', width: 1280, height: 800, most: 1500 },
  { scheme: 'dark', width: 1280, height: 800, most: 1500 },
  { scheme: 'light', width: 390, height: 844, most: 1700 },
  { scheme: 'dark', width: 390, height: 844, most: 1700 },
] as const
type Look = (typeof looks)[number]
/** For pages that differ little from others. */
const two = looks.filter(({ scheme, width }) => (scheme === 'light') === (width === 1280))

const tradingMs = 60_000
const eager = { emaFast: 3, emaSlow: 8, rsiPeriod: 14, rsiOverbought: '95', rsiOversold: '5' }

mkdirSync(folder, { recursive: true })
const [system, launched] = await Promise.all([startSystem(), launchBrowser()])
try {
  const context = await launched.browser.newContext()
  await shootAll(system, context, await context.newPage())
} finally {
  await launched.close()
  await system.stop()
}

async function shootAll({ url, sandboxUrl }: System, context: BrowserContext, page: Page) {
  const shoot = async (name: string, address: string, which: readonly Look[] = looks, prepare = nothing) => {
    if (only.length > 0 && !only.some((one) => name.startsWith(one))) return
    await shootPage(page, { name, address: url + address, which, prepare })
  }

  await shoot('sign-in', '/signin')
  await shoot('sign-up', '/signup', looks, async () => {
    await page.getByLabel('Email').fill('ada')
    await page.getByRole('button', { name: 'Sign up' }).click()
    await page.locator('.field-error').first().waitFor()
  })
  await signUp(page, url)
  await shoot('first-steps', '/bots')
  await shoot('keys-empty', '/keys', two)
  await shoot('key-add', '/keys?add=1', two)
  await shoot('tokens-empty', '/tokens', two)
  await shoot('alerts-empty', '/alerts', two)
  await shoot('alert-channel-add', '/alerts?add=1', two)

  const { trading: bot, live, short, funded } = await prepareBots(page, sandboxUrl)
  await shoot('new-1-basic', '/bots/new')
  await shoot('new-2-technical', '/bots/new?step=2', two, async () => {
    await page.locator('[data-field=emaFast] input').fill('40')
    await page.getByRole('button', { name: 'Next' }).click()
    await page.locator('.field-error').waitFor()
  })
  await shoot('new-2-strategy', '/bots/new?step=2', looks, async () => {
    await page.locator('select[name=strategy]').selectOption('MACD')
    await page.locator('[data-field=param-fastPeriod] input').fill('26')
    await page.getByRole('button', { name: 'Next' }).click()
    await page.locator('.field-error').first().waitFor()
  })
  await shoot('new-3-risk', '/bots/new?step=3', two, async () => {
    await page.getByText('Advanced settings').click()
  })
  await shoot('new-4-funds', '/bots/new?step=4', two)
  await shoot('new-5-review', '/bots/new?step=5')
  await shoot('futures-1-basic', '/bots/new', looks, async () => {
    await page.getByRole('radio', { name: 'Futures' }).click()
    await page.getByRole('combobox', { name: 'Market' }).click()
    await page.locator('.market-row').nth(1).waitFor()
  })
  await shoot('futures-2-technical', `/bots/new?from=${short}&step=2`, two)
  await shoot('futures-3-risk', `/bots/new?from=${short}&step=3`, looks, async () => {
    await page.locator('[data-field=leverage] input').fill('50')
    await page.getByRole('button', { name: 'Next' }).click()
    await page.locator('.field-error').first().waitFor()
  })
  await shoot('futures-4-funds', `/bots/new?from=${funded}&step=4`, two)
  await shoot('backtests-empty', '/backtests', two)
  const backtest = await startBacktest(page, 'Bitcoin minutes, three days', 72)
  await shoot('backtest', `/backtests/${backtest}`, looks, () => untilDone(page))
  const perpetual = await startBacktest(page, 'Bitcoin either way, 5x', 72, {
    positionType: 'FUTURES',
    symbol: 'BTC/USDT:USDT',
    direction: 'BOTH',
    leverage: 5,
    positionSizeFixed: '200',
  })
  await shoot('futures-backtest', `/backtests/${perpetual}`, two, () => untilDone(page))
  await shoot('backtests', '/backtests')
  await shoot('backtest-new', '/backtests/new', looks, async () => {
    await page.getByLabel('From (UTC)').fill('')
    await page.getByRole('button', { name: 'Run backtest' }).click()
    await page.locator('.field-error').first().waitFor()
  })
  await shoot('keys', '/keys')
  await shoot('tokens', '/tokens')
  await prepareAlerts(page)
  await shoot('alerts', '/alerts')
  await shoot('token-created', '/tokens', two, async () => {
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByLabel('Name').fill(`script ${Math.random().toString(36).slice(2, 6)}`)
    await page.keyboard.press('Enter')
    await page.locator('.copy-box').waitFor()
  })
  await shoot('edit', `/bots/${bot}/edit`)
  await shoot('futures-edit', `/bots/${short}/edit`, two)
  await shoot('not-found', '/nowhere', two)
  await page.waitForTimeout(tradingMs)
  await shoot('bots', '/bots')
  await shoot('bot', `/bots/${bot}`)
  await shoot('bot-checks', `/bots/${bot}`, looks, async () => {
    await page.locator('.ladder summary').click()
    await page.locator('.ladder li').first().waitFor()
    await page.locator('.revisions summary').click()
  })
  await shoot('bot-live', `/bots/${live}`, looks, async () => {
    await page.locator('.position .guard').waitFor({ timeout: 60_000 })
  })
  await shoot('futures-bot', `/bots/${short}`, looks, async () => {
    await page.locator('.position .guard').waitFor({ timeout: 60_000 })
  })
  await shoot('futures-days', `/bots/${short}?tab=days`, two)
  await shoot('futures-funding', `/bots/${short}?tab=funding`, two)
  await shoot('futures-live', `/bots/${funded}?tab=transfers`, two)
  await shoot('bot-trades', `/bots/${bot}?tab=trades`, two)
  await shoot('bot-events', `/bots/${bot}?tab=events`, two)
  await shoot('bot-days', `/bots/${bot}?tab=days`, two)
  await shoot('bot-stop', `/bots/${bot}`, two, async () => {
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
  })
  await askApi(page, 'mutation { haltTrading { id } }')
  await shoot('halted', '/bots', two)
  await askApi(page, 'mutation { resumeTrading { id } }')
  await shoot('connection-lost', '/bots', two, async () => {
    await page.getByTestId('live').getByText('Live').waitFor()
    await context.setOffline(true)
    await page.getByTestId('connection-lost').waitFor()
  })
}

async function nothing(): Promise<void> {}

type Shot = { name: string; address: string; which: readonly Look[]; prepare: () => Promise<void> }

async function shootPage(page: Page, { name, address, which, prepare }: Shot): Promise<void> {
  for (const { scheme, width, height, most } of which) {
    await page.context().setOffline(false)
    await page.emulateMedia({ colorScheme: scheme })
    await page.setViewportSize({ width, height })
    await page.goto(address)
    await prepare()
    await page.waitForTimeout(700)
    await page.evaluate(() => scrollTo(0, 0))
    const size = await page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement
      return {
        wider: scrollWidth - innerWidth,
        tall: scrollHeight,
        dialog: document.querySelector('dialog[open]') !== null,
      }
    })
    if (size.wider > 0) throw new Error(`${name} is ${size.wider} px wider than ${width} px.`)
    // A dialog stands in the middle of the window, not of the page.
    const clip = { x: 0, y: 0, width, height: size.dialog ? height : Math.min(size.tall, most) }
    await page.screenshot({
      path: path.join(folder, `${name}-${scheme}-${width}.png`),
      fullPage: !size.dialog,
      clip,
    })
  }
}

/** Channels, one of which cannot be reached, and what they were told. */
async function prepareAlerts(page: Page): Promise<void> {
  const add = (input: object) =>
    askApi<{ addAlertChannel: { channel: { id: string } } }>(
      page,
      'mutation ($input: AddAlertChannelInput!) { addAlertChannel(input: $input) { ... on AddedAlertChannel { channel { id } } } }',
      { input },
    )
  await add({
    kind: 'TELEGRAM',
    name: 'Phone',
    botToken: '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    chatId: '-1001234567890',
    kinds: ['BOT_ERROR', 'POSITION_UNPROTECTED'],
  })
  const hook = await add({ kind: 'WEBHOOK', name: 'On-call chat', url: 'http://192.168.1.20:8065/hooks/x' })
  await askApi(page, 'mutation ($id: ID!) { testAlertChannel(id: $id) { __typename } }', {
    id: hook.addAlertChannel.channel.id,
  })
}

/** By what they are to show: trading most, trading LIVE, a PAPER short, and a LIVE futures bot that moves its margin by itself. */
type PreparedBots = { trading: string; live: string; short: string; funded: string }

/** Bots in several states. */
async function prepareBots(page: Page, sandboxUrl: string): Promise<PreparedBots> {
  const keys = await openSandboxAccount(sandboxUrl)
  const { addApiKey } = await askApi<{ addApiKey: { id: string } }>(
    page,
    'mutation ($input: AddApiKeyInput!) { addApiKey(input: $input) { ... on ApiKey { id } } }',
    { input: { exchange: 'sandbox', label: `Sandbox account of ${account.username}`, ...keys } },
  )
  await askApi(page, 'mutation { createApiToken(name: "nightly report") { __typename } }')
  const trading = await createPaperBot(page, 'Bitcoin seconds', eager)
  const live = await createPaperBot(page, 'Ether on play money', {
    ...eager,
    symbol: 'ETH/USDT',
    // It never sells by itself, so that its position is there to be seen.
    rsiOverbought: '100',
    rsiOversold: '99',
    mode: 'LIVE',
    apiKeyId: addApiKey.id,
  })
  const resting = await createPaperBot(page, 'Solana, careful', {
    symbol: 'SOL/USDT',
    timeframe: '1m',
    maxDailyTrades: 3,
  })
  await createPaperBot(page, 'Ripple idea for later', {
    symbol: 'XRP/USDT',
    timeframe: '1h',
    checkIntervalSeconds: 60,
  })
  const futures = {
    ...eager,
    positionType: 'FUTURES',
    // They never leave a short by themselves, so that it is there to be seen.
    rsiOverbought: '1',
    rsiOversold: '0',
  }
  const short = await createPaperBot(page, 'Bitcoin short, 5x', {
    ...futures,
    symbol: 'BTC/USDT:USDT',
    direction: 'SHORT',
    leverage: 5,
  })
  const funded = await createPaperBot(page, 'Ether short, 3x', {
    ...futures,
    symbol: 'ETH/USDT:USDT',
    direction: 'SHORT',
    leverage: 3,
    mode: 'LIVE',
    apiKeyId: addApiKey.id,
    autoTransferFunds: true,
    transferAmount: '120',
  })
  for (const id of [trading, live, resting, short, funded]) await startBot(page, id)
  await page.goto(`${new URL(page.url()).origin}/bots/${resting}`)
  await page.locator('.page-title [data-status=RUNNING]').waitFor()
  await askApi(page, 'mutation ($id: ID!) { pauseBot(id: $id) { __typename } }', { id: resting })
  return { trading, live, short, funded }
}
