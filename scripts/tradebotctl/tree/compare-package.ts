import { closeSync, createReadStream, fstatSync, readSync } from 'node:fs'
import path from 'node:path'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { openRegular } from './hash-file.ts'
import type { Pace } from './pace.ts'
import { NAMES, type EntryType } from './walk-tree.ts'

/** A file of a package that is not as in its archive; `path` from the package's folder. */
export type FileFault = { kind: 'MISSING' | 'CHANGED' | 'EXTRA'; path: string; found: string | null }

/**
 * The files of an installed package against its archive, byte by byte.
 * @param found what is in the package's folder, by path from it
 * @param tarball open for reading; what it holds has been proven
 * @param bins files that npm may have rid of a Windows line end after their first line
 */
export async function comparePackage(
  folder: string,
  found: ReadonlyMap<string, EntryType>,
  tarball: number,
  bins: ReadonlySet<string>,
  pace: Pace,
): Promise<FileFault[]> {
  const packed = new Map<string, FileFault | null>()
  const open = new Set<Comparison>()
  const rename = makeRenaming()
  const parser = new Parser({
    onReadEntry(entry) {
      const name = rename(entry)
      if (name === undefined) return entry.resume()
      const comparison = startComparison(folder, name, found.get(name), entry, bins.has(name))
      open.add(comparison)
      entry.on('data', (piece) => comparison.take(piece))
      entry.on('end', () => {
        packed.set(name, comparison.end())
        open.delete(comparison)
      })
    },
  })
  const ended = new Promise<void>((resolve, reject) => parser.on('end', resolve).on('error', reject))
  const bytes = createReadStream('', { fd: tarball, start: 0, autoClose: false, highWaterMark: 256 * 1024 })
  try {
    for await (const piece of bytes.pipe(createGunzip({ chunkSize: 256 * 1024 }))) {
      parser.write(piece)
      await pace()
    }
    parser.end()
    await ended
  } finally {
    for (const comparison of open) comparison.end()
  }
  const extra = [...found]
    .filter(([name]) => !packed.has(name))
    .map(([name, type]): FileFault => ({ kind: 'EXTRA', path: name, found: NAMES[type] }))
  return [...[...packed.values()].filter((fault) => fault !== null), ...extra]
}

type Comparison = { take: (piece: Buffer) => void; end: () => FileFault | null }

function startComparison(
  folder: string,
  name: string,
  type: EntryType | undefined,
  entry: ReadEntry,
  isBin: boolean,
): Comparison {
  if (type !== 'file') {
    const fault: FileFault =
      type === undefined
        ? { kind: 'MISSING', path: name, found: null }
        : { kind: 'CHANGED', path: name, found: NAMES[type] }
    return { take: () => undefined, end: () => fault }
  }
  const descriptor = openRegular(path.join(folder, name))
  let isOpen = true
  const changed: FileFault = { kind: 'CHANGED', path: name, found: 'other content' }
  const close = () => {
    if (isOpen) closeSync(descriptor)
    isOpen = false
  }
  // Few files, small ones, and a rule of their own: whole in memory.
  if (isBin && entry.size <= 4 * 1024 * 1024) {
    const pieces: Buffer[] = []
    return {
      take: (piece) => void pieces.push(piece),
      end() {
        if (!isOpen) return changed
        const content = readWhole(descriptor)
        close()
        const expected = Buffer.concat(pieces)
        return content.equals(expected) || content.equals(withoutWindowsLine(expected)) ? null : changed
      },
    }
  }
  let same = fstatSync(descriptor).size === entry.size
  return {
    take(piece) {
      same &&= isNext(descriptor, piece)
    },
    end() {
      close()
      return same ? null : changed
    },
  }
}

const buffer = Buffer.allocUnsafe(1024 * 1024)

/** Whether the file goes on with these bytes. */
function isNext(descriptor: number, piece: Buffer): boolean {
  for (let done = 0; done < piece.length;) {
    const read = readSync(descriptor, buffer, 0, Math.min(buffer.length, piece.length - done), null)
    if (read === 0 || buffer.compare(piece, done, done + read, 0, read) !== 0) return false
    done += read
  }
  return true
}

function readWhole(descriptor: number): Buffer {
  const content = Buffer.alloc(fstatSync(descriptor).size)
  let done = 0
  for (let read = -1; read !== 0 && done < content.length; done += read)
    read = readSync(descriptor, content, done, content.length - done, null)
  return content.subarray(0, done)
}

/** What npm's bin-links makes of a script whose first line ends as on Windows. */
function withoutWindowsLine(content: Buffer): Buffer {
  return Buffer.from(content.toString('utf8').replace(/^(#![^\n]+)\r\n/, '$1\n'))
}

/**
 * The name under which npm (its library pacote) unpacks an entry; undefined: not at all. Links are left out, the first folder is dropped, and
 * .gitignore becomes .npmignore where there is none yet.
 */
function makeRenaming(): (entry: ReadEntry) => string | undefined {
  const seen = new Set<string>()
  return ({ type, path: given }) => {
    if (!/File$/.test(type)) return undefined
    const parts = given.split('/').filter((part) => part !== '' && part !== '.')
    const name = parts.slice(1).join('/')
    if (name === '' || parts.includes('..')) return undefined
    if (parts.at(-1) === '.npmignore') seen.add(name)
    if (parts.at(-1) !== '.gitignore') return name
    const other = name.replace(/\.gitignore$/, '.npmignore')
    return seen.has(other) ? undefined : other
  }
}
