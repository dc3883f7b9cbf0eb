import { expect, test } from 'vitest'
import type { Sandbox } from './sandbox.ts'
import type { System } from './system.ts'
import { signUp, type Trader } from './trader.ts'
import { seconds, until } from './until.ts'
import { makeWaves } from './waves.ts'

/** What the death of a worker, and a second worker, must not do. */
export function testSafety(opened: () => { system: System; sandbox: Sandbox }): void {
  test('kill -9 of the worker between intent and answer: the order is settled, the bot ticks on, nothing is doubled', async () => {
    const { system, sandbox } = opened()
    const trader = await signUp(system.url)
    const keys = await sandbox.newAccount()
    const bot = await trader.createBot({ mode: 'LIVE', apiKeyId: await trader.addKey(keys) })
    await trader.start(bot.id)
    await trader.botWhen(bot.id, 'runs', (now) => now.state.status === 'RUNNING')
    await sandbox.fault({
      endpoint: 'POST /api/v3/order',
      kind: 'delay',
      count: 1,
      ms: 8_000,
      account: keys.apiKey,
    })
    const waves = makeWaves(sandbox, 'BTCUSDT')
    await waves.crossUp()
    await until('the exchange has accepted the entry', async () => (await sandbox.ordersOf(keys)).length > 0)
    const unanswered = await trader.orders(bot.id)
    expect(unanswered.map((order) => order.status)).toEqual(['SUBMITTING'])
    const worker = system.pid('worker')
    process.kill(worker, 'SIGKILL')
    const killedAt = new Date()

    const [order] = await until(
      'the order is settled',
      async () => {
        const orders = (await trader.orders(bot.id)).filter((each) => each.purpose === 'ENTRY')
        return orders[0]?.status === 'FILLED' && orders
      },
      60_000,
      500,
    )
    await trader.botWhen(bot.id, 'ticks again', (now) => new Date(now.state.lastTickAt) > killedAt, 60_000)
    expect(Date.now() - killedAt.getTime()).toBeLessThan(60_000)
    expect(system.pid('worker')).not.toBe(worker)

    const theirs = (await sandbox.ordersOf(keys)).filter((each) => each.side === 'BUY')
    expect(theirs.map((each) => each.clientOrderId)).toEqual([order.clientOrderId])
    const ours = (await trader.orders(bot.id)).filter((each) => each.side === 'BUY')
    expect(ours).toHaveLength(1)
    expect((await trader.bot(bot.id)).position).not.toBeNull()
    expect(await trader.trades(bot.id)).toHaveLength((await sandbox.myTrades(keys, 'BTCUSDT')).length)
    await trader.stop(bot.id, 'CLOSE')
    await trader.botWhen(bot.id, 'is flat', (now) => !now.state.closing && now.position === null)
  })

  test('kill -9 of PostgreSQL, then of the server: the bot ticks on, and a reader misses no event', async () => {
    const { system, sandbox } = opened()
    const trader = await signUp(system.url)
    const keys = await sandbox.newAccount()
    const apiKeyId = await trader.addKey(keys)
    const bot = await trader.createBot({ symbol: 'XRP/USDT', mode: 'LIVE', apiKeyId })
    const changes = await trader.api.subscribe(
      'subscription ($id: ID!) { botChanged(id: $id) { state { version } } }',
      { id: bot.id },
    )
    await trader.start(bot.id)
    await trader.botWhen(bot.id, 'runs', (now) => now.state.status === 'RUNNING')
    process.kill(system.postgresPid(), 'SIGKILL')
    await ticksOn(trader, bot.id)
    process.kill(system.pid('server'), 'SIGKILL')
    await ticksOn(trader, bot.id)
    const seen = changes.length
    await until('botChanged goes on', () => changes.length > seen, 30_000)

    // What the events say afterwards is whole: counted without gaps, and again the same from the first cursor.
    const [all, again] = [await trader.events(bot.id), await trader.api.subscribe(everyEvent, { after: '0' })]
    await until('all events came again', () => again.length >= all.length, 10_000)
    const cursors = again.map((event) => Number(event.data.botEvents.cursor))
    expect(cursors).toEqual(cursors.map((_, index) => index + 1))
    await trader.stop(bot.id, 'CLOSE')
    await trader.api.close()
  })

  test('two workers and one bot: a tick that meets a locked row says so, and no second order exists', async () => {
    const { system, sandbox } = opened()
    const second = await system.addWorker()
    const trader = await signUp(system.url)
    const keys = await sandbox.newAccount()
    const bot = await trader.createBot({
      symbol: 'ETH/USDT',
      mode: 'LIVE',
      apiKeyId: await trader.addKey(keys),
    })
    await trader.start(bot.id)
    await trader.botWhen(bot.id, 'runs', (now) => now.state.status === 'RUNNING')

    const psql = await system.connect()
    await psql.query('BEGIN')
    await psql.query('SELECT 1 FROM bot_states WHERE bot_id = $1 FOR UPDATE', [bot.id])
    const skipped = () =>
      `${system.log('worker')}${second.log()}`.split('\n').filter((line) => isSkip(line, bot.id))
    await until('a tick is skipped because its row is locked', () => skipped().length > 0, 10_000)
    await psql.query('ROLLBACK')

    const lockedUntil = new Date()
    await trader.botWhen(bot.id, 'ticks again', (now) => new Date(now.state.lastTickAt) > lockedUntil)
    const waves = makeWaves(sandbox, 'ETHUSDT')
    await waves.crossUp()
    await trader.botWhen(bot.id, 'holds a position', (now) => now.position !== null)
    // The same tick once more, for both workers at once: no signal is traded twice.
    for (let i = 0; i < 10; i++)
      await system.sql(
        `SELECT graphile_worker.add_job('run_bot', payload := json_build_object('botId', $1::text))`,
        [bot.id],
      )
    await seconds(3)
    const stops = (order: { purpose: string }) => order.purpose === 'PROTECTIVE_STOP'
    const orders = await trader.orders(bot.id)
    const ours = orders.filter((order) => !stops(order))
    expect(ours.map((order) => [order.purpose, order.status])).toEqual([['ENTRY', 'FILLED']])
    expect(orders.filter(stops).map((order) => order.status)).toEqual(['OPEN'])
    expect((await sandbox.ordersOf(keys)).map((order) => order.clientOrderId).toSorted()).toEqual(
      orders.map((order) => order.clientOrderId).toSorted(),
    )
    await trader.stop(bot.id, 'CLOSE')
  })
}

const everyEvent = 'subscription ($after: String) { botEvents(after: $after) { cursor } }'

/** Ticks again within 30 s plus its interval, as is promised. */
async function ticksOn(trader: Trader, id: string): Promise<void> {
  const since = Date.now() + 1_000
  await until(
    'the bot ticks again',
    // Neither database nor server may answer yet.
    async () => new Date((await trader.bot(id).catch(() => null))?.state.lastTickAt ?? 0).getTime() > since,
    31_000,
    500,
  )
}

function isSkip(line: string, botId: string): boolean {
  return line.includes('Skipped (locked)') && line.includes(`"botId":"${botId}"`)
}
