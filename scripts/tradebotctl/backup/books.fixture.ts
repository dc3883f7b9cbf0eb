import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { createBacktest } from '#trading/store/backtests.ts'
import { insertApiKey } from '#trading/store/api-keys.ts'
import { createSession } from '#trading/store/sessions.ts'
import { aConfig } from '#trading/domain/bot.fixture.ts'
import { aPosition, anOrder, aSavedBot, aUser, lead } from '#trading/store/bot.fixture.ts'
import { claimMasterKey } from '#trading/store/master-key.ts'
import { inTransaction, type Pool } from '#trading/store/pool.ts'
import { type Ran, type RunOptions, tradebotctl } from '../testing/run.ts'

const PASSPHRASE = 'correct horse battery staple'

/** A folder for a data dir, the passphrase and backups, and the commands run over it. */
export function withPlace() {
  const masterKey = randomBytes(32)
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tradebot-backup-'))
    writeFileSync(path.join(folder, 'passphrase'), `${PASSPHRASE}\n`)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const envFor = (url: string | undefined, key: Buffer | undefined = masterKey): NodeJS.ProcessEnv => ({
    DATABASE_URL: url,
    TRADEBOT_MASTER_KEY: url === undefined ? undefined : key?.toString('base64'),
    TRADEBOT_DATA_DIR: path.join(folder, 'data'),
  })
  return {
    masterKey,
    envFor,
    at: (name: string) => path.join(folder, name),
    run: (url: string | undefined, args: string[], more: RunOptions = {}): Promise<Ran> =>
      tradebotctl(args, { ...more, env: { ...envFor(url), ...more.env } }),
    /** With the right passphrase, or under the master key. */
    backup: (url: string | undefined, file: string, more: string[] = []): Promise<Ran> =>
      tradebotctl(
        [
          'backup',
          '--out',
          path.join(folder, file),
          ...(more.includes('--under-master-key')
            ? []
            : ['--passphrase-file', path.join(folder, 'passphrase')]),
          '--json',
          ...more,
        ],
        { env: envFor(url) },
      ),
    restore: (url: string | undefined, file: string, more: string[] = []): Promise<Ran> =>
      tradebotctl(
        [
          'restore',
          path.join(folder, file),
          '--passphrase-file',
          path.join(folder, 'passphrase'),
          '--json',
          ...more,
        ],
        { env: envFor(url) },
      ),
  }
}

/** Something in every kind of table, odd text included. */
export async function fillBooks(pool: Pool, masterKey: Buffer): Promise<{ userId: string; botId: string }> {
  await claimMasterKey(pool, masterKey)
  const actor = await aUser(pool)
  const credentials = { apiKey: 'k', secretKey: 's', passphrase: null }
  const key = {
    exchange: 'sandbox',
    label: 'tab\there \\N "quoted"\nline',
    acceptWithdraw: false,
    credentials,
  }
  const apiKeyId = await inTransaction(pool, (tx) => insertApiKey(tx, masterKey, actor.userId, key))
  const botId = await aSavedBot(pool, actor, { name: 'Größe 🚀' })
  await lead(pool, botId, 'RUNNING')
  await aPosition(pool, botId)
  await anOrder(pool, botId, { status: 'FILLED' })
  await anOrder(pool, botId, { status: 'INTENDED', purpose: 'EXIT', side: 'SELL', mode: 'LIVE', apiKeyId })
  const paused = await aSavedBot(pool, actor)
  await lead(pool, paused, 'PAUSED')
  await anOrder(pool, paused, { status: 'SUBMITTING', mode: 'LIVE', apiKeyId })
  const failed = await aSavedBot(pool, actor)
  await lead(pool, failed, 'ERROR')
  await createSession(pool, actor.userId)
  await inTransaction(pool, (tx) =>
    createBacktest(tx, actor.userId, {
      name: 'b',
      config: aConfig(),
      from: null,
      to: null,
      csv: '1,2\n3,4\n',
    }),
  )
  await pool.query(`INSERT INTO api_tokens (user_id, name, token_hash) VALUES ($1, 't', 'h')`, [actor.userId])
  await pool.query(
    `INSERT INTO fills (order_id, bot_id, exchange, account, symbol, exchange_order_id, trade_id, side, amount, price, fee, fee_currency, executed_at)
     SELECT id, bot_id, exchange, 'paper', symbol, '1', '1', side, 0.001, 12345.000000000000000001, 0, 'USDT', now() FROM orders WHERE bot_id = $1 AND status = 'FILLED'`,
    [botId],
  )
  await pool.query(
    `INSERT INTO transfers (bot_id, api_key_id, from_wallet, to_wallet, amount, currency, purpose, day, client_transfer_id)
     VALUES ($1, $2, 'FUTURES', 'SPOT', 1.5, 'USDT', 'DAY_END', '2026-11-01', 'c')`,
    [botId, apiKeyId],
  )
  await pool.query(`INSERT INTO bot_days (bot_id, day, start_equity) VALUES ($1, '2026-11-01', 1000)`, [
    botId,
  ])
  await pool.query(`INSERT INTO venues (exchange, timeframes) VALUES ('odd', '{1m,"a,b",NULL}')`)
  await pool.query(
    `INSERT INTO candles (exchange, symbol, timeframe, open_time, closed, open, high, low, close, volume)
     SELECT 'sandbox', 'BTC/USDT', '1m', timestamptz '2026-01-01' + i * interval '1 minute', true, i, i, i, i, i FROM generate_series(1, 20000) i`,
  )
  await pool.query(
    `INSERT INTO worker_heartbeats (worker_id, host, pid, started_at, beat_at) VALUES ('w', 'h', 1, now(), now() - interval '1 hour')`,
  )
  return { userId: actor.userId, botId }
}

/** Each table's rows as text, sorted; positions of sequences too. */
export async function booksOf(url: string): Promise<Record<string, string[]>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`SET TimeZone = 'UTC'`)
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
    )
    const books: Record<string, string[]> = {}
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`)
      books[name] = rows.map(({ row }) => row).toSorted()
    }
    const { rows: sequences } = await client.query<{ row: string }>(
      `SELECT sequencename || ' ' || coalesce(last_value::text, '-') AS row FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1`,
    )
    return { ...books, sequences: sequences.map(({ row }) => row) }
  } finally {
    await client.end()
  }
}
