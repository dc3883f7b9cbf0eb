import path from 'node:path'
import { makeHasher, type HashedFile } from './hash-file.ts'
import { readIgnoreFile } from './ignore-file.ts'
import { byPath, type Manifest, type ManifestFile } from './manifest.ts'
import type { TreeOptions } from './make-manifest.ts'
import { makePace, type Pace } from './pace.ts'
import { IGNORE_FILE, isNeverCarried } from './safe-path.ts'
import { walkTree, type EntryType, type Verdict } from './walk-tree.ts'

/** What is at a path, or should be. Size in bytes, mode in octal ("0644"), hash in hex; null: not looked at, or there is none. */
export type FileState = {
  type: EntryType
  size: number | null
  mode: string | null
  sha256: string | null
}

/** `expected` null: nothing belongs there; `found` null: nothing is there. */
export type Difference = {
  kind: 'MISSING' | 'CHANGED' | 'EXTRA' | 'MODE'
  path: string
  expected: FileState | null
  found: FileState | null
}

export type CompareOptions = TreeOptions & {
  /**
   * The tree is a release of an installation, where nothing but the release itself and its node_modules belongs: modes are exact, and what a
   * clone may have beside its files (.env, data, what .tradebotignore names, packages in inner folders) is extra.
   */
  installed?: boolean | undefined
}

/**
 * The files of a tree against a manifest, sorted by path. Follows no symbolic link: one in place of a file, or of a folder on the way to it,
 * is a change, whatever it leads to.
 */
export async function compareTree(
  root: string,
  manifest: Manifest,
  options: CompareOptions = {},
): Promise<Difference[]> {
  options.signal?.throwIfAborted()
  const pace = makePace(options.signal)
  const listed = new Map(manifest.files.map((file) => [file.path, file]))
  const found = await lookAround(root, listed, options.installed === true, pace)
  const hasher = makeHasher(pace)
  const differences: Difference[] = []
  let done = 0
  for (const file of manifest.files) {
    const type = found.get(file.path)
    if (type === 'file') {
      const hashed = await hasher.hash(path.join(root, file.path), (size) => size === file.size)
      differences.push(...differencesOf(file, hashed, options.installed === true))
    } else {
      const blocking = type ?? linkOnTheWay(file.path, found)
      const kind = blocking === undefined ? 'MISSING' : 'CHANGED'
      differences.push({ kind, path: file.path, expected: expectedOf(file), found: bare(blocking) })
    }
    options.onProgress?.(++done, listed.size)
  }
  for (const [each, type] of found)
    if (!listed.has(each)) differences.push({ kind: 'EXTRA', path: each, expected: null, found: bare(type) })
  return differences.sort(byPath)
}

/** What is in the tree: all but folders, and those folders only that are told as a whole or are where a file belongs. */
async function lookAround(
  root: string,
  listed: ReadonlyMap<string, ManifestFile>,
  installed: boolean,
  pace: Pace,
): Promise<Map<string, EntryType>> {
  const found = new Map<string, EntryType>()
  const wanted = foldersOf(listed.keys())
  const isIgnored = installed ? () => false : readIgnoreFile(root)
  const judge = (each: string, type: EntryType): Verdict => {
    if (listed.has(each)) {
      if (type === 'folder') found.set(each, type)
      return 'enter'
    }
    if (each === 'manifest.json' || each === 'manifest.sig') return type === 'file' ? 'skip' : 'tell'
    if (each === 'node_modules') return 'skip'
    if (isNeverCarried(each)) return installed ? 'tell' : 'skip'
    // A folder is entered although it is ignored when the manifest knows a file in it.
    if (each === IGNORE_FILE || wanted.has(each) || !isIgnored(each, type === 'folder')) return 'enter'
    return 'skip'
  }
  for await (const entry of walkTree(root, judge, pace)) found.set(entry.path, entry.type)
  return found
}

function differencesOf(file: ManifestFile, hashed: HashedFile, exact: boolean): Difference[] {
  const { size, mode, sha256 } = hashed
  const octal = mode.toString(8).padStart(4, '0')
  const found: FileState = { type: 'file', size, mode: octal, sha256: sha256 === '' ? null : sha256 }
  const expected = expectedOf(file)
  const differences: Difference[] = []
  if (sha256 !== file.sha256) differences.push({ kind: 'CHANGED', path: file.path, expected, found })
  const fits = exact ? octal === file.mode : isSameInSpirit(mode, file.mode)
  if (!fits && process.platform !== 'win32')
    differences.push({ kind: 'MODE', path: file.path, expected, found })
  return differences
}

/** In a clone the umask decides the rest, but nobody's umask sets an id bit or lets everybody write. */
function isSameInSpirit(mode: number, expected: ManifestFile['mode']): boolean {
  return (mode & 0o7002) === 0 && ((mode & 0o100) !== 0) === (expected === '0755')
}

function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>()
  for (const each of paths)
    for (let end = each.lastIndexOf('/'); end > 0; end = each.lastIndexOf('/', end - 1))
      folders.add(each.slice(0, end))
  return folders
}

function linkOnTheWay(file: string, found: ReadonlyMap<string, EntryType>): EntryType | undefined {
  const folders = [...foldersOf([file])]
  return folders.some((folder) => found.get(folder) === 'link') ? 'link' : undefined
}

function expectedOf({ size, mode, sha256 }: ManifestFile): FileState {
  return { type: 'file', size, mode, sha256 }
}

function bare(type: EntryType | undefined): FileState | null {
  return type === undefined ? null : { type, size: null, mode: null, sha256: null }
}
