import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { decryptSecret, encryptSecret } from '../config/secrets.ts'
import { ALERT_KINDS, type AlertKind } from '../domain/alerts.ts'
import { NotFoundError, ValidationError, type ValidationIssue } from '../domain/errors.ts'
import { holdMasterKey } from './master-key.ts'
import type { Db, Tx } from './pool.ts'
import { alertChannelData } from './secrets-at-rest.ts'

export type WebhookTarget = { url: string; secret: string }
export type TelegramTarget = { botToken: string; chatId: string }
export type AlertTarget = WebhookTarget | TelegramTarget

/** What a person gives of a channel; a webhook without a secret gets one. */
export type ChannelInput = {
  name: string
  /** Empty: all. */
  kinds: readonly AlertKind[]
  target:
    | { kind: 'WEBHOOK'; url: string; secret: string | null }
    | { kind: 'TELEGRAM'; botToken: string; chatId: string }
}

/** What is changed of a channel; undefined: as it was. The target's parts are given as a whole. */
export type ChannelChanges = {
  name?: string | undefined
  kinds?: readonly AlertKind[] | undefined
  enabled?: boolean | undefined
  target?: Partial<WebhookTarget & TelegramTarget>
}

const MOST_CHANNELS = 10

/** Writes a channel. Answers its id, and the secret where it was made here. @throws ValidationError */
export async function addAlertChannel(
  tx: Tx,
  masterKey: Buffer,
  userId: string,
  input: ChannelInput,
): Promise<{ id: string; generatedSecret: string | null }> {
  const { kind, ...given } = input.target
  const generated = 'url' in given && given.secret === null ? randomBytes(24).toString('base64url') : null
  const target: AlertTarget =
    'url' in given ? { url: given.url.trim(), secret: given.secret ?? generated ?? '' } : trimmed(given)
  refuse([...checkName(input.name), ...checkTarget(target)])
  await holdMasterKey(tx, masterKey)
  // Two at once must not both be the tenth. Not the user's row: gates of orders wait for that.
  await tx.query('SELECT pg_advisory_xact_lock($1, $2::int)', [0x5442616c, Number(userId) % 2 ** 31])
  const { rows: count } = await tx.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM alert_channels WHERE user_id = $1 AND deleted_at IS NULL',
    [userId],
  )
  if ((count[0]?.count ?? 0) >= MOST_CHANNELS)
    throw new ValidationError([
      { path: ['name'], message: `There are ${MOST_CHANNELS} channels already: delete one first.` },
    ])
  const { rows } = await tx.query<{ id: string }>(
    `SELECT nextval(pg_get_serial_sequence('alert_channels', 'id'))::text AS id`,
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('The sequence of alert_channels answered nothing.')
  await tx.query(
    `INSERT INTO alert_channels (id, user_id, kind, name, target_hint, encrypted_target, kinds, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, tradebot_now())`,
    [id, userId, kind, input.name.trim(), hintOf(target), seal(masterKey, userId, id, target), input.kinds],
  )
  return { id, generatedSecret: generated }
}

/** @throws NotFoundError, ValidationError */
export async function updateAlertChannel(
  tx: Tx,
  masterKey: Buffer,
  userId: string,
  id: string,
  changes: ChannelChanges,
): Promise<void> {
  await holdMasterKey(tx, masterKey)
  const { rows } = await tx.query<{ encrypted_target: string }>(
    'SELECT encrypted_target FROM alert_channels WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL FOR UPDATE',
    [id, userId],
  )
  const row = rows[0]
  if (row === undefined) throw new NotFoundError('alert channel')
  const old = openTarget(masterKey, { id, userId, encryptedTarget: row.encrypted_target })
  const { target, issues } = changedTarget(old, changes.target ?? {})
  refuse([...(changes.name === undefined ? [] : checkName(changes.name)), ...issues, ...checkTarget(target)])
  await tx.query(
    `UPDATE alert_channels SET name = coalesce($2, name), kinds = coalesce($3, kinds), enabled = coalesce($4, enabled),
            target_hint = $5, encrypted_target = $6 WHERE id = $1`,
    [
      id,
      changes.name?.trim() ?? null,
      changes.kinds ?? null,
      changes.enabled ?? null,
      hintOf(target),
      seal(masterKey, userId, id, target),
    ],
  )
  if (changes.enabled === false) await dropWaiting(tx, id, 'The channel was switched off.')
}

