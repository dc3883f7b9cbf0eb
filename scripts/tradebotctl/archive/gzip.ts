import type { FileHandle } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import { RefusedError } from '../frame/errors.ts'
import { BOUNDS } from '../tree/bounds.ts'
import { crc32 } from './crc32.ts'

/** Deflate, no flags, no time, best compression, "unknown" operating system: the only header that `package` writes and that is read. */
export const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255])
export const GZIP_TRAILER_BYTES = 8
const CHUNK = 64 * 1024

/** Below this much unpacked, the ratio says nothing: a small file of zeros is no bomb. */
const RATIO_FROM = 4 * 1024 * 1024

export type Member = {
  file: FileHandle
  /** Of the file when it was opened. */
  bytes: number
  signal?: AbortSignal | undefined
  /** Given every byte of the file once, in order. */
  onCompressed?: (chunk: Buffer) => void
}

/**
 * The content of a file that is exactly one plain gzip member, in pieces of at most 64 KiB, as they are asked for. Whoever reads to the
 * end has seen it proven whole: CRC, length, and nothing before, between or after.
 * @throws RefusedError GZIP_*
 */
export async function* readGzip(member: Member): AsyncGenerator<Buffer> {
  await checkHeader(member)
  const deflated = member.bytes - GZIP_HEADER.length - GZIP_TRAILER_BYTES
  let taken = 0
  async function* compressed(): AsyncGenerator<Buffer> {
    while (taken < deflated) {
      const chunk = await readExactly(member, GZIP_HEADER.length + taken, Math.min(CHUNK, deflated - taken))
      taken += chunk.length
      member.onCompressed?.(chunk)
      yield chunk
    }
  }
  const inflate = createInflateRaw({ chunkSize: CHUNK })
  // Its errors reach the loop below, for they destroy the stream that it reads.
  pipeline(Readable.from(compressed(), { objectMode: true, highWaterMark: 1 }), inflate, () => undefined)
  let [produced, crc] = [0, 0]
  try {
    for await (const chunk of inflate) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('zlib gives buffers')
      member.signal?.throwIfAborted()
      produced += chunk.length
      if (produced > RATIO_FROM && produced > BOUNDS.compressionRatio * (GZIP_HEADER.length + taken))
        throw new RefusedError(
          'GZIP_RATIO',
          `The package unpacks to more than ${BOUNDS.compressionRatio} times its size, as a decompression bomb does.`,
        )
      crc = crc32(chunk, crc)
      yield chunk
    }
    // zlib counts what it took, and takes nothing beyond the end of the deflated data.
    await checkEnd(member, inflate.bytesWritten, produced, crc)
  } catch (error) {
    throw asRefusal(error)
  } finally {
    inflate.destroy()
  }
}

async function checkHeader(member: Member): Promise<void> {
  const wanted = Math.min(GZIP_HEADER.length, member.bytes)
  const head = await readExactly(member, 0, wanted)
  member.onCompressed?.(head)
  if (head.length < 2 || head[0] !== GZIP_HEADER[0] || head[1] !== GZIP_HEADER[1])
    throw new RefusedError('GZIP_NOT', 'This is no package: it is not gzip data.')
  if (member.bytes < GZIP_HEADER.length + GZIP_TRAILER_BYTES)
    throw new RefusedError('GZIP_TRUNCATED', 'The package is cut off.', { hint: AGAIN })
  if (!head.equals(GZIP_HEADER))
    throw new RefusedError(
      'GZIP_HEADER',
      'The gzip header is not the plain one of a package: it holds a name, a time, flags or another method.',
    )
}

async function checkEnd(member: Member, consumed: number, produced: number, crc: number): Promise<void> {
  const end = GZIP_HEADER.length + consumed
  const after = member.bytes - end - GZIP_TRAILER_BYTES
  if (after > 0) {
    const next = await readExactly(member, end + GZIP_TRAILER_BYTES, Math.min(2, after))
    if (next.equals(GZIP_HEADER.subarray(0, 2)))
      throw new RefusedError('GZIP_CONCATENATED', 'The package is more than one gzip file in a row.')
    throw new RefusedError('GZIP_TRAILING', 'There is data after the end of the gzip file.')
  }
  const trailer = await readExactly(member, end, GZIP_TRAILER_BYTES)
  member.onCompressed?.(trailer)
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== produced % 2 ** 32)
    throw new RefusedError('GZIP_CHECKSUM', 'The checksum or length at the end of the package is wrong.', {
      hint: AGAIN,
    })
}

async function readExactly(member: Member, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  for (let done = 0; done < length;) {
    member.signal?.throwIfAborted()
    const { bytesRead } = await member.file.read(buffer, done, length - done, position + done)
    if (bytesRead === 0)
      throw new RefusedError('GZIP_TRUNCATED', 'The package became shorter while it was read.', {
        hint: AGAIN,
      })
    done += bytesRead
  }
  return buffer
}

function asRefusal(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'Z_BUF_ERROR')
    return new RefusedError('GZIP_TRUNCATED', 'The package is cut off.', { hint: AGAIN, cause: error })
  if (typeof code === 'string' && code.startsWith('Z_'))
    return new RefusedError('GZIP_DAMAGED', 'The compressed data of the package is damaged.', {
      hint: AGAIN,
      cause: error,
    })
  return error
}

const AGAIN = 'Get the package again from whoever made it, and compare its SHA-256.'
