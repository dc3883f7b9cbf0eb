import { Header } from 'tar'
import { CouldNotError, RefusedError } from '../frame/errors.ts'

/** What a header says of an entry of a package; all else in it is fixed. */
export type EntryHeader = { path: string; mode: number; size: number }

export const BLOCK = 512

/**
 * The one header of such a file: a regular file of nobody's (uid and gid 0, no names), made at the beginning of 1970.
 * @throws CouldNotError PATH_TOO_LONG when ustar's name and prefix cannot hold the path
 */
export function encodeHeader({ path, mode, size }: EntryHeader): Buffer {
  const header = new Header({ path, mode, size, uid: 0, gid: 0, mtime: new Date(0), type: 'File' })
  header.encode()
  const block = header.block
  // node-tar cuts what does not fit and expects a pax header before it, which a package never has.
  if (block === undefined || decoded(block).path !== path)
    throw new CouldNotError('PATH_TOO_LONG', `${path}: the path is too long for a package.`, {
      hint: 'A name may have 100 bytes, the folders before it 155.',
    })
  return block
}

/** How many bytes of zeros follow a content of this size. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/**
 * Reads a header that must be byte for byte one that encodeHeader writes. The path is not judged here.
 * @returns undefined for a block of zeros, which ends the archive
 * @throws RefusedError HEADER_*, ENTRY_TYPE, ENTRY_MODE, PATH_ENCODING
 */
export function decodeHeader(block: Buffer): EntryHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined
  const header = decoded(block)
  if (!header.cksumValid)
    throw new RefusedError('HEADER_CHECKSUM', 'A header in the package has a wrong checksum.')
  const path = pathOf(block)
  const told = JSON.stringify(path)
  const type = block[156] ?? 0
  if (type !== REGULAR)
    throw new RefusedError(
      'ENTRY_TYPE',
      `${told} is ${KINDS[String.fromCharCode(type)] ?? 'an entry of unknown kind'}; a package holds plain files only.`,
    )
  const size = numberOf(block, 124, 12)
  if (size === undefined)
    throw new RefusedError(
      'HEADER_SIZE',
      `The size of ${told} is not a plain number: negative, too large, or no number.`,
    )
  const mode = numberOf(block, 100, 8)
  if (mode === undefined)
    throw new RefusedError('HEADER_FORMAT', `The mode of ${told} is not a plain number.`)
  if ((mode & 0o7000) !== 0)
    throw new RefusedError('ENTRY_MODE', `${told} has a setuid, setgid or sticky bit.`)
  if (mode !== 0o644 && mode !== 0o755)
    throw new RefusedError(
      'ENTRY_MODE',
      `${told} has the mode ${mode.toString(8)}; files of a package have 644 or 755.`,
    )
  if (header.path !== path || !sameHeader(block, { path, mode, size }))
    throw new RefusedError(
      'HEADER_FORMAT',
      `The header of ${told} is not the plain ustar one of a package: it holds an owner, a time, a link, or another format.`,
    )
  return { path, mode, size }
}

const REGULAR = '0'.charCodeAt(0)

const KINDS: Record<string, string> = {
  '\0': 'an entry of the old tar format',
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '5': 'a folder',
  '6': 'a FIFO',
  '7': 'a contiguous file',
  D: 'a GNU folder listing',
  K: 'a GNU long link name',
  L: 'a GNU long name',
  M: 'a part of a file of another volume',
  N: 'an old GNU long name',
  S: 'a sparse file',
  V: 'a volume header',
  X: 'an old pax header',
  g: 'a global pax header',
  x: 'a pax header',
}

function decoded(block: Buffer): Header {
  return new Header(block)
}

/** node-tar reads leniently (text after the NUL, broken UTF-8), so the bytes are read here. */
function pathOf(block: Buffer): string {
  const name = textOf(block.subarray(0, 100))
  const prefix = textOf(block.subarray(345, 500))
  return prefix === '' ? name : `${prefix}/${name}`
}

function textOf(field: Buffer): string {
  const nul = field.indexOf(0)
  const text = nul === -1 ? field : field.subarray(0, nul)
  if (nul !== -1 && field.subarray(nul).some((byte) => byte !== 0))
    throw new RefusedError('HEADER_NUL', 'A name in the package goes on after a NUL character.')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text)
  } catch (cause) {
    throw new RefusedError('PATH_ENCODING', 'A name in the package is not valid UTF-8.', { cause })
  }
}

/** Octal digits and what ends them; base-256, signs and anything else are no number. */
function numberOf(block: Buffer, offset: number, length: number): number | undefined {
  const text = block.toString('latin1', offset, offset + length)
  return /^[0-7]+[ \0]{1,2}$/.test(text) ? Number.parseInt(text, 8) : undefined
}

function sameHeader(block: Buffer, entry: EntryHeader): boolean {
  try {
    return encodeHeader(entry).equals(block)
  } catch (error) {
    if (error instanceof CouldNotError) return false
    throw error
  }
}
