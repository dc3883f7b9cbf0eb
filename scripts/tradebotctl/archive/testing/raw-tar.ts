import { deflateRawSync, type ZlibOptions } from 'node:zlib'
import { crc32 } from '../crc32.ts'

/** An entry of a tar as bytes, right unless told otherwise. Written without the product's own encoder, so that each can find the other's mistakes. */
export type RawEntry = {
  name: string | Buffer
  content?: string | Buffer
  prefix?: string | Buffer
  mode?: number | string
  size?: number | Buffer
  type?: string
  uid?: number
  mtime?: number
  linkName?: string
  uname?: string
  magic?: string
  /** Added to the right checksum. */
  checksumOff?: number
  /** Written over the header before the checksum is made. */
  patch?: readonly (readonly [offset: number, bytes: string | Buffer])[]
  /** Instead of zeros after the content. */
  padding?: Buffer
}

export function rawEntry(entry: RawEntry): Buffer {
  const content = Buffer.from(entry.content ?? '')
  const padding = entry.padding ?? Buffer.alloc((512 - (content.length % 512)) % 512)
  return Buffer.concat([rawHeader(entry, content.length), content, padding])
}

function rawHeader(entry: RawEntry, length: number): Buffer {
  const block = Buffer.alloc(512)
  put(block, 0, entry.name)
  put(block, 100, typeof entry.mode === 'string' ? entry.mode : octal(entry.mode ?? 0o644, 8))
  put(block, 108, octal(entry.uid ?? 0, 8))
  put(block, 116, octal(0, 8))
  put(block, 124, Buffer.isBuffer(entry.size) ? entry.size : octal(entry.size ?? length, 12))
  put(block, 136, octal(entry.mtime ?? 0, 12))
  put(block, 156, entry.type ?? '0')
  put(block, 157, entry.linkName ?? '')
  put(block, 257, entry.magic ?? 'ustar\x0000')
  put(block, 265, entry.uname ?? '')
  put(block, 329, octal(0, 8))
  put(block, 337, octal(0, 8))
  put(block, 345, entry.prefix ?? '')
  for (const [offset, bytes] of entry.patch ?? []) put(block, offset, bytes)
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0) + (entry.checksumOff ?? 0)
  put(block, 148, octal(sum, 8))
  return block
}

/** The form that node-tar writes: figures, a space where there is room, NUL. */
function octal(value: number, length: number): string {
  const figures = value.toString(8)
  return figures.length === length - 1 ? `${figures}\0` : `${figures.padStart(length - 2, '0')} \0`
}

function put(block: Buffer, offset: number, bytes: string | Buffer): void {
  Buffer.from(bytes).copy(block, offset)
}

export const END = Buffer.alloc(1024)

/** As `package` writes it, for bytes of any kind. */
export function rawGzip(content: Buffer, options: ZlibOptions = {}): Buffer {
  const deflated = deflateRawSync(content, { level: 9, ...options })
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(content), 0)
  trailer.writeUInt32LE(content.length % 2 ** 32, 4)
  return Buffer.concat([Buffer.from('1f8b08000000000002ff', 'hex'), deflated, trailer])
}
