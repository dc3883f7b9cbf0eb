import { setTimeout as wait } from 'node:timers/promises'
import type { Actor } from '#trading/domain/actor.ts'
import { CommandError, ValidationError } from '#trading/domain/errors.ts'
import { deleteBot, pauseBot, resumeBot, startBot, stopBot } from '#trading/store/bot-commands.ts'
import { eventsAfter } from '#trading/store/event-feed.ts'
import { hintChange } from '#trading/store/events.ts'
import { haltTrading, resumeTrading } from '#trading/store/halt.ts'
import { inTransaction, type Pool, type Tx } from '#trading/store/pool.ts'
import { errorOf } from '../api/refusals.ts'
import { withDatabase } from '../database/open-database.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, UsageError } from '../frame/errors.ts'
import type { BotCommandName, Desk } from './desk.ts'
import { eventOf, readBots, readDetail, readEvents, readHaltedAt, readOrders } from './direct-reads.ts'

/** The desk in the database: works with server and workers dead. Workers do what they are told once they live again. */
export async function withDirectDesk<T>(
  context: Context,
  email: string | undefined,
  use: (desk: Desk) => Promise<T>,
): Promise<T> {
  return withDatabase(context, async ({ pool, settings }) => {
    try {
      const actor = { userId: await userIdOf(pool, email), label: 'tradebotctl' }
      return await use(makeDirectDesk(pool, actor, settings.timing.deadAfterMs))
    } catch (error) {
      throw told(error)
    }
  })
}

function makeDirectDesk(pool: Pool, actor: Actor, deadAfterMs: number): Desk {
  const { userId } = actor
  const write = async (work: (tx: Tx) => Promise<void>) => {
    try {
      await inTransaction(pool, work)
    } catch (error) {
      throw told(error)
    }
    await hintChange(pool, userId)
  }
  return {
    async names() {
      const { rows } = await pool.query<{ id: string; name: string }>(
        `SELECT id::text, name FROM bot_configs WHERE user_id = $1 AND deleted_at IS NULL ORDER BY bot_configs.id DESC`,
        [userId],
      )
      return rows
    },
    list: async (filter) => ({
      haltedAt: await readHaltedAt(pool, userId),
      bots: await readBots(pool, userId, filter),
    }),
    async show(id, newest) {
      const bot = await readDetail(pool, userId, id, deadAfterMs)
      if (bot === null) return null
      return {
        haltedAt: await readHaltedAt(pool, userId),
        bot,
        orders: await readOrders(pool, userId, { botId: id, status: undefined, last: newest.orders }),
        events: await readEvents(pool, userId, { botId: id, last: newest.events }),
      }
    },
    async command(name, id, openPosition) {
      await write((tx) => COMMANDS[name](tx, actor, id, openPosition))
      const { rows } = await pool.query<{ status: string; closing: boolean }>(
        `SELECT s.status, s.closing FROM bot_states s JOIN bot_configs b ON b.id = s.bot_id WHERE s.bot_id = $1 AND b.deleted_at IS NULL`,
        [id],
      )
      return rows[0] ?? { status: null, closing: false }
    },
    halt: (closePositions) => write((tx) => haltTrading(tx, actor, closePositions)),
    resumeTrading: () => write((tx) => resumeTrading(tx, actor)),
    async workersAlive() {
      const { rows } = await pool.query<{ alive: number }>(
        `SELECT count(DISTINCT (host, pid))::int AS alive FROM worker_heartbeats WHERE beat_at > clock_timestamp() - $1 * interval '1 millisecond'`,
        [deadAfterMs],
      )
      return rows[0]?.alive ?? 0
    },
    orders: (asked) => readOrders(pool, userId, asked),
    events: (asked) => readEvents(pool, userId, asked),
    follow: (after, signal) => followTable(pool, userId, after, signal),
  }
}

const COMMANDS: Record<BotCommandName, typeof stopBot> = {
  START: startBot,
  PAUSE: pauseBot,
  RESUME: resumeBot,
  STOP: stopBot,
  DELETE: deleteBot,
}

const LOOK_MS = 1_000
const PAGE = 200

async function* followTable(pool: Pool, userId: string, after: string, signal: AbortSignal) {
  let seq = BigInt(after)
  while (!signal.aborted) {
    const found = await eventsAfter(pool, userId, seq, PAGE)
    for (const event of found) {
      seq = event.seq
      yield eventOf(event)
    }
    if (found.length < PAGE) await wait(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** @throws CouldNotError USER_UNKNOWN, UsageError where there are several and none was named */
async function userIdOf(pool: Pool, email: string | undefined): Promise<string> {
  const { rows } = await pool.query<{ id: string; email: string }>(
    `SELECT id::text, email FROM users WHERE $1::text IS NULL OR email = lower(trim($1)) ORDER BY users.id LIMIT 6`,
    [email ?? null],
  )
  const [first, second] = rows
  if (first !== undefined && second === undefined) return first.id
  if (email !== undefined) throw new CouldNotError('USER_UNKNOWN', `There is no account of ${email}.`)
  if (first === undefined)
    throw new CouldNotError('USER_NONE', 'There is no account yet: sign up in the web app first.')
  const some = rows.slice(0, 5).map((user) => user.email)
  throw new UsageError(
    `There are several accounts. Say whose with --user EMAIL: ${some.join(', ')}${rows.length > 5 ? ', …' : ''}.`,
  )
}

const NOT_MIGRATED = new Set(['42P01', '42703'])
const BUSY = new Set(['55P03', '57014', '40001', '40P01'])

/** What the store and PostgreSQL throw, as errors of this program. */
function told(error: unknown): unknown {
  if (error instanceof CommandError)
    return errorOf({
      code: error.code,
      message: error.message,
      issues: error instanceof ValidationError ? error.issues : undefined,
    })
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (NOT_MIGRATED.has(code))
    return new CouldNotError('DATABASE_VERSION', 'The database is not of the version of this program.', {
      cause: error,
      hint: 'Migrate it with npm run migrate, or use the program of the release that runs.',
    })
  if (BUSY.has(code))
    return new CouldNotError('DATABASE_BUSY', 'What is asked for is locked by another process. Try again.', {
      cause: error,
    })
  return error
}
