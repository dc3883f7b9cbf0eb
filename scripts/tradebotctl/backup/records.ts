import { z } from 'zod'
import { parseJson } from '#trading/config/read-file.ts'
import { RefusedError } from '../frame/errors.ts'

/** What is inside a backup, in this order: the manifest; per table its beginning, its rows as COPY writes them, its end; the end. */
export type BackupRecord =
  | { kind: 'manifest'; value: Manifest }
  | { kind: 'table'; value: TableStart }
  | { kind: 'rows'; value: Buffer }
  | { kind: 'tableEnd'; value: TableEnd }
  | { kind: 'end'; value: BackupEnd }

const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.number().int().nonnegative()

const manifestSchema = z.strictObject({
  product: z.literal('tradebot'),
  format: z.literal(1),
  tradebotVersion: z.string(),
  createdAt: z.iso.datetime(),
  /** Of PostgreSQL; for people. */
  serverVersion: z.string(),
  /** What Prisma noted, in the order in which they were applied. */
  migrations: z
    .array(z.strictObject({ name: z.string().regex(/^[0-9A-Za-z_]+$/), checksum: z.string() }))
    .min(1),
  tables: z.array(name),
  sequences: z.array(z.strictObject({ name, lastValue: z.string().regex(/^\d+$/), isCalled: z.boolean() })),
  /** Null: nothing was ever encrypted. */
  masterKeyFingerprint: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
  /** Base64; null in a backup under the master key. */
  masterKey: z.base64().length(44).nullable(),
})
const tableSchema = z.strictObject({ name, columns: z.array(name).min(1) })
const tableEndSchema = z.strictObject({ rows: count, bytes: count, sha256 })
const endSchema = z.strictObject({ tables: count, rows: count })

export type Manifest = z.infer<typeof manifestSchema>
export type TableStart = z.infer<typeof tableSchema>
export type TableEnd = z.infer<typeof tableEndSchema>
type BackupEnd = z.infer<typeof endSchema>

const HEAD_BYTES = 5
const LONGEST = 16 * 1024 * 1024

/** A letter, the length, and JSON or rows. */
export function encodeRecord(record: BackupRecord): Buffer {
  const body = record.kind === 'rows' ? record.value : Buffer.from(JSON.stringify(record.value), 'utf8')
  const head = Buffer.alloc(HEAD_BYTES)
  head.write(LETTERS[record.kind], 'latin1')
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

/** @throws RefusedError BACKUP_DAMAGED */
export async function* decodeRecords(source: AsyncIterable<Buffer>): AsyncGenerator<BackupRecord> {
  let held: Buffer = Buffer.alloc(0)
  for await (const bytes of source) {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
    for (;;) {
      if (held.length < HEAD_BYTES) break
      const length = held.readUInt32BE(1)
      if (length > LONGEST) throw unreadable('a record is too long')
      if (held.length < HEAD_BYTES + length) break
      const body = held.subarray(HEAD_BYTES, HEAD_BYTES + length)
      yield parseRecord(held.toString('latin1', 0, 1), body)
      held = held.subarray(HEAD_BYTES + length)
    }
  }
  if (held.length > 0) throw unreadable('it ends in the middle of a record')
}

export function unreadable(why: string): RefusedError {
  return new RefusedError('BACKUP_UNREADABLE', `This program cannot read the backup: ${why}.`, {
    hint: 'If the backup is of a newer TradeBot, restore it with that one.',
  })
}

const LETTERS = { manifest: 'M', table: 'T', rows: 'D', tableEnd: 'E', end: 'Z' } as const

function parseRecord(letter: string, body: Buffer): BackupRecord {
  switch (letter) {
    case LETTERS.manifest:
      return { kind: 'manifest', value: parse(manifestSchema, body) }
    case LETTERS.table:
      return { kind: 'table', value: parse(tableSchema, body) }
    case LETTERS.rows:
      return { kind: 'rows', value: body }
    case LETTERS.tableEnd:
      return { kind: 'tableEnd', value: parse(tableEndSchema, body) }
    case LETTERS.end:
      return { kind: 'end', value: parse(endSchema, body) }
    default:
      throw unreadable('it has a kind of record that is not known')
  }
}

function parse<T>(schema: z.ZodType<T>, body: Buffer): T {
  const parsed = schema.safeParse(parseJson(body.toString('utf8')))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw unreadable(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim())
}
