import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { CouldNotError } from '../frame/errors.ts'
import type { Pace } from './pace.ts'

/** `mode` with the set-id bits; `sha256` in hex. */
export type HashedFile = { size: number; mode: number; sha256: string }

/**
 * Hashes files one after the other through one buffer. Reading in this thread is faster than several files at a time through the thread pool
 * (1.1 s against 1.7 s for 20,000 files of 1.2 GB on 2 cores): a file of source text costs less than handing it over and back.
 */
export function makeHasher(pace: Pace): {
  hash: (file: string, sizeFits?: (size: number) => boolean) => Promise<HashedFile>
} {
  const buffer = Buffer.allocUnsafe(1024 * 1024)
  return {
    /**
     * Follows no symbolic link in place of the file, and does not wait for a pipe.
     * @param sizeFits when it answers false the file is not read, and `sha256` is empty
     * @throws CouldNotError FILE_CHANGED when it is written meanwhile, or is no longer a regular file
     */
    async hash(file, sizeFits = () => true) {
      const descriptor = openRegular(file)
      try {
        const before = fstatSync(descriptor)
        if (!before.isFile()) throw changed(file)
        const { size, mode } = before
        if (!sizeFits(size)) return { size, mode: mode & 0o7777, sha256: '' }
        const hash = createHash('sha256')
        let total = 0
        for (let read = -1; read !== 0;) {
          read = readSync(descriptor, buffer, 0, buffer.length, null)
          hash.update(read === buffer.length ? buffer : buffer.subarray(0, read))
          total += read
          await pace()
        }
        if (total !== size || !isSame(before, fstatSync(descriptor))) throw changed(file)
        return { size, mode: mode & 0o7777, sha256: hash.digest('hex') }
      } finally {
        closeSync(descriptor)
      }
    },
  }
}

/** Opens for reading what must be a regular file: no symbolic link is followed, and a pipe is not waited for. */
export function openRegular(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | NO_FOLLOW)
  } catch (error) {
    // ELOOP: a symbolic link; ENXIO: a socket.
    if (error instanceof Error && 'code' in error && (error.code === 'ELOOP' || error.code === 'ENXIO'))
      throw changed(file, error)
    throw error
  }
}

/** Windows knows neither. */
const NO_FOLLOW = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK

function isSame(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs && before.ctimeMs === after.ctimeMs
}

function changed(file: string, cause?: unknown): CouldNotError {
  return new CouldNotError('FILE_CHANGED', `${file} was changed while it was read.`, {
    cause,
    hint: 'Stop what writes it, and run this again.',
  })
}