/** Soft: what was sent stays readable, the target is erased. @throws NotFoundError */
export async function deleteAlertChannel(tx: Tx, userId: string, id: string): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE alert_channels SET deleted_at = tradebot_now(), encrypted_target = '' WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL`,
    [id, userId],
  )
  if (rowCount !== 1) throw new NotFoundError('alert channel')
  await dropWaiting(tx, id, 'The channel was deleted.')
}

/** Puts a test on its way to the channel, switched off or not; answers its delivery's id. @throws NotFoundError */
export async function addTestAlert(tx: Tx, userId: string, channelId: string): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `WITH channel AS (SELECT id FROM alert_channels WHERE id = $2 AND user_id = $1 AND deleted_at IS NULL),
     alert AS (
       INSERT INTO alerts (user_id, kind, dedupe_key, message, created_at, ended_at)
       SELECT $1, 'TEST', 'TEST:channel:' || id, $3, tradebot_now(), tradebot_now() FROM channel RETURNING id)
     INSERT INTO alert_deliveries (alert_id, channel_id, next_try_at)
     SELECT alert.id, channel.id, tradebot_now() FROM alert, channel RETURNING id`,
    [userId, channelId, 'This is a test: alerts of your bots arrive here.'],
  )
  const id = rows[0]?.id
  if (id === undefined) throw new NotFoundError('alert channel')
  return id
}

/** How many tests the user has sent in the last minute. */
export async function recentTests(db: Db, userId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM alerts WHERE user_id = $1 AND kind = 'TEST' AND created_at > tradebot_now() - interval '1 minute'`,
    [userId],
  )
  return rows[0]?.count ?? 0
}

/** Where a channel leads; for a worker only. @throws SecretError when the row is not what was encrypted with this master key */
export function openTarget(
  masterKey: Buffer,
  channel: { id: string; userId: string; encryptedTarget: string },
): AlertTarget {
  const aad = alertChannelData(channel.userId, channel.id)
  return targetSchema.parse(JSON.parse(decryptSecret(masterKey, channel.encryptedTarget, aad)))
}

/** The known kinds among what is stored; one that a later version knew is passed over. */
export function knownKinds(kinds: readonly string[]): AlertKind[] {
  return ALERT_KINDS.filter((kind) => kinds.includes(kind))
}

const targetSchema = z.union([
  z.object({ url: z.string(), secret: z.string() }),
  z.object({ botToken: z.string(), chatId: z.string() }),
])

async function dropWaiting(tx: Tx, channelId: string, why: string): Promise<void> {
  await tx.query(
    `UPDATE alert_deliveries SET status = 'FAILED', next_try_at = NULL, error = $2 WHERE channel_id = $1 AND status = 'PENDING'`,
    [channelId, why],
  )
}

function changedTarget(
  old: AlertTarget,
  given: Partial<WebhookTarget & TelegramTarget>,
): { target: AlertTarget; issues: ValidationIssue[] } {
  const webhook = 'url' in old
  const foreign = webhook ? (['botToken', 'chatId'] as const) : (['url', 'secret'] as const)
  const issues = foreign
    .filter((field) => given[field] !== undefined)
    .map((field) => ({
      path: [field],
      message: `${field} does not belong to a ${webhook ? 'webhook' : 'Telegram channel'}.`,
    }))
  const target = webhook
    ? { url: given.url?.trim() ?? old.url, secret: given.secret ?? old.secret }
    : trimmed({ botToken: given.botToken ?? old.botToken, chatId: given.chatId ?? old.chatId })
  return { target, issues }
}

function trimmed({ botToken, chatId }: TelegramTarget): TelegramTarget {
  return { botToken: botToken.trim(), chatId: chatId.trim() }
}

function refuse(issues: ValidationIssue[]): void {
  if (issues.length > 0) throw new ValidationError(issues)
}

function checkName(name: string): ValidationIssue[] {
  if (/^\P{Cc}{1,100}$/u.test(name.trim())) return []
  return [{ path: ['name'], message: 'name must have 1 to 100 printable characters.' }]
}

function checkTarget(target: AlertTarget): ValidationIssue[] {
  const issues: ValidationIssue[] = []
  const check = (field: string, holds: boolean, rule: string) => {
    if (!holds) issues.push({ path: [field], message: `${field} ${rule}` })
  }
  if ('url' in target) {
    const url = URL.canParse(target.url) ? new URL(target.url) : null
    check(
      'url',
      url !== null && /^https?:$/.test(url.protocol) && target.url.length <= 2000,
      'must be an address like https://example.com/hook.',
    )
    check(
      'secret',
      /^[\x21-\x7e]{16,200}$/.test(target.secret),
      'must have 16 to 200 characters, without spaces.',
    )
  } else {
    check(
      'botToken',
      /^\d{1,20}:[\w-]{20,100}$/.test(target.botToken),
      'must be the token that BotFather gave, like 123456:ABC-DEF….',
    )
    check(
      'chatId',
      /^(-?\d{1,20}|@\w{4,100})$/.test(target.chatId),
      'must be a number like -1001234567890, or the @name of a channel.',
    )
  }
  return issues
}

/** What people may see of a target. */
function hintOf(target: AlertTarget): string {
  return 'url' in target ? new URL(target.url).host : `chat ${target.chatId}`
}

function seal(masterKey: Buffer, userId: string, id: string, target: AlertTarget): string {
  return encryptSecret(masterKey, JSON.stringify(target), alertChannelData(userId, id))
}
