import { beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '../domain/actor.ts'
import {
  allowedCommands,
  BOT_COMMANDS,
  BOT_FINDINGS,
  BOT_STATUSES,
  type BotCommand,
  type BotStatus,
  LIFECYCLE,
  statusPairs,
  transition,
  type LifecycleFacts,
} from '../domain/bot-lifecycle.ts'
import {
  InvalidTransitionError,
  NotFoundError,
  OpenPositionError,
  ValidationError,
} from '../domain/errors.ts'
import { decimal } from '../domain/money.ts'
import { aPosition, anOrder, aSavedBot, aUser, lead } from './bot.fixture.ts'
import { deleteBot, pauseBot, resumeBot, startBot, stopBot } from './bot-commands.ts'
import { loadFacts } from './lifecycle-facts.ts'
import { inTransaction, type Tx } from './pool.ts'
import { withTestDatabase } from './testing.ts'
import { updateBot } from './update-bot.ts'

const db = withTestDatabase()
let actor: Actor

beforeEach(async () => {
  await db.pool.query('DELETE FROM graphile_worker._private_jobs')
  actor = await aUser(db.pool)
})

/** DESIGN.md's table once more, by hand: what each command of a person makes of each status. Null: refused. */
const TABLE: Record<BotStatus, Record<BotCommand, BotStatus | null>> = {
  STOPPED: { START: 'PENDING', RESUME: null, PAUSE: null, STOP: null, UPDATE: 'STOPPED', DELETE: 'STOPPED' },
  PENDING: { START: null, RESUME: null, PAUSE: null, STOP: 'STOPPED', UPDATE: null, DELETE: null },
  RUNNING: { START: null, RESUME: null, PAUSE: 'PAUSED', STOP: 'STOPPED', UPDATE: 'RUNNING', DELETE: null },
  PAUSED: {
    START: null,
    RESUME: 'RUNNING',
    PAUSE: 'PAUSED',
    STOP: 'STOPPED',
    UPDATE: 'PAUSED',
    DELETE: null,
  },
  ERROR: { START: null, RESUME: null, PAUSE: null, STOP: 'STOPPED', UPDATE: null, DELETE: 'STOPPED' },
}
const ACTIVE_AFTER: Partial<Record<BotCommand, boolean>> = { START: true, STOP: false, DELETE: false }
const JOB_AFTER: readonly BotCommand[] = ['START', 'RESUME']

for (const status of BOT_STATUSES) {
  for (const command of BOT_COMMANDS) {
    const to = TABLE[status][command]
    if (to === null) {
      test(`${command} of a bot that is ${status} is refused, and nothing is written`, async () => {
        const botId = await aSavedBot(db.pool, actor)
        await lead(db.pool, botId, status)
        const before = await everything(botId)
        const error = await act(command, botId).catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(InvalidTransitionError)
        expect(error).toMatchObject({ status, command, code: 'INVALID_TRANSITION' })
        expect((error as InvalidTransitionError).message).toMatch(/^The bot is .+\.$/)
        expect(await everything(botId)).toEqual(before)
        expect(await facts(botId).then(allowedCommands)).not.toContain(command)
      })
    } else {
      test(`${command} of a bot that is ${status} makes it ${to}, with event and job in one commit`, async () => {
        const botId = await aSavedBot(db.pool, actor)
        await lead(db.pool, botId, status)
        expect(await facts(botId).then(allowedCommands)).toContain(command)
        const before = await everything(botId)
        await act(command, botId)
        const after = await everything(botId)
        expect(after.state).toMatchObject({ status: to })
        expect(after.config['is_active']).toBe(ACTIVE_AFTER[command] ?? before.config['is_active'])
        expect(after.config['deleted_at'] !== null).toBe(command === 'DELETE')
        expect(Number(after.config['revision'])).toBe(command === 'UPDATE' ? 2 : 1)
        const written = after.events.slice(before.events.length)
        expect(written.length).toBeGreaterThan(0)
        expect(new Set(written.map((event) => event['actor']))).toEqual(new Set(['user']))
        expect(new Set(written.map((event) => event['command']))).toEqual(new Set([command]))
        const moves = written.filter((event) => event['to_status'] !== null)
        const statusEvent = { type: 'STATUS', from_status: status, to_status: to }
        const moved = command !== 'UPDATE' && !(command === 'DELETE' && status === 'STOPPED')
        expect(moves).toEqual(moved ? [expect.objectContaining(statusEvent)] : [])
        expect(after.jobs.slice(before.jobs.length)).toEqual(
          JOB_AFTER.includes(command) ? [`run_bot:${botId}`] : [],
        )
      })
    }
  }
}

test('the table of the code is the one above, and total', () => {
  for (const status of BOT_STATUSES) {
    expect(Object.keys(LIFECYCLE[status]).toSorted()).toEqual([...BOT_COMMANDS, ...BOT_FINDINGS].toSorted())
    for (const command of BOT_COMMANDS) {
      // ● of ERROR under DELETE: allowed, and the deletion itself stops the bot.
      const to = command === 'DELETE' && TABLE[status][command] !== null ? status : TABLE[status][command]
      expect(transition(plainFacts(status), command).to, `${status} ${command}`).toBe(to)
    }
  }
})

test('what workers find out moves a bot as DESIGN.md says', () => {
  const expected: Record<BotStatus, (BotStatus | null)[]> = {
    // INITIALISED, DAILY_LIMIT, NEW_DAY (of an earlier day's daily pause), FAILURE
    STOPPED: [null, null, null, null],
    PENDING: ['RUNNING', null, null, 'ERROR'],
    RUNNING: [null, 'PAUSED', null, 'ERROR'],
    PAUSED: [null, 'PAUSED', 'RUNNING', 'ERROR'],
    ERROR: [null, null, null, null],
  }
  for (const status of BOT_STATUSES) {
    const paused = status === 'PAUSED' ? ({ pauseReason: 'DAILY_LOSS', pauseDay: '2026-01-01' } as const) : {}
    const found = BOT_FINDINGS.map((finding) => transition({ ...plainFacts(status), ...paused }, finding).to)
    expect(found, status).toEqual(expected[status])
  }
})

describe('footnotes', () => {
  test('STOP of a stopped bot is allowed while it holds a position, and asks what becomes of it', async () => {
    const botId = await aSavedBot(db.pool, actor)
    await aPosition(db.pool, botId)
    const before = await everything(botId)
    await expect(act('STOP', botId)).rejects.toThrow(OpenPositionError)
    expect(await everything(botId)).toEqual(before)
    await inTransaction(db.pool, (tx) => stopBot(tx, actor, botId, 'CLOSE'))
    const after = await everything(botId)
    expect(after.state).toMatchObject({ status: 'STOPPED', closing: true, close_policy: 'CLOSE' })
    expect(after.state['next_tick_at']).not.toBeNull()
    expect(after.jobs).toEqual([`run_bot:${botId}`])
    await expect(act('START', botId)).rejects.toThrow(InvalidTransitionError)
    await inTransaction(db.pool, (tx) => stopBot(tx, actor, botId, 'KEEP'))
    expect((await everything(botId)).state).toMatchObject({
      closing: false,
      close_policy: 'KEEP',
      next_tick_at: null,
    })
    await act('START', botId)
  })

  test.each(['SUBMITTING', 'UNKNOWN', 'OPEN', 'PARTIALLY_FILLED'])(
    'STOP of a stopped bot is allowed while an order is %s, and has it cancelled',
    async (status) => {
      const botId = await aSavedBot(db.pool, actor)
      const orderId = await anOrder(db.pool, botId, { status })
      await expect(act('STOP', botId)).rejects.toThrow(OpenPositionError)
      await inTransaction(db.pool, (tx) => stopBot(tx, actor, botId, 'CLOSE'))
      const { rows } = await db.pool.query(
        `SELECT status, cancel_requested, next_settle_at FROM orders WHERE id = $1`,
        [orderId],
      )
      expect(rows[0]).toMatchObject({ status, cancel_requested: true, next_settle_at: expect.any(Date) })
      expect((await everything(botId)).state).toMatchObject({ closing: true })
    },
  )

  test.each(['ENTRY', 'EXIT', 'STOP_LOSS', 'CLOSE'])(
    'STOP drops an %s that nobody has claimed: it can never be sent',
    async (purpose) => {
      const botId = await aSavedBot(db.pool, actor)
      await lead(db.pool, botId, 'RUNNING')
      if (purpose !== 'ENTRY') await aPosition(db.pool, botId)
      const side = purpose === 'ENTRY' ? 'BUY' : 'SELL'
      const orderId = await anOrder(db.pool, botId, { status: 'INTENDED', purpose, side })
      await inTransaction(db.pool, (tx) => stopBot(tx, actor, botId, 'CLOSE'))
      const { rows } = await db.pool.query(`SELECT status, next_settle_at FROM orders WHERE id = $1`, [
        orderId,
      ])
      expect(rows[0]).toEqual({ status: 'NOT_PLACED', next_settle_at: null })
      expect((await everything(botId)).state).toMatchObject({
        status: 'STOPPED',
        closing: purpose !== 'ENTRY',
      })
    },
  )

  test('PAUSE drops an entry that nobody has claimed, and leaves a stop loss alone', async () => {
    const botId = await aSavedBot(db.pool, actor)
    await lead(db.pool, botId, 'RUNNING')
    const entry = await anOrder(db.pool, botId, { status: 'INTENDED' })
    await act('PAUSE', botId)
    expect(await statusOf(entry)).toBe('NOT_PLACED')
    const stop = await anOrder(db.pool, botId, { status: 'INTENDED', purpose: 'STOP_LOSS', side: 'SELL' })
    await act('PAUSE', botId)
    expect(await statusOf(stop)).toBe('INTENDED')
  })

  test.each(['DAILY_TARGET', 'DAILY_LOSS', 'DAILY_TRADES'] as const)(
    'a %s pause of today cannot be resumed, by the API or by SQL; one of yesterday can',
    async (reason) => {
      const botId = await aSavedBot(db.pool, actor)
      await lead(db.pool, botId, 'RUNNING')
      await pauseFor(botId, reason, 'tradebot_today()')
      const before = await everything(botId)
      await expect(act('RESUME', botId)).rejects.toThrow(InvalidTransitionError)
      await expect(
        sql(botId, `status = 'RUNNING', pause_reason = NULL, pause_day = NULL`),
      ).rejects.toMatchObject({
        constraint: 'bot_lifecycle',
      })
      expect(await everything(botId)).toEqual(before)
      await pauseFor(botId, reason, 'tradebot_today() - 1')
      await act('RESUME', botId)
      expect((await everything(botId)).state).toMatchObject({
        status: 'RUNNING',
        pause_reason: null,
        pause_day: null,
      })
    },
  )

  test('PAUSE of a daily-limit pause makes it MANUAL, so that midnight does not wake it', async () => {
    const botId = await aSavedBot(db.pool, actor)
    await lead(db.pool, botId, 'RUNNING')
    await pauseFor(botId, 'DAILY_LOSS', 'tradebot_today() - 1')
    await act('PAUSE', botId)
    expect((await everything(botId)).state).toMatchObject({
      status: 'PAUSED',
      pause_reason: 'MANUAL',
      pause_day: null,
    })
    expect(transition(await facts(botId), 'NEW_DAY').refused).not.toBeNull()
  })

  test('NEW_DAY ends daily pauses of earlier days only, and only with resumeNextDay', () => {
    const paused = { ...plainFacts('PAUSED'), pauseReason: 'DAILY_LOSS', pauseDay: '2026-01-01' } as const
    expect(transition({ ...paused, today: '2026-01-02' }, 'NEW_DAY').to).toBe('RUNNING')
    expect(transition({ ...paused, today: '2026-01-01' }, 'NEW_DAY').to).toBeNull()
    expect(transition({ ...paused, today: '2026-01-02', resumeNextDay: false }, 'NEW_DAY').to).toBeNull()
    for (const pauseReason of ['MANUAL', 'DRAWDOWN', 'RECONCILIATION'] as const)
      expect(transition({ ...plainFacts('PAUSED'), pauseReason }, 'NEW_DAY').to).toBeNull()
  })

  test('STOP forgets what denied the last entry', async () => {
    const botId = await aSavedBot(db.pool, actor)
    await lead(db.pool, botId, 'RUNNING')
    await sql(botId, `notice = 'BALANCE_INSUFFICIENT', notice_message = '3 USDT are free.'`)
    await act('STOP', botId)
    expect((await everything(botId)).state).toMatchObject({ notice: null, notice_message: null })
  })

  test('RESUME forgets a drawdown only when it was the reason: a pause by hand does not move the mark', async () => {
    const botId = await aSavedBot(db.pool, actor)
    await lead(db.pool, botId, 'PAUSED')
    await sql(botId, `equity = 900, peak_equity = 1000`)
    await act('RESUME', botId)
    expect((await everything(botId)).state).toMatchObject({ peak_equity: '1000.000000000000000000' })
    await sql(botId, `status = 'PAUSED', pause_reason = 'DRAWDOWN'`)
    await act('RESUME', botId)
    expect((await everything(botId)).state).toMatchObject({ peak_equity: '900.000000000000000000' })
  })

  test('direction, leverage and key change only while stopped, flat and settled', async () => {
    const botId = await aSavedBot(db.pool, actor)
    const change = () =>
      inTransaction(db.pool, (tx) =>
        updateBot(tx, actor, { id: botId, revision: 1, changes: { leverage: 2 } }, () => []),
      )
    await lead(db.pool, botId, 'RUNNING')
    await expect(change()).rejects.toThrow(ValidationError)
    await inTransaction(db.pool, (tx) => stopBot(tx, actor, botId, null))
    await aPosition(db.pool, botId)
    await expect(change()).rejects.toThrow(ValidationError)
    await db.pool.query(`UPDATE positions SET amount = 0, closed_at = tradebot_now() WHERE bot_id = $1`, [
      botId,
    ])
    const orderId = await anOrder(db.pool, botId, { status: 'UNKNOWN' })
    await expect(change()).rejects.toThrow(ValidationError)
    await db.pool.query(`UPDATE orders SET status = 'NOT_PLACED' WHERE id = $1`, [orderId])
    // Allowed now; it is the CHECK of SPOT that refuses it.
    await expect(change()).rejects.toMatchObject({ constraint: 'bot_configs_spot' })
  })

  test('a bot that is being deleted can be stopped otherwise, and still goes', async () => {
    const botId = await aSavedBot(db.pool, actor)
    await aPosition(db.pool, botId)
    await inTransaction(db.pool, (tx) => deleteBot(tx, actor, botId, 'CLOSE'))
    expect((await everything(botId)).state).toMatchObject({ deleting: true, closing: true })
    await expect(act('START', botId)).rejects.toThrow(InvalidTransitionError)
    await expect(sql(botId, `status = 'PENDING'`)).rejects.toMatchObject({ constraint: 'bot_lifecycle' })
    await inTransaction(db.pool, (tx) => stopBot(tx, actor, botId, 'KEEP'))
    const { state } = await everything(botId)
    expect(state).toMatchObject({ deleting: true, closing: false, close_policy: 'KEEP' })
    expect(state['next_tick_at'], 'a tick must come and delete it').not.toBeNull()
  })

  test('DELETE of a flat bot is soft, from STOPPED or ERROR; SQL cannot delete another', async () => {
    for (const status of BOT_STATUSES) {
      const botId = await aSavedBot(db.pool, actor)
      await lead(db.pool, botId, status)
      const deleted = db.pool.query(`UPDATE bot_configs SET deleted_at = tradebot_now() WHERE id = $1`, [
        botId,
      ])
      if (status === 'STOPPED' || status === 'ERROR') await deleted
      else await expect(deleted, status).rejects.toMatchObject({ constraint: 'bot_lifecycle' })
    }
  })

  test('a deleted bot is started by nobody', async () => {
    const botId = await aSavedBot(db.pool, actor)
    await act('DELETE', botId)
    await expect(act('START', botId)).rejects.toThrow(NotFoundError)
    await expect(sql(botId, `status = 'PENDING'`)).rejects.toMatchObject({ constraint: 'bot_lifecycle' })
  })
})

describe('in plain SQL', () => {
  const legal = new Set(statusPairs().map((pair) => pair.join(' > ')))
  const assignment: Record<BotStatus, string> = {
    STOPPED: `status = 'STOPPED', pause_reason = NULL, pause_day = NULL`,
    PENDING: `status = 'PENDING', pause_reason = NULL, pause_day = NULL`,
    RUNNING: `status = 'RUNNING', pause_reason = NULL, pause_day = NULL`,
    PAUSED: `status = 'PAUSED', pause_reason = 'MANUAL', pause_day = NULL`,
    ERROR: `status = 'ERROR', pause_reason = NULL, pause_day = NULL, error_code = 'X', error_message = 'X.'`,
  }

  for (const from of BOT_STATUSES) {
    for (const to of BOT_STATUSES) {
      const allowed = from === to || legal.has(`${from} > ${to}`)
      test(`${from} to ${to} ${allowed ? 'passes' : 'raises'}`, async () => {
        const botId = await aSavedBot(db.pool, actor)
        await lead(db.pool, botId, from)
        if (allowed) await sql(botId, assignment[to])
        else
          await expect(sql(botId, assignment[to])).rejects.toMatchObject({
            code: '23514',
            constraint: 'bot_lifecycle',
          })
        expect((await everything(botId)).state['status']).toBe(allowed ? to : from)
      })
    }
  }

  test('the pairs of the trigger are those of the code, and DESIGN.md’s', async () => {
    const { rows } = await db.pool.query<{ from: BotStatus; to: BotStatus }>(
      `SELECT a AS from, b AS to FROM unnest(enum_range(NULL::"BotStatus")) a, unnest(enum_range(NULL::"BotStatus")) b
       WHERE a <> b AND bot_status_may_change(a, b)`,
    )
    const expected = [
      ['ERROR', 'STOPPED'],
      ['PAUSED', 'ERROR'],
      ['PAUSED', 'RUNNING'],
      ['PAUSED', 'STOPPED'],
      ['PENDING', 'ERROR'],
      ['PENDING', 'RUNNING'],
      ['PENDING', 'STOPPED'],
      ['RUNNING', 'ERROR'],
      ['RUNNING', 'PAUSED'],
      ['RUNNING', 'STOPPED'],
      ['STOPPED', 'PENDING'],
    ]
    expect(rows.map((row) => [row.from, row.to]).toSorted()).toEqual(expected)
    expect(statusPairs().toSorted()).toEqual(expected)
  })

  test('a new bot begins STOPPED, PAUSED has a reason, a daily pause its day, ERROR a sentence', async () => {
    const botId = await aSavedBot(db.pool, actor)
    await db.pool.query(`DELETE FROM bot_states WHERE bot_id = $1`, [botId])
    const insert = (status: string) =>
      db.pool.query(
        `INSERT INTO bot_states (bot_id, equity, peak_equity, status) VALUES ($1, 1, 1, $2::"BotStatus")`,
        [botId, status],
      )
    for (const status of BOT_STATUSES.filter((each) => each !== 'STOPPED'))
      await expect(insert(status), status).rejects.toMatchObject({ constraint: 'bot_lifecycle' })
    await insert('STOPPED')
    await lead(db.pool, botId, 'RUNNING')
    await expect(sql(botId, `status = 'PAUSED'`)).rejects.toMatchObject({ constraint: 'bot_states_pause' })
    await expect(sql(botId, `status = 'PAUSED', pause_reason = 'DAILY_LOSS'`)).rejects.toMatchObject({
      constraint: 'bot_states_pause_day',
    })
    await expect(sql(botId, `status = 'ERROR'`)).rejects.toMatchObject({ constraint: 'bot_states_error' })
  })
})

test('a command whose transaction fails leaves nothing behind', async () => {
  const botId = await aSavedBot(db.pool, actor)
  const before = await everything(botId)
  const failing = inTransaction(db.pool, async (tx) => {
    await startBot(tx, actor, botId)
    throw new Error('the process died before COMMIT')
  })
  await expect(failing).rejects.toThrow('died')
  expect(await everything(botId)).toEqual(before)
})

test('another user’s bot is not found, whatever the command', async () => {
  const botId = await aSavedBot(db.pool, actor)
  const before = await everything(botId)
  const stranger = await aUser(db.pool)
  for (const command of BOT_COMMANDS) {
    await expect(act(command, botId, stranger), command).rejects.toThrow(NotFoundError)
  }
  expect(await everything(botId)).toEqual(before)
})

test('capital that is added is no profit: neither of this day nor of the one before', async () => {
  const botId = await aSavedBot(db.pool, actor)
  await db.pool.query(
    `INSERT INTO bot_days (bot_id, day, start_equity, realized_pnl) VALUES ($1, tradebot_today() - 1, 990, 10)`,
    [botId],
  )
  await inTransaction(db.pool, (tx) =>
    updateBot(tx, actor, { id: botId, revision: 1, changes: { initialCapital: decimal(2000) } }, () => []),
  )
  const { rows } = await db.pool.query<{ start_equity: string; unrealized_pnl: string }>(
    `SELECT start_equity::float8, unrealized_pnl::float8 FROM bot_days WHERE bot_id = $1 ORDER BY day`,
    [botId],
  )
  expect(rows).toEqual([
    { start_equity: 990, unrealized_pnl: 0 },
    { start_equity: 2000, unrealized_pnl: 0 },
  ])
})

function act(command: BotCommand, botId: string, as: Actor = actor): Promise<void> {
  const run: Record<BotCommand, (tx: Tx) => Promise<void>> = {
    START: (tx) => startBot(tx, as, botId),
    PAUSE: (tx) => pauseBot(tx, as, botId),
    RESUME: (tx) => resumeBot(tx, as, botId),
    STOP: (tx) => stopBot(tx, as, botId, null),
    UPDATE: (tx) =>
      updateBot(tx, as, { id: botId, revision: 1, changes: { takeProfitPerc: decimal(7) } }, () => []),
    DELETE: (tx) => deleteBot(tx, as, botId, null),
  }
  return inTransaction(db.pool, run[command])
}

async function sql(botId: string, assignments: string): Promise<void> {
  await db.pool.query(`UPDATE bot_states SET ${assignments} WHERE bot_id = $1`, [botId])
}

const pauseFor = (botId: string, reason: string, day: string) =>
  sql(botId, `status = 'PAUSED', pause_reason = '${reason}', pause_day = ${day}`)

async function facts(botId: string): Promise<LifecycleFacts> {
  const found = (await loadFacts(db.pool, [botId])).get(botId)
  if (found === undefined) throw new Error('the bot has no facts')
  return found
}

async function statusOf(orderId: string): Promise<unknown> {
  return (await db.pool.query<{ status: string }>(`SELECT status FROM orders WHERE id = $1`, [orderId]))
    .rows[0]?.status
}

/** All that a command may write of a bot. */
async function everything(botId: string) {
  const one = async (text: string) => (await db.pool.query<Record<string, unknown>>(text, [botId])).rows
  const [state] = await one(`SELECT * FROM bot_states WHERE bot_id = $1`)
  const [config] = await one(`SELECT * FROM bot_configs WHERE id = $1`)
  if (state === undefined || config === undefined) throw new Error('the bot is gone')
  const jobs = await db.pool.query<{ key: string }>(
    `SELECT key FROM graphile_worker._private_jobs ORDER BY id`,
  )
  return {
    state,
    config,
    events: await one(`SELECT * FROM bot_events WHERE bot_id = $1 ORDER BY seq`),
    orders: await one(`SELECT * FROM orders WHERE bot_id = $1 ORDER BY id`),
    jobs: jobs.rows.map((row) => row.key),
  }
}

function plainFacts(status: BotStatus): LifecycleFacts {
  return {
    status,
    pauseReason: status === 'PAUSED' ? 'MANUAL' : null,
    pauseDay: null,
    today: '2026-01-02',
    resumeNextDay: true,
    unfinished: false,
    closing: false,
  }
}
