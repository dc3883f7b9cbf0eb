import { expect, test } from 'vitest'
import { BOT_RANGES } from '../domain/bot-config.ts'
import { STRATEGIES } from '../domain/strategies/index.ts'
import { paramsOf } from '../domain/strategies/strategy.ts'
import { botFromRow } from './bot-columns.ts'
import { wantSeries } from './candle-feed.ts'
import { insertBot } from './candles.fixture.ts'
import { CANDLES_KEPT } from './candles.ts'
import { listFollowedSeries, type FollowedSeries } from './followed-series.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
let lastSymbol = 0
const newSeries = () => ({ exchange: 'sandbox', symbol: `T${++lastSymbol}/USDT`, timeframe: '1m' })

test('followed is what due bots and open charts want, once for each series', async () => {
  const [bots, chart, idle, deleted] = [newSeries(), newSeries(), newSeries(), newSeries()]
  await insertBot(db.pool, { ...bots, checkIntervalSeconds: 30, emaSlow: 21 })
  await insertBot(db.pool, { ...bots, checkIntervalSeconds: 5, emaSlow: 100 })
  await wantSeries(db.pool, bots)
  await wantSeries(db.pool, chart)
  await insertBot(db.pool, { ...idle, due: false })
  const gone = await insertBot(db.pool, deleted)
  await db.pool.query('UPDATE bot_configs SET deleted_at = tradebot_now() WHERE id = $1', [gone])
  await db.pool.query(
    `INSERT INTO candle_series (exchange, symbol, timeframe, wanted_until) VALUES ('sandbox', 'OLD/USDT', '1m', tradebot_now() - interval '1 second')`,
  )
  expect(await followed()).toEqual([
    { ...bots, needed: 1005, checkIntervalSeconds: 5 },
    { ...chart, needed: 200, checkIntervalSeconds: null },
  ])
})

test.each(STRATEGIES.map((strategy) => [strategy.id, strategy] as const))(
  'what is fetched is enough for %s, at its largest periods too, and all of it is kept',
  async (strategyId, strategy) => {
    const series = newSeries()
    const strategyParams = strategy.parameters.map(({ name, range }) => ({ name, value: range.max ?? '' }))
    const id = await insertBot(db.pool, {
      ...series,
      strategy: strategyId,
      strategyParams,
      emaSlow: Number(BOT_RANGES.emaSlow.max),
    })
    await db.pool.query(`UPDATE bot_configs SET rsi_period = $2 WHERE id = $1`, [
      id,
      BOT_RANGES.rsiPeriod.max,
    ])
    const { rows } = await db.pool.query('SELECT * FROM bot_configs WHERE id = $1', [id])
    const warmUp = strategy.warmUp(paramsOf(strategy, botFromRow(rows[0])))
    const needed = (await followed()).find((entry) => entry.symbol === series.symbol)?.needed ?? 0
    // The five that a late tick looks back at are warm too.
    expect(needed).toBe(warmUp + 5)
    expect(CANDLES_KEPT).toBeGreaterThan(needed)
  },
)

async function followed(): Promise<FollowedSeries[]> {
  const all = await listFollowedSeries(db.pool)
  const number = (entry: FollowedSeries) => Number(/\d+/.exec(entry.symbol)?.[0])
  return all.toSorted((a, b) => number(a) - number(b))
}
