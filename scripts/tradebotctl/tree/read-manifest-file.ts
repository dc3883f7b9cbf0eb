import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { BOUNDS } from './bounds.ts'
import { parseManifest, type Manifest } from './manifest.ts'

/** @throws CouldNotError MANIFEST_MISSING, MANIFEST_NOT_A_FILE; RefusedError as parseManifest */
export function readManifestFile(file: string): { bytes: Buffer; manifest: Manifest } {
  const bytes = readBounded(file, BOUNDS.manifestBytes)
  if (bytes === undefined)
    throw new CouldNotError('MANIFEST_MISSING', `There is no manifest ${file}.`, {
      hint: 'tradebotctl manifest makes one, of the files as they are now; a package of the release has its own.',
    })
  return { bytes, manifest: parseManifest(bytes) }
}

/** The whole of a small file; undefined: there is none. Does not wait for a pipe. */
export function readBounded(file: string, longest: number): Buffer | undefined {
  let descriptor: number
  try {
    descriptor = openSync(
      file,
      constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK),
    )
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw new CouldNotError('MANIFEST_NOT_A_FILE', `${file} is not a file.`)
    if (stats.size > longest)
      throw new RefusedError('MANIFEST_TOO_LARGE', `${file} has more than ${longest} bytes.`)
    const bytes = Buffer.alloc(stats.size)
    let done = 0
    for (let read = -1; read !== 0 && done < bytes.length; done += read)
      read = readSync(descriptor, bytes, done, bytes.length - done, null)
    return bytes.subarray(0, done)
  } finally {
    closeSync(descriptor)
  }
}
