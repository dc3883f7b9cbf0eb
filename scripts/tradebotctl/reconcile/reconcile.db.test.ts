import { describe, expect, test } from 'vitest'
import { decimal, plain, ZERO } from '#trading/domain/money.ts'
import { control } from '#worker/exchange/sandbox.fixture.ts'
import { orderJobs } from '#worker/tasks.ts'
import { reconcile, type ReconcileResult } from '../commands/reconcile.ts'
import { type Ran, tradebotctl } from '../testing/run.ts'
import { PERPETUAL, withLedger } from './testing/ledger.ts'
import { type Seed, SEEDS } from './testing/seeds.ts'

const MINUTES = 300_000
type Ledger = ReturnType<typeof withLedger>

const runAt = (ledger: Ledger, args: string[]) =>
  tradebotctl(['reconcile', ...args], { env: ledger.env(), timeoutMs: 200_000 })

// A venue lets an address ask so much in a minute: each group has a sandbox of its own.
const names = Object.keys(SEEDS)
const groups = [0, 1, 2, 3].map((group) => names.filter((_, index) => index % 4 === group))

describe.each(groups.map((group) => [group.length, group] as const))('%i differences: %j', (_, group) => {
  const ledger = withLedger()
  const run = (...args: string[]) => runAt(ledger, args)

  test(
    'are named by --plan, which changes nothing, and settled by --apply, each with an event',
    { timeout: MINUTES },
    async () => {
      const seeds: [string, Seed][] = []
      for (const name of group) {
        const seed = SEEDS[name]
        if (seed !== undefined) seeds.push([name, await seed(ledger)])
      }
      await ledger.quiet()

      const before = await ledger.snapshot()
      const stopReader = await ledger.work(['reconcile_for_person'], false)
      const plan = await run('--plan', '--json')
      expect(await ledger.snapshot(), 'not one row of the books').toEqual(before)
      await stopReader()
      const planned = resultOf(plan)
      for (const [name, seed] of seeds)
        expect(kindsOf(planned, seed, 'plan'), name).toEqual(seed.kinds.toSorted())
      expect([plan.code, planned.mode, planned.agree]).toEqual([1, 'PLAN', false])
      for (const difference of planned.accounts.flatMap((one) => one.plan?.differences ?? [])) {
        expect(difference.state).toBe('NEW')
        expect(difference.how).toContain('--apply')
      }

      const stopWorker = await ledger.work(['run_bot', 'reconcile_for_person', ...orderJobs], true)
      const applied = await run('--apply', '--yes')
      for (const [, { kinds }] of seeds) for (const kind of kinds) expect(applied.stdout).toContain(kind)
      const after = await run('--json')
      const left = resultOf(after)
      for (const [name, seed] of seeds) {
        expect(kindsOf(left, seed, 'plan'), `${name}: ${applied.stdout}`).toEqual(seed.left ?? [])
        if (seed.event !== null)
          expect(await ledger.engine.eventTypes(seed.account.botId), name).toContain(seed.event)
        if (seed.left === undefined) await expectFillsToAgree(ledger, seed, name)
        if (seed.guarded === true) await expectGuarded(ledger, seed)
      }
      const settled = seeds.every(([, seed]) => seed.left === undefined)
      expect([applied.code, after.code], applied.stdout).toEqual(settled ? [0, 0] : [1, 1])

      const fills = await countOf(ledger, 'fills')
      for (const [name, { account, kinds }] of seeds.filter(([, { left }]) => left !== undefined)) {
        expect((await ledger.engine.state(account.botId)).pause_reason, name).toBe('RECONCILIATION')
        const twice = [1, 2].map(() => run('--apply', '--yes', '--json', '--key', account.apiKeyId))
        for (const again of await Promise.all(twice)) {
          const [rest] = resultOf(again).accounts
          expect(rest?.acts, 'it was told').toEqual([])
          expect(rest?.left?.differences.map(({ kind, state }) => [kind, state])).toEqual([
            [kinds[0], 'KNOWN'],
          ])
          expect(again.code, 'a person is still asked').toBe(1)
        }
      }
      expect(await countOf(ledger, 'fills')).toBe(fills)
      await stopWorker()
    },
  )
})

