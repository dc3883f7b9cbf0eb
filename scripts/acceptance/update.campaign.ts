import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { booksEqualTheExchanges } from './books.ts'
import { openSandbox, type Keys, type Sandbox } from './sandbox.ts'
import { signUp, type Trader } from './trader.ts'
import { seconds, until } from './until.ts'
import { prepareInstallation, type TestInstallation } from './update-installation.ts'
import { addMigration, breakServer, clone, makeTree, runProgram } from './update-tree.ts'
import { watch } from './update-watch.ts'
import { makeWaves } from './waves.ts'
import { withWholeHistory } from './whole-history.ts'

// A real update of a running installation, with a migration, with bots that trade; one to a release that does not start; and the way back.
const markets = { BTC: 'BTCUSDT', ETH: 'ETHUSDT' } as const
const migration = '20991231000000_campaign'
/** On tables that every tick reads and writes. */
const sql = `ALTER TABLE "orders" ADD COLUMN "campaign_note" TEXT NOT NULL DEFAULT 'none';
ALTER TABLE "bot_states" ADD COLUMN "campaign_seen_at" TIMESTAMPTZ(3);
CREATE TABLE "campaign_notes" ("id" BIGSERIAL PRIMARY KEY, "bot_id" BIGINT NOT NULL REFERENCES "bot_configs" ("id") ON DELETE CASCADE ON UPDATE CASCADE);
CREATE INDEX "orders_campaign_note" ON "orders" ("campaign_note");`

type Bot = { id: string; base: string; symbol: string; keys: Keys; orders: number }

let installation: TestInstallation
let packages: { one: string; two: string; three: string; trust: string }
let versions: { one: string; two: string; three: string }
let sandbox: Sandbox
let trader: Trader
let bots: Bot[]
let waves: ReturnType<typeof makeWaves>[] = []

beforeAll(async () => {
  installation = await prepareInstallation()
  versions = versionsAfter(JSON.parse(readFileSync(path.join(clone, 'package.json'), 'utf8')).version)
  packages = await makePackages()
})
afterAll(async () => {
  for (const each of waves) await each.stop()
  await trader?.api.close()
  await installation?.remove()
})

test('installed, it runs, and bots trade', async () => {
  const bundle = path.join(clone, 'scripts', 'dist', 'tradebotctl.mjs')
  const args = ['install', packages.one, '--prefix', installation.root, '--trust', packages.trust]
  const installed = await installation.command(bundle, args, 'install')
  expect(installed.document.error).toBeNull()
  say(`install took ${installed.ms} ms`)
  installation.writeSettings()
  const run = await installation.tradebotctl('run', '--detach')
  expect(run.document.result).toMatchObject({
    outcome: 'started',
    url: installation.url,
    version: versions.one,
  })
  sandbox = openSandbox(installation.sandboxUrl)
  trader = withWholeHistory(await signUp(installation.url))
  bots = await Promise.all(Object.entries(markets).map(([base, symbol]) => startBot(base, symbol)))
  startWaves()
  await eachTrades()
})

test('updated while they trade, it is verified and healthy, migrated, and no order is lost or doubled', async () => {
  const watching = watch(installation)
  const update = await installation.tradebotctl('update', packages.two)
  const { downMs, switchToHealthyMs } = await watching.stop()
  expect(update.document.error).toBeNull()
  expect(update.document.result).toMatchObject({ to: versions.two, migrations: [migration], restarted: true })
  say(
    `update took ${update.ms} ms; not healthy for ${downMs} ms; ${switchToHealthyMs} ms from the switch to healthy`,
  )
  await runsAndIsWhole(versions.two)
  expect(await installation.sql('SELECT count(*)::int AS notes FROM campaign_notes')).toEqual([{ notes: 0 }])
  await eachTrades()
  await booksAgree()
})

test('updated to a release that does not start, it is back on the old one within a minute of the switch', async () => {
  startWaves()
  const watching = watch(installation)
  const update = await installation.tradebotctl('update', packages.three)
  const { downMs, switchToHealthyMs, versions: seen } = await watching.stop()
  expect(update.code).toBe(3)
  say(`${update.document.error?.code}: ${update.document.error?.message}`)
  say(
    `failed update took ${update.ms} ms; not healthy for ${downMs} ms; back ${switchToHealthyMs} ms after the switch`,
  )
  expect(seen.filter((version) => version !== 'none')).toEqual([versions.two])
  expect(switchToHealthyMs).toBeLessThan(60_000)
  await runsAndIsWhole(versions.two)
  await eachTrades()
})

