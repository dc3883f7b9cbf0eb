import { z } from 'zod'
import { RefusedError } from '../frame/errors.ts'
import { BOUNDS } from './bounds.ts'
import { isRelease } from './release.ts'
import { isManifestFile, isNeverCarried, makePathSet, pathFault, quoted } from './safe-path.ts'

/** A file of a release. `path` has slashes whatever the system; `size` is in bytes; `sha256` in lower-case hex. */
export type ManifestFile = { path: string; size: number; mode: '0644' | '0755'; sha256: string }

/** What a release is, file by file, ordered by the UTF-16 units of their paths. `release` is the version in package.json. */
export type Manifest = {
  format: 'tradebot-manifest'
  version: 1
  product: 'tradebot'
  release: string
  files: ManifestFile[]
}

/** The canonical bytes, which are what is signed: keys in a fixed order, two spaces, a final line break. */
export function encodeManifest(manifest: Manifest): Buffer {
  const { release } = manifest
  const files = manifest.files.map(({ path, size, mode, sha256 }) => ({ path, size, mode, sha256 }))
  const ordered = { format: 'tradebot-manifest', version: 1, product: 'tradebot', release, files }
  return Buffer.from(`${JSON.stringify(ordered, null, 2)}\n`)
}

/**
 * Reads a manifest that may come from anybody.
 * @throws RefusedError MANIFEST_… or PATH_…, and nothing else: whatever is not exactly what encodeManifest writes
 */
export function parseManifest(bytes: Buffer): Manifest {
  const manifest = readManifest(bytes)
  checkFiles(manifest.files)
  // Doubled keys, other spellings of a number or a letter, a missing line break: two readers could see two manifests.
  if (!encodeManifest(manifest).equals(bytes))
    refuse('MANIFEST_NOT_CANONICAL', 'The manifest is not spelt as tradebotctl spells it.')
  return manifest
}

/** By UTF-16 units, as `<` compares: the same in every locale. */
export function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0
}

const headerSchema = z.looseObject({
  format: z.unknown().optional(),
  version: z.unknown().optional(),
  product: z.unknown().optional(),
})

const manifestSchema = z.strictObject({
  format: z.literal('tradebot-manifest'),
  version: z.literal(1),
  product: z.literal('tradebot'),
  release: z.string(),
  files: z.array(
    z.strictObject({ path: z.string(), size: z.number(), mode: z.string(), sha256: z.string() }),
  ),
})

function readManifest(bytes: Buffer): Manifest {
  const json = readJson(bytes)
  const header = headerSchema.safeParse(json)
  if (!header.success || header.data.format !== 'tradebot-manifest')
    return refuse('MANIFEST_FORMAT', 'This is no manifest of tradebotctl.')
  const { version, product } = header.data
  if (version !== 1)
    return refuse(
      'MANIFEST_VERSION_UNKNOWN',
      `The manifest is of version ${short(version)}; this tradebotctl knows version 1.`,
    )
  if (product !== 'tradebot')
    return refuse('MANIFEST_OTHER_PRODUCT', `The manifest is of ${short(product)}, not of "tradebot".`)
  const parsed = manifestSchema.safeParse(json)
  if (!parsed.success) return refuseShape(parsed.error)
  const { release, files } = parsed.data
  if (!isRelease(release))
    return refuse('MANIFEST_RELEASE', `The manifest's release is ${quoted(release)}, not one like "1.2.3".`)
  if (files.length > BOUNDS.files)
    return refuse(
      'MANIFEST_TOO_MANY_FILES',
      `The manifest names ${files.length} files; ${BOUNDS.files} is the most.`,
    )
  return { format: 'tradebot-manifest', version: 1, product, release, files: files.map(fileOf) }
}

function readJson(bytes: Buffer): unknown {
  if (bytes.length > BOUNDS.manifestBytes)
    return refuse('MANIFEST_TOO_LARGE', `The manifest has more than ${BOUNDS.manifestBytes} bytes.`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new RefusedError('MANIFEST_NOT_UTF8', 'The manifest is not UTF-8 text.', { cause: error })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RefusedError('MANIFEST_NOT_JSON', 'The manifest is not JSON.', { cause: error })
  }
}

function refuseShape(error: z.ZodError): never {
  const [issue] = error.issues
  const where = quoted(issue?.path.map(String).join('.') ?? '')
  if (issue?.code === 'unrecognized_keys')
    return refuse(
      'MANIFEST_UNKNOWN_KEY',
      `The manifest has a key that is not known, ${quoted(issue.keys.join(', '))}.`,
    )
  return refuse('MANIFEST_TYPE', `The manifest's ${where} is missing or of the wrong type.`)
}

function fileOf(file: { path: string; size: number; mode: string; sha256: string }): ManifestFile {
  const { path, size, mode, sha256 } = file
  const fault = pathFault(path)
  if (fault !== undefined)
    return refuse(fault.code, `The manifest names a path that none may have: ${fault.sentence}`)
  if (isManifestFile(path))
    return refuse('MANIFEST_NAMES_ITSELF', `The manifest names ${quoted(path)}, which is beside the files.`)
  if (isNeverCarried(path))
    return refuse('PATH_NEVER_CARRIED', `The manifest names ${quoted(path)}, which no release may carry.`)
  if (!Number.isSafeInteger(size) || size < 0 || Object.is(size, -0))
    return refuse('MANIFEST_SIZE', `The size of ${quoted(path)} is no number of bytes.`)
  if (size > BOUNDS.fileBytes)
    return refuse(
      'MANIFEST_FILE_TOO_LARGE',
      `${quoted(path)} has ${size} bytes; ${BOUNDS.fileBytes} is the most.`,
    )
  if (mode !== '0644' && mode !== '0755')
    return refuse('MANIFEST_MODE', `The mode of ${quoted(path)} is ${quoted(mode)}, neither 0644 nor 0755.`)
  if (!/^[0-9a-f]{64}$/.test(sha256))
    return refuse('MANIFEST_HASH', `The hash of ${quoted(path)} is no SHA-256 in lower-case hex.`)
  return { path, size, mode, sha256 }
}

function checkFiles(files: ManifestFile[]): void {
  const paths = makePathSet()
  let [total, last] = [0, '']
  for (const { path, size } of files) {
    const fault = paths.faultOf(path)
    if (fault !== undefined) refuse(fault.code, `The manifest cannot be: ${fault.sentence}`)
    if (path < last)
      refuse('MANIFEST_UNSORTED', `The manifest is not sorted: ${quoted(path)} comes too late.`)
    last = path
    total += size
  }
  if (total > BOUNDS.totalBytes)
    refuse('MANIFEST_TOTAL_TOO_LARGE', `The files have ${total} bytes; ${BOUNDS.totalBytes} is the most.`)
}

/** A value for a sentence; of what is nested only that it is. */
function short(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'object' && value !== null ? 'something nested' : String(value)
}

function refuse(code: string, sentence: string): never {
  throw new RefusedError(code, sentence)
}
