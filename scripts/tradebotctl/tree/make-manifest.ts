import { readFileSync } from 'node:fs'
import path from 'node:path'
import { CouldNotError } from '../frame/errors.ts'
import { BOUNDS } from './bounds.ts'
import { makeHasher } from './hash-file.ts'
import { readIgnoreFile, type IsIgnored } from './ignore-file.ts'
import { byPath, type Manifest, type ManifestFile } from './manifest.ts'
import { makePace, type Pace } from './pace.ts'
import { releaseIn } from './release.ts'
import { IGNORE_FILE, isManifestFile, isNeverCarried, makePathSet, pathFault, quoted } from './safe-path.ts'
import { NAMES, walkTree, type Entry } from './walk-tree.ts'

export type TreeOptions = {
  signal?: AbortSignal | undefined
  /** Files that are done, of all. */
  onProgress?: ((done: number, total: number) => void) | undefined
}

/**
 * What is in a tree, file by file, without what no release carries (safe-path.ts) and what .tradebotignore names. The same tree gives the same
 * manifest, whatever the locale, the order of folders and the umask: of the mode only the owner's x counts.
 * @throws CouldNotError TREE_… for what a release cannot hold, FILE_CHANGED
 */
export async function makeManifest(root: string, options: TreeOptions = {}): Promise<Manifest> {
  options.signal?.throwIfAborted()
  const pace = makePace(options.signal)
  const release = releaseOf(root)
  const paths = await pathsOf(root, readIgnoreFile(root), pace)
  const hasher = makeHasher(pace)
  const files: ManifestFile[] = []
  let total = 0
  for (const each of paths) {
    const { size, mode, sha256 } = await hasher.hash(path.join(root, each), (bytes) => {
      total += bytes
      return bytes <= BOUNDS.fileBytes && total <= BOUNDS.totalBytes
    })
    if (sha256 === '') throw tooLarge(each, size)
    files.push({ path: each, size, mode: mode & 0o100 ? '0755' : '0644', sha256 })
    options.onProgress?.(files.length, paths.length)
  }
  return { format: 'tradebot-manifest', version: 1, product: 'tradebot', release, files }
}

/** The version in package.json. @throws CouldNotError TREE_NO_RELEASE */
function releaseOf(root: string): string {
  const file = path.join(root, 'package.json')
  const release = releaseIn(readFileSync(file, 'utf8'))
  if (release !== undefined) return release
  throw new CouldNotError(
    'TREE_NO_RELEASE',
    `${file} does not name TradeBot and a version like "1.2.3" or "1.2.3-rc.1".`,
  )
}

/** The paths of all files of the release, sorted. @throws CouldNotError TREE_SPECIAL_FILE, TREE_PATH_UNFIT, TREE_TOO_LARGE */
async function pathsOf(root: string, isIgnored: IsIgnored, pace: Pace): Promise<string[]> {
  const entries: Entry[] = []
  const isLeftOut = (each: string, isFolder: boolean) =>
    isManifestFile(each) || isNeverCarried(each) || (each !== IGNORE_FILE && isIgnored(each, isFolder))
  const walk = walkTree(root, (each, type) => (isLeftOut(each, type === 'folder') ? 'skip' : 'enter'), pace)
  for await (const entry of walk) entries.push(entry)
  entries.sort(byPath)
  refuseSpecial(entries.filter(({ type }) => type !== 'file'))
  const paths = entries.map((entry) => entry.path)
  const set = makePathSet()
  for (const each of paths) {
    const fault = pathFault(each) ?? set.faultOf(each)
    if (fault !== undefined)
      throw new CouldNotError('TREE_PATH_UNFIT', `A release cannot hold this path: ${fault.sentence}`, {
        hint: `Rename it, or name it in ${IGNORE_FILE}.`,
      })
  }
  if (paths.length > BOUNDS.files)
    throw new CouldNotError(
      'TREE_TOO_LARGE',
      `There are ${paths.length} files; a release holds at most ${BOUNDS.files}.`,
      { hint: `Name what does not belong to it in ${IGNORE_FILE}.` },
    )
  return paths
}

function refuseSpecial(special: Entry[]): void {
  const [first] = special
  if (first === undefined) return
  const more = special.length > 1 ? ` And so are ${special.length - 1} more.` : ''
  throw new CouldNotError(
    'TREE_SPECIAL_FILE',
    `A release holds regular files only; ${quoted(first.path)} is ${NAMES[first.type]}.${more}`,
    { hint: `Remove it, or add it to ${IGNORE_FILE}.` },
  )
}

function tooLarge(file: string, size: number): CouldNotError {
  const sentence =
    size > BOUNDS.fileBytes
      ? `${quoted(file)} has ${size} bytes; a file of a release has at most ${BOUNDS.fileBytes}.`
      : `With ${quoted(file)} the files come to more than ${BOUNDS.totalBytes} bytes, the most that a release holds.`
  return new CouldNotError('TREE_TOO_LARGE', sentence, {
    hint: `Name what does not belong to it in ${IGNORE_FILE}.`,
  })
}
