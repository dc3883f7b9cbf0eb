import { createHash, createHmac, hkdfSync, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { parseJson } from '#trading/config/read-file.ts'
import { masterKeyFingerprint } from '#trading/config/secrets.ts'
import { RefusedError } from '../frame/errors.ts'

/** What opens a backup. */
export type Unlock = { kind: 'passphrase'; passphrase: string } | { kind: 'masterKey'; masterKey: Buffer }

/** The beginning of a backup, which anybody can read; everything after it is bound to it. */
export type Envelope = z.infer<typeof envelopeSchema>

/** The key of the chunks, and what they are bound to. */
export type Sealing = { key: Buffer; bound: Buffer }

const MAGIC = Buffer.from('TBBACKUP', 'latin1')
const VERSION = 1
const LONGEST_HEADER = 4_096
const DIGEST_BYTES = 32
/** Of magic, version and the header's length. */
export const PREAMBLE_BYTES = MAGIC.length + 2 + 4

const envelopeSchema = z.strictObject({
  recipient: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('passphrase'),
      kdf: z.literal('scrypt'),
      // Bounds, so that a planted file cannot ask for all memory there is.
      N: z
        .number()
        .int()
        .min(1 << 14)
        .max(1 << 20)
        .refine((n) => Number.isInteger(Math.log2(n))),
      r: z.number().int().min(8).max(16),
      p: z.number().int().min(1).max(4),
    }),
    z.strictObject({ kind: z.literal('masterKey'), fingerprint: z.string().regex(/^[0-9a-f]{32}$/) }),
  ]),
  salt: z.base64().length(44),
})

/** OWASP's choice for scrypt: 128 MiB, some 0.4 s. */
const SCRYPT = { kdf: 'scrypt', N: 1 << 17, r: 8, p: 1 } as const

/** A new envelope: its bytes begin the file. Each has a salt of its own, so that no key ever seals two files. */
export async function makeEnvelope(unlock: Unlock): Promise<{ bytes: Buffer; sealing: Sealing }> {
  const salt = randomBytes(32).toString('base64')
  const recipient =
    unlock.kind === 'passphrase'
      ? { kind: unlock.kind, ...SCRYPT }
      : { kind: unlock.kind, fingerprint: masterKeyFingerprint(unlock.masterKey) }
  const header = Buffer.from(JSON.stringify({ recipient, salt }), 'utf8')
  const preamble = Buffer.alloc(PREAMBLE_BYTES)
  MAGIC.copy(preamble)
  preamble.writeUInt16BE(VERSION, MAGIC.length)
  preamble.writeUInt32BE(header.length, MAGIC.length + 2)
  const head = Buffer.concat([preamble, header])
  const { key, macKey } = await deriveKeys({ recipient, salt }, unlock)
  const bytes = Buffer.concat([head, sha256(head), macOf(macKey, head)])
  return { bytes, sealing: { key, bound: sha256(bytes) } }
}

/** How many bytes follow the preamble until the first chunk. @throws RefusedError when this is no backup that this program reads */
export function restOfEnvelope(preamble: Buffer): number {
  if (preamble.length < PREAMBLE_BYTES || !preamble.subarray(0, MAGIC.length).equals(MAGIC))
    throw new RefusedError('BACKUP_FOREIGN', 'This file is not a backup of TradeBot.')
  const version = preamble.readUInt16BE(MAGIC.length)
  if (version !== VERSION)
    throw new RefusedError(
      'BACKUP_FORMAT',
      `This backup is in format ${version}; this program reads format ${VERSION}.`,
      { hint: 'If the backup is of a newer TradeBot, restore it with that one.' },
    )
  const length = preamble.readUInt32BE(MAGIC.length + 2)
  if (length > LONGEST_HEADER) throw damagedHeader()
  return length + 2 * DIGEST_BYTES
}

/** The envelope of a file's first bytes (preamble and rest). @throws RefusedError BACKUP_DAMAGED */
export function parseEnvelope(bytes: Buffer): Envelope {
  const head = bytes.subarray(0, -2 * DIGEST_BYTES)
  if (!sha256(head).equals(bytes.subarray(head.length, head.length + DIGEST_BYTES))) throw damagedHeader()
  const parsed = envelopeSchema.safeParse(parseJson(head.subarray(PREAMBLE_BYTES).toString('utf8')))
  if (!parsed.success) throw damagedHeader()
  return parsed.data
}

/** @throws RefusedError PASSPHRASE_WRONG, MASTER_KEY_OTHER */
export async function unlockEnvelope(envelope: Envelope, bytes: Buffer, unlock: Unlock): Promise<Sealing> {
  const { recipient } = envelope
  if (recipient.kind === 'masterKey' && unlock.kind === 'masterKey') {
    const fingerprint = masterKeyFingerprint(unlock.masterKey)
    if (fingerprint !== recipient.fingerprint)
      throw new RefusedError(
        'MASTER_KEY_OTHER',
        `The backup is encrypted under the master key ${recipient.fingerprint.slice(0, 8)}…, and the one here is ${fingerprint.slice(0, 8)}….`,
        { hint: 'Put the right master key back (one that was retired is kept beside master.key).' },
      )
  }
  const { key, macKey } = await deriveKeys(envelope, unlock)
  const head = bytes.subarray(0, -2 * DIGEST_BYTES)
  if (!timingSafeEqual(macOf(macKey, head), bytes.subarray(-DIGEST_BYTES)))
    throw unlock.kind === 'passphrase'
      ? new RefusedError('PASSPHRASE_WRONG', 'This is not the passphrase of the backup.')
      : damagedHeader()
  return { key, bound: sha256(bytes) }
}

async function deriveKeys(envelope: Envelope, unlock: Unlock): Promise<{ key: Buffer; macKey: Buffer }> {
  const salt = Buffer.from(envelope.salt, 'base64')
  const secret =
    unlock.kind === 'masterKey' ? unlock.masterKey : await stretch(unlock.passphrase, salt, envelope)
  const expand = (info: string) => Buffer.from(hkdfSync('sha256', secret, salt, info, 32))
  return { key: expand('tradebot backup v1 chunks'), macKey: expand('tradebot backup v1 header') }
}

function stretch(passphrase: string, salt: Buffer, { recipient }: Envelope): Promise<Buffer> {
  if (recipient.kind !== 'passphrase') throw new Error('a passphrase opens no backup under a master key')
  const { N, r, p } = recipient
  // Composed and decomposed letters look the same when they are typed.
  const typed = passphrase.normalize('NFC')
  return new Promise((resolve, reject) => {
    scrypt(typed, salt, 32, { N, r, p, maxmem: 160 * N * r * p }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

function damagedHeader(): RefusedError {
  return new RefusedError('BACKUP_DAMAGED', 'The backup is damaged: its header is not what was written.')
}

function macOf(macKey: Buffer, head: Buffer): Buffer {
  return createHmac('sha256', macKey).update(head).digest()
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
