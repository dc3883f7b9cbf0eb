import { createHash } from 'node:crypto'
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { CouldNotError } from '../frame/errors.ts'
import { checkOut } from '../files/check-out.ts'
import { syncFolder } from '../files/write-atomically.ts'
import { sealChunks } from './chunks.ts'
import type { Sealing } from './envelope.ts'

/**
 * Writes a backup beside its name (`.partial`, 0600) and gives it the name when all of it is on disk; whatever goes wrong leaves no part of
 * it. @throws CouldNotError BACKUP_EXISTS
 */
export async function writeBackupFile(
  file: string,
  { bytes, sealing }: { bytes: Buffer; sealing: Sealing },
  records: AsyncIterable<Buffer>,
  { force, signal }: { force: boolean; signal: AbortSignal },
): Promise<{ bytes: number; sha256: string }> {
  refuseExisting(file, force)
  const partial = `${file}.partial`
  rmSync(partial, { force: true })
  const handle = await open(partial, 'wx', 0o600)
  const hash = createHash('sha256')
  let size = 0
  const counted = async function* (source: AsyncIterable<Buffer>) {
    yield count(bytes)
    for await (const chunk of sealChunks(source, sealing)) yield count(chunk)
  }
  const count = (chunk: Buffer) => {
    hash.update(chunk)
    size += chunk.length
    return chunk
  }
  try {
    await pipeline(
      Readable.from(records, { objectMode: false }),
      createGzip({ level: 4 }),
      counted,
      async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) await handle.appendFile(chunk)
      },
      { signal },
    )
    await handle.sync()
    signal.throwIfAborted()
    giveName(partial, file, force)
  } finally {
    await handle.close()
    rmSync(partial, { force: true })
  }
  syncFolder(path.dirname(file))
  return { bytes: size, sha256: hash.digest('hex') }
}

/** What may not be written to, said before the work. @throws CouldNotError BACKUP_EXISTS, and as checkOut */
export function refuseExisting(file: string, force: boolean): void {
  checkOut(file)
  if (!force && existsSync(file)) throw exists(file)
}

/** A link fails where the name is taken meanwhile, and a rename would not. */
function giveName(partial: string, file: string, force: boolean): void {
  if (force) return renameSync(partial, file)
  try {
    linkSync(partial, file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') throw exists(file, error)
    // Sticks and shares without hard links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
    refuseExisting(file, force)
    renameSync(partial, file)
  }
}

function exists(file: string, cause?: unknown): CouldNotError {
  return new CouldNotError('BACKUP_EXISTS', `${file} exists already, and is not overwritten.`, {
    cause,
    hint: 'Name another file, or say --force.',
  })
}