test('rolled back, the release before runs on the expanded schema, and every book agrees', async () => {
  const watching = watch(installation)
  const back = await installation.tradebotctl('rollback')
  const { downMs } = await watching.stop()
  expect(back.document.error).toBeNull()
  say(`rollback took ${back.ms} ms; not healthy for ${downMs} ms`)
  await runsAndIsWhole(versions.one)
  await eachTrades()
  await booksAgree()
  // What the old release has written since: the default of the new one's column.
  expect(await installation.sql('SELECT DISTINCT campaign_note AS note FROM orders')).toEqual([
    { note: 'none' },
  ])
  for (const { id } of bots) await trader.stop(id, 'CLOSE')
  for (const { id } of bots)
    await trader.botWhen(id, 'is flat', (now) => !now.state.closing && now.position === null, 60_000)
  await booksAgree()
  const words = ['server', 'worker'].flatMap((part) => installation.log(part).split('\n'))
  expect(words.filter((line) => /cached plan|does not exist/.test(line))).toEqual([])
  const stopped = await installation.tradebotctl('stop')
  expect(stopped.document.result).toMatchObject({ stopped: true })
})

async function makePackages() {
  const { folder } = installation
  const program = (tree: string) => path.join(tree, 'scripts', 'tradebotctl', 'main.ts')
  const pack = async (tree: string, version: string): Promise<string> => {
    const file = path.join(folder, `tradebot-${version}.tar.gz`)
    const args = [program(tree), 'package', '--root', tree, '--sign', `${folder}/key.key`, '--out', file]
    return succeeded(
      await runProgram(process.execPath, args, { cwd: tree, label: `package ${version}` }),
      file,
    )
  }
  const keygen = [program(clone), 'keygen', '--out', path.join(folder, 'key')]
  const trust = succeeded(await runProgram(process.execPath, keygen), path.join(folder, 'key.pub'))
  const one = await pack(clone, versions.one)
  const treeOf = (version: string, change: (tree: string) => void) =>
    makeTree(path.join(folder, `tree-${version}`), one, version, (tree) => {
      addMigration(tree, migration, sql)
      change(tree)
    })
  const two = await pack(await treeOf(versions.two, () => undefined), versions.two)
  const three = await pack(await treeOf(versions.three, breakServer), versions.three)
  return { one, two, three, trust }
}

function succeeded(ran: { code: number | null; err: string }, answer: string): string {
  if (ran.code !== 0) throw new Error(ran.err)
  return answer
}

async function startBot(base: string, symbol: string): Promise<Bot> {
  const keys = await sandbox.newAccount()
  const apiKeyId = await trader.addKey(keys)
  const bot = await trader.createBot({ symbol: `${base}/USDT`, mode: 'LIVE', apiKeyId })
  await trader.start(bot.id)
  return { id: bot.id, base, symbol, keys, orders: 0 }
}

function startWaves(): void {
  waves = Object.values(markets).map((symbol) => makeWaves(sandbox, symbol, { everySeconds: 5 }))
  for (const each of waves) each.start()
}

/** Every bot runs, ticks, and has orders that it did not have the last time. */
async function eachTrades(): Promise<void> {
  const since = new Date().toISOString()
  for (const bot of bots) {
    await trader.botWhen(
      bot.id,
      'runs and ticks',
      ({ state }) => state.status === 'RUNNING' && state.lastTickAt !== null && state.lastTickAt > since,
      60_000,
    )
    const orders = await until(
      `the ${bot.base} bot has two more orders than the ${bot.orders} before`,
      async () => {
        const { length } = await trader.orders(bot.id)
        return length > bot.orders + 1 && length
      },
      60_000,
      500,
    )
    bot.orders = orders
  }
  say(`orders so far: ${bots.map((bot) => `${bot.base} ${bot.orders}`).join(', ')}`)
}

async function runsAndIsWhole(version: string): Promise<void> {
  expect(installation.current()).toBe(version)
  const health = await (await fetch(`${installation.url}/healthz`)).json()
  expect(health).toMatchObject({ status: 'ok', version })
  const verify = await installation.tradebotctl('verify')
  expect({ code: verify.code, ...verify.document }, verify.out).toMatchObject({ code: 0, error: null })
  say(`verify took ${verify.ms} ms`)
}

async function booksAgree(): Promise<void> {
  for (const each of waves) await each.stop()
  const unsettled = ['INTENDED', 'SUBMITTING', 'UNKNOWN', 'PARTIALLY_FILLED']
  await seconds(3)
  for (const { id, base, symbol, keys } of bots) {
    await until(
      `all orders of the ${base} bot are settled`,
      async () => (await trader.orders(id)).every((order) => !unsettled.includes(order.status)),
      60_000,
    )
    await booksEqualTheExchanges(trader, id, sandbox, keys, { base, symbol })
  }
  say('books agree with the exchange')
}

/** The clone's own version, and two that come after it. */
function versionsAfter(one: string): { one: string; two: string; three: string } {
  const [major = 0, minor = 0] = one.split('.').map(Number)
  return { one, two: `${major}.${minor + 1}.0`, three: `${major}.${minor + 2}.0` }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
