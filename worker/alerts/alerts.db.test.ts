import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { loadEnv } from '#trading/config/env.ts'
import { makeLogger } from '#trading/config/logger.ts'
import { addAlertChannel } from '#trading/store/alert-channels.ts'
import { aSavedBot, aUser, lead } from '#trading/store/bot.fixture.ts'
import { writeEvents } from '#trading/store/events.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { startAlerts } from './alerts.ts'
import { startReceiver } from './receiver.fixture.ts'

const db = withTestDatabase()

test('what two workers read of a bot reaches its webhook once, within seconds; stopped, they leave no connection', async () => {
  const env = loadEnv({
    DATABASE_URL: db.url,
    TRADEBOT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    TRADEBOT_ALERT_PRIVATE: 'on',
    TRADEBOT_PUBLIC_URL: 'https://bots.example',
  })
  const receiver = await startReceiver()
  onTestFinished(() => receiver.close())
  const user = await aUser(db.pool)
  const botId = await aSavedBot(db.pool, user, { name: 'Watched' })
  const target = { kind: 'WEBHOOK', url: receiver.url, secret: null } as const
  await inTransaction(db.pool, (tx) =>
    addAlertChannel(tx, env.masterKey, user.userId, { name: 'Hook', kinds: [], target }),
  )
  const logger = makeLogger('test', 'silent')
  const workers = [startAlerts(env, logger), startAlerts(env, logger)]
  await lead(db.pool, botId, 'RUNNING')
  await inTransaction(db.pool, async (tx) => {
    await tx.query(
      `UPDATE bot_states SET status = 'PAUSED', pause_reason = 'DAILY_LOSS', pause_day = tradebot_today() WHERE bot_id = $1`,
      [botId],
    )
    const event = {
      botId,
      type: 'STATUS',
      from: 'RUNNING',
      to: 'PAUSED',
      message: 'Enough for today.',
    } as const
    await writeEvents(tx, { ...user, label: 'worker' }, [event])
  })
  for (let i = 0; i < 100 && receiver.received.length === 0; i++) await sleep(50)
  await sleep(1_500)
  expect(receiver.received.map(({ body }) => JSON.parse(body))).toMatchObject([
    { kind: 'DAILY_LIMIT', botName: 'Watched', message: 'Enough for today.' },
  ])
  await Promise.all(workers.map((worker) => worker.stop()))
  // A backend ends a moment after its client has said good-bye.
  await expect.poll(connections, { timeout: 3_000 }).toBe(0)
})

async function connections(): Promise<number | undefined> {
  const { rows } = await db.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tradebot-alerts'`,
  )
  return rows[0]?.count
}