describe('what cannot be chosen or asked is said', () => {
  const ledger = withLedger()
  const run = (...args: string[]) => runAt(ledger, args)

  test('before anything is asked', { timeout: MINUTES }, async () => {
    const unknown = await run('--key', 'nobody', '--json')
    expect([unknown.code, unknown.json().error?.code]).toEqual([3, 'KEY_UNKNOWN'])
    const both = await run('--plan', '--apply')
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('exclude each other')])
    const none = await run('--exchange', 'kraken')
    expect([none.code, none.stderr]).toEqual([
      3,
      expect.stringContaining('no API key of the exchange "kraken"'),
    ])
    const nothing = await run()
    expect([nothing.code, nothing.stdout]).toEqual([0, expect.stringContaining('nothing to compare')])
  })

  test('and where no worker, or no exchange, answers', { timeout: MINUTES }, async () => {
    const seed = await SEEDS['a foreign order']?.(ledger)
    const key = seed?.account.apiKeyId ?? ''
    const alone = await run('--key', key)
    expect([alone.code, alone.stderr]).toEqual([3, expect.stringContaining('No worker is alive')])
    const stop = await ledger.work(['settle_order'], false)
    const late = await run('--key', key, '--timeout', '1', '--json')
    expect([late.code, late.json().error?.code]).toEqual([3, 'WORKER_TIMEOUT'])
    const { rows } = await ledger.db.pool.query(`SELECT 1 FROM worker_requests WHERE answered_at IS NULL`)
    expect(rows, 'the question is withdrawn').toEqual([])
    await stop()

    await ledger.work(['reconcile_for_person'], false)
    await control(ledger.sandboxUrl, 'POST', '/sandbox/faults', { endpoint: '*', kind: '503', count: 500 })
    const away = await run('--key', key, '--json')
    await control(ledger.sandboxUrl, 'DELETE', '/sandbox/faults')
    expect([away.code, away.json().error?.code]).toEqual([3, 'EXCHANGE_NOT_ASKED'])
    const human = await run('--key', key)
    expect([human.code, human.stdout]).toEqual([
      1,
      expect.stringMatching(
        /FOREIGN_ORDER {2}BTC[\s\S]*1 difference: tradebotctl reconcile --apply settles 1\.\n$/,
      ),
    ])
    const asked = await run('--key', key, '--apply')
    expect([asked.code, asked.stderr], 'nobody can be asked').toEqual([
      2,
      expect.stringContaining('Say so with --yes'),
    ])
    expect((await run('--key', key, '--apply', '--yes')).code).toBe(0)
    const told = await run('--key', key)
    expect([told.code, told.stdout], 'a foreign order that was told is no difference').toEqual([
      0,
      expect.stringMatching(/FOREIGN_ORDER \(known\)[\s\S]*Books and exchanges agree\.\n$/),
    ])
  })
})

function resultOf(ran: Ran): ReconcileResult {
  return reconcile.result.parse(ran.json().result) as ReconcileResult
}

function kindsOf(result: ReconcileResult, { account }: Seed, which: 'plan' | 'left'): string[] {
  const one = result.accounts.find(({ key }) => key.id === account.apiKeyId)
  const counted = (one?.[which]?.differences ?? []).filter(
    ({ kind, state }) => kind !== 'FOREIGN_ORDER' || state === 'NEW',
  )
  return counted.map(({ kind }) => kind).toSorted()
}

/** The books have each trade of the account that was a bot's, and no other; the position is what the account has. */
async function expectFillsToAgree(ledger: Ledger, { account, kinds }: Seed, name: string): Promise<void> {
  if (kinds.includes('FOREIGN_ORDER')) return
  const { engine, sandboxUrl } = ledger
  const futures = (await engine.orders(account.botId)).some((order) => order.reduce_only) || isFutures(name)
  const part = futures ? 'futures/' : ''
  const trades = await control(sandboxUrl, 'GET', `/sandbox/${part}trades?account=${account.venueKey}`)
  const fills = await engine.fills(account.botId)
  expect(fills.map((fill) => fill.trade_id).toSorted(), name).toEqual(
    trades.map((trade) => String(trade['id'])).toSorted(),
  )
  for (const order of await engine.orders(account.botId)) {
    const ofOrder = fills.filter((fill) => fill.order_id === order.id)
    const sum = ofOrder.reduce((total, fill) => total.plus(fill.amount), ZERO)
    expect(plain(decimal(order.filled)), `${name}: order ${order.id}`).toBe(plain(sum))
  }
  const venue = await engine.deps.accounts.forKey(account.apiKeyId)
  const held = decimal((await engine.openPosition(account.botId))?.amount ?? '0')
  if (futures) expect(plain((await venue.fetchPosition(PERPETUAL))?.amount ?? ZERO), name).toBe(plain(held))
  else {
    const { dust_amount: dust } = await engine.state(account.botId)
    const there = (await venue.fetchBalance('SPOT')).get('BTC')?.total ?? ZERO
    expect(plain(there), name).toBe(plain(held.plus(dust)))
  }
}

function isFutures(name: string): boolean {
  return /liquidation|short position|turned round/.test(name)
}

async function expectGuarded(ledger: Ledger, seed: Seed): Promise<void> {
  const { botId, apiKeyId } = seed.account
  const venue = await ledger.engine.deps.accounts.forKey(apiKeyId)
  const resting = await venue.fetchOpenOrders('BTC/USDT')
  const stops = (await ledger.engine.orders(botId)).filter(({ purpose }) => purpose === 'PROTECTIVE_STOP')
  // While a stray one rests it holds the coins, and the exchange refuses another.
  const open = stops.filter(({ status }) => status === 'OPEN')
  expect([stops[0]?.status, open.length]).toEqual(['CANCELED', 1])
  expect(resting.map(({ clientOrderId }) => clientOrderId)).toEqual([open[0]?.client_order_id])
}

async function countOf(ledger: Ledger, table: string): Promise<string> {
  const { rows } = await ledger.db.pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)
  return rows[0]?.n ?? ''
}
