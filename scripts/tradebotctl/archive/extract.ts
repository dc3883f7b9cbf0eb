import { closeSync, constants, fchmodSync, lstatSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { writePieces } from '../files/write-pieces.ts'
import { syncFolder } from '../files/write-atomically.ts'
import { RefusedError } from '../frame/errors.ts'
import { modeOf } from './entry-order.ts'
import { MANIFEST_ENTRY, SIGNATURE_ENTRY, type WalkedFile } from './walk-package.ts'

type Content = {
  manifestBytes: Buffer
  signatureBytes: Buffer | null
  files: AsyncGenerator<WalkedFile>
}

/** Writes a package's files below an existing folder, through no link that somebody planted there, and syncs them. */
export async function extractTo(target: string, content: Content): Promise<void> {
  refuseOther(target, target)
  const folders = new Set<string>()
  for await (const { file, content: pieces } of content.files) {
    makeParents(target, file.path, folders)
    await writeNew(target, file.path, modeOf(file), pieces)
  }
  if (content.signatureBytes !== null)
    await writeNew(target, SIGNATURE_ENTRY, 0o644, [content.signatureBytes])
  // Last, so that a folder with a manifest holds all that it names.
  await writeNew(target, MANIFEST_ENTRY, 0o644, [content.manifestBytes])
  for (const folder of [...folders].reverse()) syncFolder(path.join(target, folder))
  syncFolder(target)
}

function makeParents(target: string, file: string, made: Set<string>): void {
  const parts = file.split('/').slice(0, -1)
  for (const [index] of parts.entries()) {
    const folder = parts.slice(0, index + 1).join('/')
    if (made.has(folder)) continue
    try {
      mkdirSync(path.join(target, folder), 0o755)
    } catch (error) {
      if (!isExisting(error)) throw error
    }
    refuseOther(path.join(target, folder), folder)
    setMode(path.join(target, folder))
    made.add(folder)
  }
}

/** @throws RefusedError unless this is a folder itself, no link to one */
function refuseOther(folder: string, told: string): void {
  if (!lstatSync(folder).isDirectory())
    throw new RefusedError(
      'TARGET_NOT_A_FOLDER',
      `${told} is there already, and is no folder: nothing is written through it.`,
    )
}

/** 0755 whatever the umask. */
function setMode(folder: string): void {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
  const descriptor = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  try {
    fchmodSync(descriptor, 0o755)
  } finally {
    closeSync(descriptor)
  }
}

async function writeNew(
  target: string,
  name: string,
  mode: number,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const descriptor = create(path.join(target, name), name)
  try {
    await writePieces(descriptor, pieces, mode)
  } finally {
    closeSync(descriptor)
  }
}

/** With O_EXCL even a link that leads nowhere is refused. */
function create(file: string, told: string): number {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
  try {
    return openSync(file, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600)
  } catch (error) {
    if (!isExisting(error)) throw error
    throw new RefusedError('TARGET_OCCUPIED', `${told} is there already: nothing is written over it.`, {
      cause: error,
    })
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
