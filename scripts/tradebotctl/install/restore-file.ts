import { chmodSync, closeSync, mkdirSync, openSync, renameSync, rmSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import { writePieces } from '../files/write-pieces.ts'
import { RefusedError } from '../frame/errors.ts'
import { statAt } from './folders.ts'

/**
 * Puts one file of a release back: written whole beside the tree, on disk, then renamed into its place. No link is followed: one in place of a
 * folder or of the file itself is removed, and what it leads to is left alone.
 * @param draft where it is written first, on the same file system
 */
export async function restoreFile(
  tree: string,
  name: string,
  mode: number,
  content: AsyncIterable<Buffer> | Iterable<Buffer>,
  draft: string,
): Promise<void> {
  rmSync(draft, { recursive: true, force: true })
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    await writePieces(descriptor, content, mode)
  } finally {
    closeSync(descriptor)
  }
  makeParents(tree, name)
  const target = path.join(tree, name)
  // An empty folder holds nothing of anybody's; a full one was refused before.
  if (statAt(target)?.isDirectory() === true) rmdirSync(target)
  renameSync(draft, target)
}

export function restoreMode(tree: string, name: string, mode: number): void {
  refuseLinkedParents(tree, name)
  const file = path.join(tree, name)
  if (statAt(file)?.isFile() !== true)
    throw new RefusedError('TARGET_CHANGED', `${file} was replaced while it was repaired.`)
  chmodSync(file, mode)
}

/**
 * What stands where a file of the release belongs, and is somebody's: a folder that is not empty, or a file where a folder has to be. Answers
 * its path; undefined when the file can be put there.
 */
export function obstacleTo(
  tree: string,
  name: string,
  isEmpty: (folder: string) => boolean,
): string | undefined {
  for (const folder of parentsOf(name)) {
    const stats = statAt(path.join(tree, folder))
    if (stats === undefined || stats.isSymbolicLink()) return undefined
    if (!stats.isDirectory()) return folder
  }
  const target = path.join(tree, name)
  return statAt(target)?.isDirectory() === true && !isEmpty(target) ? name : undefined
}

function makeParents(tree: string, name: string): void {
  for (const folder of parentsOf(name)) {
    const at = path.join(tree, folder)
    const stats = statAt(at)
    if (stats?.isDirectory() === true) continue
    if (stats?.isSymbolicLink() === true) rmSync(at)
    mkdirSync(at, 0o755)
    chmodSync(at, 0o755)
  }
}

function refuseLinkedParents(tree: string, name: string): void {
  for (const folder of parentsOf(name))
    if (statAt(path.join(tree, folder))?.isDirectory() !== true)
      throw new RefusedError(
        'TARGET_CHANGED',
        `${path.join(tree, folder)} was replaced while it was repaired.`,
      )
}

/** 'a/b/c.ts' → 'a', 'a/b'. */
function parentsOf(name: string): string[] {
  const parts = name.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
