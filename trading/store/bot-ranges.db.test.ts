import { beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '../domain/actor.ts'
import { aConfig } from '../domain/bot.fixture.ts'
import type { BotConfig } from '../domain/bot.ts'
import { BOT_RANGES, describeRange, type Range, validateBotConfig } from '../domain/bot-config.ts'
import { decimal } from '../domain/money.ts'
import { venueFacts } from '../domain/venues.ts'
import { BOT_COLUMNS, botFromRow } from './bot-columns.ts'
import { aSavedBot, aUser } from './bot.fixture.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
let actor: Actor
beforeAll(async () => {
  actor = await aUser(db.pool)
})

const venue = { ...venueFacts('sandbox'), timeframes: [] }
/** Relations between fields stay out of the way of the one that is tried. */
const ROOM: Partial<Record<keyof BotConfig, Partial<BotConfig>>> = {
  initialCapital: { positionSizeFixed: decimal('0.000000000000000001') },
  positionSizeFixed: { initialCapital: decimal('1000000000000') },
  emaFast: { emaSlow: 1000 },
  emaSlow: { emaFast: 1 },
  rsiOverbought: { rsiOversold: decimal(0) },
  rsiOversold: { rsiOverbought: decimal(100) },
  maxOrderValue: { positionSizeFixed: decimal('0.000000000000000001') },
  leverage: { positionType: 'FUTURES', symbol: 'BTC/USDT:USDT' },
}

describe.each(Object.entries(BOT_RANGES) as [keyof typeof BOT_RANGES, Range][])('%s', (field, range) => {
  test.each(ends(range))('%s is for Postgres what it is for the API', async (value) => {
    const number = range.integer ? Number(value) : decimal(value)
    const config = aConfig({ ...ROOM[field], [field]: number })
    // The range alone: what else the code asks of a field (a transfer of 1e-18 would round to nothing) is not the table's.
    const inTheCode = !validateBotConfig(config, venue).some(
      ({ path, message }) => path[0] === field && message.includes(describeRange(range)),
    )
    await expect(saved(config)).resolves.toBe(inTheCode)
  })
})

test('each range has a CHECK, and each CHECK of bot_configs is about something that the code validates', async () => {
  const { rows } = await db.pool.query<{ def: string }>(
    `SELECT pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE contype = 'c' AND conrelid = 'bot_configs'::regclass`,
  )
  const all = rows.map((row) => row.def).join('\n')
  for (const field of Object.keys(BOT_RANGES) as (keyof typeof BOT_RANGES)[])
    expect(all).toContain(BOT_COLUMNS[field][0])
})

test('relations hold in Postgres too', async () => {
  const refused: Partial<BotConfig>[] = [
    { emaFast: 26, emaSlow: 26 },
    { rsiOversold: decimal(50), rsiOverbought: decimal(50) },
    { positionSizeFixed: decimal('1000.000000000000000001') },
    { leverage: 2 },
    { direction: 'SHORT' },
    { autoTransferFunds: true, transferAmount: decimal(1) },
    { positionType: 'FUTURES', autoTransferFunds: true, transferAmount: null },
    { name: '' },
    { name: 'x'.repeat(101) },
    { exchange: 'binance', checkIntervalSeconds: 29 },
  ]
  for (const more of refused) expect(await saved(aConfig(more)), JSON.stringify(more)).toBe(false)
  expect(await saved(aConfig({ exchange: 'binance', checkIntervalSeconds: 30 }))).toBe(true)
})

test('a configuration comes back as it went in, to the last of 18 decimals', async () => {
  const config = aConfig({
    name: 'Round trip',
    initialCapital: decimal('999999999999.999999999999999999'),
    stopLossPerc: decimal('0.000000000000000001'),
    trailingStopPerc: decimal('99.999999999999999999'),
    dailyTargetPerc: decimal('1e-18'),
    strategyParams: [{ name: 'x', value: decimal('0.1') }],
  })
  const botId = await aSavedBot(db.pool, actor, config)
  const { rows } = await db.pool.query<Record<string, unknown>>(`SELECT * FROM bot_configs WHERE id = $1`, [
    botId,
  ])
  expect(JSON.parse(JSON.stringify(botFromRow(rows[0] ?? {})))).toMatchObject(
    JSON.parse(JSON.stringify(config)),
  )
})

/** Inserts by plain SQL, past the API's validation; false when a CHECK refuses. Nothing is kept. */
async function saved(config: BotConfig): Promise<boolean> {
  const columns = Object.entries(BOT_COLUMNS) as [keyof BotConfig, readonly [string, string]][]
  const values = columns.map(([field]) => (field === 'strategyParams' ? '[]' : plainValue(config[field])))
  const insert = `INSERT INTO bot_configs (user_id, ${columns.map(([, [column]]) => column).join(', ')})
    VALUES ($1, ${columns.map((_, index) => `$${index + 2}`).join(', ')})`
  try {
    await inTransaction(db.pool, async (tx) => {
      await tx.query(insert, [actor.userId, ...values])
      throw new RolledBack()
    })
  } catch (error) {
    if (error instanceof RolledBack) return true
    if (error instanceof Error && 'code' in error && (error.code === '23514' || error.code === '22P02'))
      return false
    throw error
  }
  throw new Error('the transaction was to be rolled back')
}

class RolledBack extends Error {}

function plainValue(value: BotConfig[keyof BotConfig]): unknown {
  return typeof value === 'object' && value !== null ? String(value) : value
}

/** Just in and just out at both ends. */
function ends(range: Range): string[] {
  const step = range.integer ? '1' : '0.000000000000000001'
  return [range.above, range.below, range.min, range.max]
    .filter((end) => end !== undefined)
    .flatMap((end) => [decimal(end).minus(step), decimal(end), decimal(end).plus(step)])
    .map((value) => value.toFixed())
    .concat(range.integer ? ['2.5'] : [])
}
