import type { Actor } from '../domain/actor.ts'
import type { BotConfig } from '../domain/bot.ts'
import { Decimal, plain } from '../domain/money.ts'
import { BOT_COLUMNS } from './bot-columns.ts'
import type { Db, Tx } from './pool.ts'

/** A configuration as the API names and writes it: camelCase, money as decimal strings, strategy parameters by name. */
export type StoredConfig = Record<string, string | number | boolean | null | Record<string, string>>

export type Change = { field: string; from: string | null; to: string | null }
export type Revision = { revision: number; actor: string; at: Date; changes: Change[] }

/** Who made a configuration of which only the update after it tells: it is older than the rows of revisions. */
const UNRECORDED = 'not recorded'

const FIELDS = Object.keys(BOT_COLUMNS) as (keyof BotConfig)[]

/** Keeps a configuration as this revision; one that is kept already stays as it was. */
export async function writeRevision(
  tx: Tx,
  actor: Pick<Actor, 'label'>,
  botId: string,
  revision: number,
  config: BotConfig,
): Promise<void> {
  await tx.query(
    `INSERT INTO bot_revisions (bot_id, revision, config, actor, at) VALUES ($1, $2, $3, $4, tradebot_now())
     ON CONFLICT (bot_id, revision) DO NOTHING`,
    [botId, revision, JSON.stringify(storedConfig(config)), actor.label],
  )
}

/** The configuration before an update, of a bot that is older than the rows of revisions; it was saved when the bot last changed. */
export async function writeFormerRevision(
  tx: Tx,
  botId: string,
  revision: number,
  config: BotConfig,
): Promise<void> {
  await tx.query(
    `INSERT INTO bot_revisions (bot_id, revision, config, actor, at)
     SELECT id, $2, $3, $4, updated_at FROM bot_configs WHERE id = $1
     ON CONFLICT (bot_id, revision) DO NOTHING`,
    [botId, revision, JSON.stringify(storedConfig(config)), UNRECORDED],
  )
}

/** The newest revisions of a bot, newest first, each with what it changed in the one before it; the first one changes nothing. */
export async function readRevisions(db: Db, botId: string, last: number): Promise<Revision[]> {
  // One more than asked for: the oldest of them is compared with it.
  const { rows } = await db.query<{ revision: number; config: StoredConfig; actor: string; at: Date }>(
    `SELECT revision, config, actor, at FROM bot_revisions WHERE bot_id = $1 ORDER BY revision DESC LIMIT $2`,
    [botId, last + 1],
  )
  return rows.slice(0, last).map(({ revision, config, actor, at }, index) => {
    const before = rows[index + 1]
    return { revision, actor, at, changes: before === undefined ? [] : changesBetween(before.config, config) }
  })
}

/** What differs, field by field; a parameter of the strategy is named `strategyParams.NAME`. */
function changesBetween(before: StoredConfig, after: StoredConfig): Change[] {
  const [from, to] = [flatten(before), flatten(after)]
  // JSONB keeps no order of its own.
  const place = (field: string) => FIELDS.findIndex((known) => known === field.split('.')[0])
  return [...new Set([...from.keys(), ...to.keys()])]
    .toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
    .filter((field) => (from.get(field) ?? null) !== (to.get(field) ?? null))
    .map((field) => ({ field, from: from.get(field) ?? null, to: to.get(field) ?? null }))
}

export function storedConfig(config: BotConfig): StoredConfig {
  return Object.fromEntries(FIELDS.map((field) => [field, stored(config[field])]))
}

function stored(value: BotConfig[keyof BotConfig]): StoredConfig[string] {
  if (value instanceof Decimal) return plain(value)
  if (Array.isArray(value)) return Object.fromEntries(value.map((param) => [param.name, plain(param.value)]))
  return value
}

function flatten(config: StoredConfig): Map<string, string | null> {
  return new Map(
    Object.entries(config).flatMap(([field, value]): [string, string | null][] =>
      value !== null && typeof value === 'object'
        ? Object.entries(value).map(([name, text]): [string, string] => [`${field}.${name}`, text])
        : [[field, value === null ? null : String(value)]],
    ),
  )
}
