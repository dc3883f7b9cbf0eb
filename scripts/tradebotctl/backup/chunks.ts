import { createCipheriv, createDecipheriv } from 'node:crypto'
import { RefusedError } from '../frame/errors.ts'
import type { Sealing } from './envelope.ts'

/** Of plaintext in a chunk; every chunk but the last has just as much. */
const CHUNK_BYTES = 64 * 1024
const TAG_BYTES = 16
const SEALED_BYTES = CHUNK_BYTES + TAG_BYTES

/**
 * Encrypts in chunks of 64 KiB, each by AES-256-GCM. The nonce is the chunk's number and whether it is the last, so that a chunk left out,
 * doubled, moved, brought from another file or put behind the end does not decrypt (the STREAM construction).
 */
export async function* sealChunks(source: AsyncIterable<Buffer>, sealing: Sealing): AsyncGenerator<Buffer> {
  let number = 0
  let held: Buffer | undefined
  for await (const chunk of inPieces(source, CHUNK_BYTES)) {
    if (held !== undefined) yield seal(sealing, number++, false, held)
    held = chunk
  }
  yield seal(sealing, number, true, held ?? Buffer.alloc(0))
}

/** What sealChunks made, back. What is yielded is genuine; that nothing is missing is known when it ends. @throws RefusedError BACKUP_DAMAGED, BACKUP_TRUNCATED */
export async function* openChunks(source: AsyncIterable<Buffer>, sealing: Sealing): AsyncGenerator<Buffer> {
  let number = 0
  let held: Buffer | undefined
  for await (const chunk of inPieces(source, SEALED_BYTES)) {
    if (held !== undefined) {
      const opened = open(sealing, number, false, held)
      if (opened === undefined) throw notBefore(sealing, number, held)
      number += 1
      yield opened
    }
    held = chunk
  }
  const last = held === undefined ? undefined : open(sealing, number, true, held)
  if (last === undefined) throw notLast(sealing, number, held)
  yield last
}

function notBefore(sealing: Sealing, number: number, chunk: Buffer): RefusedError {
  return open(sealing, number, true, chunk) === undefined
    ? damaged(number)
    : new RefusedError('BACKUP_DAMAGED', 'The backup is damaged: something was put behind its end.')
}

function notLast(sealing: Sealing, number: number, chunk: Buffer | undefined): RefusedError {
  const whole = chunk !== undefined && chunk.length === SEALED_BYTES
  const short = chunk === undefined || (whole && open(sealing, number, false, chunk) !== undefined)
  return short
    ? new RefusedError('BACKUP_TRUNCATED', 'The backup is cut off: its end is missing.')
    : damaged(number)
}

function damaged(number: number): RefusedError {
  return new RefusedError(
    'BACKUP_DAMAGED',
    `The backup is damaged or cut off at chunk ${number + 1}: what is there is not what was written.`,
  )
}

function seal(sealing: Sealing, number: number, last: boolean, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', sealing.key, nonceOf(number, last), {
    authTagLength: TAG_BYTES,
  })
  cipher.setAAD(sealing.bound)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function open(sealing: Sealing, number: number, last: boolean, sealed: Buffer): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', sealing.key, nonceOf(number, last), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(sealing.bound)
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch {
    return undefined // The tag does not fit: the caller says what that means here.
  }
}

function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(number, 5, 6)
  nonce.writeUInt8(last ? 1 : 0, 11)
  return nonce
}

/** The source cut anew: pieces of this size, and what is left at the end. */
async function* inPieces(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let held = 0
  for await (const bytes of source) {
    let rest = bytes
    while (held + rest.length >= size) {
      const taken = size - held
      yield Buffer.concat([...parts, rest.subarray(0, taken)])
      rest = rest.subarray(taken)
      parts = []
      held = 0
    }
    if (rest.length > 0) parts.push(rest)
    held += rest.length
  }
  if (held > 0) yield Buffer.concat(parts)
}
