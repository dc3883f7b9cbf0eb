import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { encodeManifest, type Manifest, type ManifestFile } from '../tree/manifest.ts'
import { modeOf } from './entry-order.ts'
import { makeSecretSearch } from './secrets-in-files.ts'
import { BLOCK, encodeHeader, paddingOf } from './tar-header.ts'
import { MANIFEST_ENTRY, SIGNATURE_ENTRY } from './walk-package.ts'

export type ArchiveSource = {
  /** The tree that the manifest was made of. */
  root: string
  manifest: Manifest
  /** manifest.sig; null: unsigned. */
  signature: Buffer | null
  signal: AbortSignal
  /** Bytes of files that are packed, of all. */
  onProgress: (done: number, total: number) => void
}

const CHUNK = 64 * 1024

/**
 * The tar of a package, in pieces that depend on nothing but what is packed: where deflate's input is cut may show in its output.
 * @throws CouldNotError TREE_CHANGED when a file is not what the manifest says any more
 */
export async function* tarBlocks(source: ArchiveSource): AsyncGenerator<Buffer> {
  const { manifest, signature } = source
  yield* bytesEntry(MANIFEST_ENTRY, encodeManifest(manifest))
  if (signature !== null) yield* bytesEntry(SIGNATURE_ENTRY, signature)
  const total = manifest.files.reduce((sum, file) => sum + file.size, 0)
  let done = 0
  for (const file of manifest.files) {
    yield encodeHeader({ path: file.path, mode: modeOf(file), size: file.size })
    for await (const piece of contentOf(source, file)) {
      yield piece
      source.onProgress((done += piece.length), total)
    }
    yield Buffer.alloc(paddingOf(file.size))
  }
  yield Buffer.alloc(2 * BLOCK)
}

function* bytesEntry(name: string, bytes: Buffer): Generator<Buffer> {
  yield encodeHeader({ path: name, mode: 0o644, size: bytes.length })
  yield bytes
  yield Buffer.alloc(paddingOf(bytes.length))
}

/** Hashed again while it is read; a byte more or less, or another one, and there is no package. */
async function* contentOf(source: ArchiveSource, file: ManifestFile): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  const search = makeSecretSearch()
  const handle = await openTreeFile(source.root, file.path)
  try {
    for (let left = file.size; left > 0;) {
      source.signal.throwIfAborted()
      const piece = await readPiece(handle, file, file.size - left, Math.min(CHUNK, left))
      left -= piece.length
      hash.update(piece)
      if (search(piece))
        throw new RefusedError(
          'SECRET_IN_TREE',
          `${file.path} holds a private key, which must not get into a package.`,
          {
            hint: 'Take it out of the tree, or name it in .tradebotignore.',
          },
        )
      yield piece
    }
    const { bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, file.size)
    if (bytesRead > 0 || hash.digest('hex') !== file.sha256) throw changed(file)
  } finally {
    await handle.close()
  }
}

async function readPiece(
  handle: FileHandle,
  file: ManifestFile,
  position: number,
  length: number,
): Promise<Buffer> {
  const piece = Buffer.alloc(length)
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(piece, done, length - done, position + done)
    if (bytesRead === 0) throw changed(file)
    done += bytesRead
  }
  return piece
}

async function openTreeFile(root: string, name: string): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  return open(path.join(root, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
}

function changed(file: ManifestFile): CouldNotError {
  return new CouldNotError(
    'TREE_CHANGED',
    `${file.path} changed while it was packed; no package was written.`,
    {
      hint: 'Let nothing write to the tree, and run it again.',
    },
  )
}
