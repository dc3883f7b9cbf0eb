import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import type { Manifest } from '../tree/manifest.ts'
import { BOUNDS } from '../tree/bounds.ts'
import { releaseIn } from '../tree/release.ts'
import { extractTo } from './extract.ts'
import type { TrustedKey } from './keys.ts'
import { verifySignature } from './signature.ts'
import { walkPackage, type WalkedFile } from './walk-package.ts'

export type OpenOptions = {
  /** Keys that a signature is accepted from. A signed package needs one of them, `allowUnsigned` or not. */
  trusted: readonly TrustedKey[]
  allowUnsigned: boolean
  signal?: AbortSignal | undefined
  onProgress?: OnProgress | undefined
}

/** Bytes of the package's files that are done, of all. */
export type OnProgress = (done: number, total: number) => void

export type ReadOptions = {
  /** The paths that are wanted; all of them unless given. Those that are not wanted are checked all the same. */
  only?: ((path: string) => boolean) | undefined
  signal?: AbortSignal | undefined
  onProgress?: OnProgress | undefined
}

/** A package that has been read from its first byte to its last and found right. Its file stays open until `close`. */
export type CheckedPackage = {
  manifest: Manifest
  /** manifest.json as it is in the package. */
  manifestBytes: Buffer
  /** manifest.sig as it is in the package; null: unsigned. */
  signatureBytes: Buffer | null
  /** Of the trusted key that signed it; null: unsigned. */
  keyId: string | null
  /** Whether a trusted key made this signature over this manifest. */
  accepts: (signature: Buffer) => boolean
  /** Of the package file, in hex. */
  sha256: string
  /** Of the package file. */
  bytes: number
  /**
   * Writes the wanted files, manifest.json and manifest.sig into an existing empty folder, all of it on disk when it resolves. Follows no
   * symbolic link there. When it throws, the folder is partly filled; the caller removes it.
   */
  extract: (target: string, options?: ReadOptions) => Promise<void>
  /**
   * The wanted files one after the other, each checked while it is read: its content ends with an error when it is not what the manifest
   * says, so it must not be put into place before its last piece has come.
   */
  files: (options?: ReadOptions) => AsyncGenerator<WalkedFile>
  close: () => Promise<void>
}

/**
 * Opens a package and checks all of it; writes nothing. What is read later comes from the same open file and is checked again, so that
 * exchanging or altering it meanwhile changes nothing.
 * @throws RefusedError for anything that is not exactly a package; its code names the rule
 */
export async function openPackage(path: string, options: OpenOptions): Promise<CheckedPackage> {
  const file = await openFile(path)
  try {
    return await check(file, path, options)
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Non-blocking, for opening a FIFO would wait for somebody who writes to it. */
async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new CouldNotError('PACKAGE_MISSING', `There is no package ${path}.`, { cause: error })
  }
}

async function check(file: FileHandle, path: string, options: OpenOptions): Promise<CheckedPackage> {
  const bytes = await sizeOf(file, path)
  const digest = createHash('sha256')
  const walk = walkPackage({
    file,
    bytes,
    signal: options.signal,
    onCompressed: (chunk) => digest.update(chunk),
  })
  const { manifest, manifestBytes, signatureBytes, keyId } = await walk.head(options)
  refuseOtherRelease(manifest, await readThrough(walk.files({ onProgress: options.onProgress })))
  const sha256 = digest.digest('hex')

  async function* files(read: ReadOptions = {}): AsyncGenerator<WalkedFile> {
    const again = walkPackage({ file, bytes, signal: read.signal })
    await again.sameHead({ manifestBytes, signatureBytes, manifest })
    yield* again.files(read)
  }
  return {
    ...{ manifest, manifestBytes, signatureBytes, keyId, sha256, bytes, files },
    accepts: (signature) => isSignedBy(options.trusted, manifestBytes, signature),
    extract: (target, read = {}) => extractTo(target, { manifestBytes, signatureBytes, files: files(read) }),
    close: () => file.close(),
  }
}

function isSignedBy(trusted: readonly TrustedKey[], manifest: Buffer, signature: Buffer): boolean {
  try {
    verifySignature(manifest, signature, trusted)
    return true
  } catch (error) {
    if (error instanceof RefusedError) return false
    throw error
  }
}

async function sizeOf(file: FileHandle, path: string): Promise<number> {
  const stats = await file.stat()
  if (!stats.isFile()) throw new RefusedError('PACKAGE_NOT_A_FILE', `${path} is not a file.`)
  if (stats.size === 0) throw new RefusedError('PACKAGE_EMPTY', `${path} is empty.`)
  if (stats.size > BOUNDS.totalBytes)
    throw new RefusedError(
      'PACKAGE_TOO_LARGE',
      `${path} is larger than a package may be (${BOUNDS.totalBytes} bytes).`,
    )
  return stats.size
}

const PACKAGE_JSON = 'package.json'
/** A larger one is not looked into, and not believed. */
const LONGEST_PACKAGE_JSON = 1024 * 1024

/** Every file to its end. Returns package.json. */
async function readThrough(files: AsyncGenerator<WalkedFile>): Promise<string | undefined> {
  let found: string | undefined
  for await (const { file, content } of files) {
    const kept: Buffer[] = []
    const wanted = file.path === PACKAGE_JSON && file.size <= LONGEST_PACKAGE_JSON
    for await (const piece of content) if (wanted) kept.push(Buffer.from(piece))
    if (wanted) found = Buffer.concat(kept).toString('utf8')
  }
  return found
}

/** A release runs under the version that its manifest says, and tells the one in its package.json. */
function refuseOtherRelease({ release, files }: Manifest, packageJson: string | undefined): void {
  if (!files.some(({ path }) => path === PACKAGE_JSON)) return
  const told = releaseIn(packageJson ?? '')
  if (told === release) return
  const is = told === undefined ? 'names no release of TradeBot' : `is of ${told}`
  throw new RefusedError('RELEASE_OTHER', `The manifest is of ${release}, and package.json ${is}.`, {
    hint: 'Make it again with tradebotctl package.',
  })
}
