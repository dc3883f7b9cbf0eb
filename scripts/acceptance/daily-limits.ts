import { expect } from 'vitest'
import { openSandbox, type Sandbox } from './sandbox.ts'
import { startSystem, type System } from './system.ts'
import { signUp } from './trader.ts'
import { seconds, until } from './until.ts'
import { calm, makeWaves } from './waves.ts'

/** A daily loss pauses the bot, and the reset of the UTC day wakes it, once; on a system of its own, whose clock is shifted. */
export async function testDailyLimits(): Promise<void> {
  // Far from UTC: the day is the UTC day all the same.
  const system = await startSystem({ env: { TZ: 'Asia/Tokyo' } })
  try {
    const sandbox = openSandbox(system.sandboxUrl)
    await calm(sandbox, ['BTCUSDT'])
    await pausesAndWakes(system, sandbox)
  } finally {
    await system.stop()
  }
}

async function pausesAndWakes(system: System, sandbox: Sandbox): Promise<void> {
  const trader = await signUp(system.url)
  const bot = await trader.createBot({
    initialCapital: '1000',
    positionSizeFixed: '1000',
    stopLossPerc: '5',
    maxDailyLossPerc: '2',
    // The strategy never sells, so that what leaves the position is its stop.
    rsiOversold: '99',
  })
  await trader.start(bot.id)
  await trader.botWhen(bot.id, 'runs', (now) => now.state.status === 'RUNNING')
  const waves = makeWaves(sandbox, 'BTCUSDT')
  await waves.crossUp()
  await trader.botWhen(bot.id, 'holds a position', (now) => now.position !== null)
  await waves.at(-2.5)
  const paused = await trader.botWhen(bot.id, 'is paused', (now) => now.state.status === 'PAUSED')
  expect(paused.state.pauseReason).toBe('DAILY_LOSS')
  expect(paused.allowedCommands).not.toContain('RESUME')
  const [because] = (await trader.events(bot.id)).filter((event) => event.toStatus === 'PAUSED')
  expect(because.message).toMatch(/loss/i)
  const refused = await trader.mutate('resumeBot(id: $id)', '$id: ID!', { id: bot.id }, '')
  expect(refused.__typename).toBe('InvalidTransitionError')

  await waves.at(-8)
  await trader.botWhen(bot.id, 'is stopped out while paused', (now) => now.position === null)
  const purposes = (await trader.orders(bot.id)).map((order) => order.purpose)
  expect(purposes.toSorted()).toEqual(['ENTRY', 'STOP_LOSS'])

  // From now on the bot ticks once a day, so that it is the reset that wakes it and not its own tick.
  const { revision } = await trader.bot(bot.id)
  const updated = await trader.mutate(
    'updateBot(input: $input)',
    '$input: UpdateBotInput!',
    { input: { id: bot.id, revision, checkIntervalSeconds: 86_400 } },
    '... on Bot { id }',
  )
  expect(updated.__typename).toBe('Bot')
  await tickedAfter(trader, bot.id, new Date())
  await system.sql(
    `UPDATE clock_shift SET seconds = extract(epoch FROM date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day' - now() AT TIME ZONE 'UTC') + 5`,
  )
  await seconds(2)
  expect((await trader.bot(bot.id)).state.status).toBe('PAUSED')
  await reset(system)
  const awake = await trader.botWhen(bot.id, 'is awake', (now) => now.state.status === 'RUNNING', 10_000)
  expect(awake.state).toMatchObject({ pauseReason: null, dailyTradeCount: 0 })
  const statuses = async () => (await trader.events(bot.id)).filter((event) => event.toStatus).length
  const before = { statuses: await statuses(), version: awake.state.version }
  await reset(system)
  await until('the second reset is done', async () => (await resetJobs(system)) === 0)
  await seconds(2)
  expect(await statuses()).toBe(before.statuses)
}

async function tickedAfter(
  trader: Awaited<ReturnType<typeof signUp>>,
  id: string,
  moment: Date,
): Promise<void> {
  await trader.botWhen(
    id,
    'has ticked with its new interval',
    (now) => new Date(now.state.lastTickAt) > moment,
  )
  await seconds(2)
}

/** What the cron does at 00:00 UTC. */
async function reset(system: System): Promise<void> {
  await system.sql(`SELECT graphile_worker.add_job('reactivate_bots_after_reset', payload := '{}')`)
}

async function resetJobs(system: System): Promise<number> {
  const rows = await system.sql(
    `SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = 'reactivate_bots_after_reset'`,
  )
  return rows.length
}
