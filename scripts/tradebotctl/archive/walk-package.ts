import { createHash } from 'node:crypto'
import { RefusedError } from '../frame/errors.ts'
import { BOUNDS } from '../tree/bounds.ts'
import { parseManifest, type Manifest, type ManifestFile } from '../tree/manifest.ts'
import { makeByteReader } from './byte-reader.ts'
import { refuseEntry } from './entry-order.ts'
import { readGzip, type Member } from './gzip.ts'
import type { OnProgress, OpenOptions } from './open-package.ts'
import { LONGEST_SIGNATURE, verifySignature } from './signature.ts'
import { BLOCK, decodeHeader, paddingOf, type EntryHeader } from './tar-header.ts'

export const MANIFEST_ENTRY = 'manifest.json'
export const SIGNATURE_ENTRY = 'manifest.sig'

/** A file of a package, while it is read. */
export type WalkedFile = {
  file: ManifestFile
  /** Its content; the last piece is followed by an error when the hash is wrong. What is not read here is read past. */
  content: AsyncGenerator<Buffer>
}

export type Head = {
  manifest: Manifest
  manifestBytes: Buffer
  signatureBytes: Buffer | null
}

/**
 * One pass over a package, from the first byte to the last. There is one valid archive for a manifest, a signature and the contents: each
 * header is compared with the one that has to be there, so whatever else the format can say is refused without being understood.
 */
export function walkPackage(member: Member) {
  const reader = makeByteReader(readGzip(member))
  /** A header that has been read, and is of a file. */
  let pending: EntryHeader | undefined
  let manifest: Manifest | undefined

  async function nextHeader(): Promise<EntryHeader | undefined> {
    const header = pending ?? decodeHeader(await reader.take(BLOCK))
    pending = undefined
    return header
  }

  async function padding(size: number, path: string): Promise<void> {
    if ((await reader.take(paddingOf(size))).some((byte) => byte !== 0))
      throw new RefusedError('ENTRY_PADDING', `After ${path} there is something where only zeros may be.`)
  }

  async function small({ path, size, mode }: EntryHeader, longest: number): Promise<Buffer> {
    if (size > longest)
      throw new RefusedError('ENTRY_TOO_LARGE', `${path} is larger than it may be (${longest} bytes).`)
    if (mode !== 0o644) throw new RefusedError('ENTRY_MODE', `${path} has a mode other than 644.`)
    const bytes = await reader.take(size)
    await padding(size, path)
    return bytes
  }

  async function rawHead(): Promise<Omit<Head, 'manifest'>> {
    const first = await nextHeader()
    if (first?.path !== MANIFEST_ENTRY)
      throw new RefusedError('MANIFEST_NOT_FIRST', `The package does not begin with ${MANIFEST_ENTRY}.`)
    const manifestBytes = await small(first, BOUNDS.manifestBytes)
    const second = await nextHeader()
    if (second?.path === SIGNATURE_ENTRY)
      return { manifestBytes, signatureBytes: await small(second, LONGEST_SIGNATURE) }
    // An archive that ends here is refused where its first file should be.
    pending = second
    ended = second === undefined
    return { manifestBytes, signatureBytes: null }
  }
  let ended = false

  async function* contentOf(file: ManifestFile, state: Content): AsyncGenerator<Buffer> {
    for await (const piece of reader.body(state.left)) {
      state.left -= piece.length
      state.hash.update(piece)
      state.onBytes(piece.length)
      yield piece
    }
    if (state.finished) return
    state.finished = true
    if (state.hash.digest('hex') !== file.sha256)
      throw new RefusedError(
        'ENTRY_HASH',
        `The content of ${file.path} is not the one that the manifest names.`,
        {
          hint: 'Get the package again from whoever made it.',
        },
      )
    await padding(file.size, file.path)
  }

  async function readHead(options: Pick<OpenOptions, 'trusted' | 'allowUnsigned'>) {
    const { manifestBytes, signatureBytes } = await rawHead()
    // Before anything of the manifest is believed, or even parsed.
    const keyId =
      signatureBytes === null ? null : verifySignature(manifestBytes, signatureBytes, options.trusted).keyId
    if (keyId === null && !options.allowUnsigned)
      throw new RefusedError('SIGNATURE_MISSING', 'The package is not signed.', {
        hint: 'Take a signed one. If you made this one yourself and know it to be right: --allow-unsigned.',
      })
    manifest = parseManifest(manifestBytes)
    return { manifest, manifestBytes, signatureBytes, keyId }
  }

  async function* readFiles(options: {
    only?: ((path: string) => boolean) | undefined
    onProgress?: OnProgress | undefined
  }): AsyncGenerator<WalkedFile> {
    if (manifest === undefined) throw new Error('The head is read first.')
    const total = manifest.files.reduce((sum, file) => sum + file.size, 0)
    let done = 0
    const onBytes = (count: number) => options.onProgress?.((done += count), total)
    for (const [index, file] of manifest.files.entries()) {
      const header = ended ? undefined : await nextHeader()
      refuseEntry(manifest, index, header)
      const state = { left: file.size, hash: createHash('sha256'), finished: false, onBytes }
      if (options.only?.(file.path) ?? true) yield { file, content: contentOf(file, state) }
      // Whatever of it was not read.
      for await (const piece of contentOf(file, state)) void piece
    }
    refuseEntry(manifest, manifest.files.length, ended ? undefined : await nextHeader())
    if ((await reader.take(BLOCK)).some((byte) => byte !== 0))
      throw new RefusedError('ARCHIVE_END', 'The archive does not end with two blocks of zeros.')
    if (!(await reader.atEnd()))
      throw new RefusedError('ARCHIVE_TRAILING', 'There is data after the end of the archive.')
  }

  return {
    head: (options: Pick<OpenOptions, 'trusted' | 'allowUnsigned'>) => closing(reader, readHead(options)),
    /** The head once more. @throws RefusedError PACKAGE_CHANGED when it is not the one that was checked */
    async sameHead(checked: Head): Promise<void> {
      const { manifestBytes, signatureBytes } = await closing(reader, rawHead())
      const sameSignature =
        signatureBytes === null
          ? checked.signatureBytes === null
          : checked.signatureBytes?.equals(signatureBytes) === true
      if (!sameSignature || !manifestBytes.equals(checked.manifestBytes))
        throw new RefusedError('PACKAGE_CHANGED', 'The package was altered while it was read.')
      manifest = checked.manifest
    },
    async *files(options: Parameters<typeof readFiles>[0]): AsyncGenerator<WalkedFile> {
      try {
        yield* readFiles(options)
      } finally {
        await reader.close()
      }
    },
  }
}

type Content = {
  left: number
  hash: ReturnType<typeof createHash>
  finished: boolean
  onBytes: (count: number) => void
}

async function closing<Value>(reader: { close: () => Promise<void> }, work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (error) {
    await reader.close()
    throw error
  }
}
