import { createHash } from 'node:crypto'
import { closeSync, constants, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createDeflateRaw } from 'node:zlib'
import { syncFolder } from '../files/write-atomically.ts'
import { crc32 } from './crc32.ts'
import { GZIP_HEADER, GZIP_TRAILER_BYTES } from './gzip.ts'
import { tarBlocks, type ArchiveSource } from './tar-blocks.ts'

export type Written = { bytes: number; sha256: string }

/**
 * Writes a package in one step: there is the whole file, or none. Its bytes follow from the manifest, the key and the contents alone.
 * @param out undefined: it is made, and kept nowhere
 * @param check looks at the file before it gets its name
 */
export async function writePackage(
  source: ArchiveSource,
  out: string | undefined,
  check: (draft: string) => Promise<void>,
): Promise<Written> {
  if (out === undefined) return compress(source, () => undefined)
  const draft = `${out}.${process.pid}.next`
  try {
    const written = await writeDraft(source, draft)
    await check(draft)
    source.signal.throwIfAborted()
    renameSync(draft, out)
    syncFolder(path.dirname(out))
    return written
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

async function writeDraft(source: ArchiveSource, draft: string): Promise<Written> {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
  const descriptor = openSync(draft, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600)
  try {
    const written = await compress(source, (bytes) => {
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done)
    })
    fchmodSync(descriptor, 0o644)
    fsyncSync(descriptor)
    return written
  } finally {
    closeSync(descriptor)
  }
}

async function compress(source: ArchiveSource, write: (bytes: Buffer) => void): Promise<Written> {
  const digest = createHash('sha256')
  let bytes = 0
  const emit = (piece: Buffer) => {
    digest.update(piece)
    bytes += piece.length
    write(piece)
  }
  let [crc, length] = [0, 0]
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const piece of tarBlocks(source)) {
      crc = crc32(piece, crc)
      length += piece.length
      yield piece
    }
  }
  emit(GZIP_HEADER)
  const deflate = createDeflateRaw({ level: 9 })
  // Its errors reach the loop, for they destroy the stream that it reads.
  pipeline(Readable.from(counted()), deflate, () => undefined)
  for await (const piece of deflate) {
    if (!Buffer.isBuffer(piece)) throw new TypeError('zlib gives buffers')
    emit(piece)
  }
  const trailer = Buffer.alloc(GZIP_TRAILER_BYTES)
  trailer.writeUInt32LE(crc, 0)
  trailer.writeUInt32LE(length % 2 ** 32, 4)
  emit(trailer)
  return { bytes, sha256: digest.digest('hex') }
}
