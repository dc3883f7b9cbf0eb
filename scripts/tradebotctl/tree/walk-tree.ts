import { readdirSync, type Dirent } from 'node:fs'
import path from 'node:path'
import type { Pace } from './pace.ts'

export type EntryType = 'file' | 'folder' | 'link' | 'other'

/** What is found in a tree; `path` from its root, with slashes. */
export type Entry = { path: string; type: EntryType }

/** `skip` it with all that is in it; `tell` it, and do not go in; `enter`: of a folder only what is in it is told. */
export type Verdict = 'skip' | 'tell' | 'enter'

/**
 * Everything in a folder and below that `judge` does not skip, in no certain order. Symbolic links are told as such and never followed: each
 * folder is one because the folder that it is in says so.
 */
export async function* walkTree(
  root: string,
  judge: (path: string, type: EntryType) => Verdict,
  pace: Pace,
): AsyncGenerator<Entry> {
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    await pace()
    for (const dirent of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const entry = { path: folder === '' ? dirent.name : `${folder}/${dirent.name}`, type: typeOf(dirent) }
      const verdict = judge(entry.path, entry.type)
      if (verdict === 'enter' && entry.type === 'folder') folders.push(entry.path)
      else if (verdict !== 'skip') yield entry
    }
  }
}

/** For sentences. */
export const NAMES: Record<EntryType, string> = {
  file: 'a file',
  folder: 'a folder',
  link: 'a symbolic link',
  other: 'a pipe, socket or device',
}

function typeOf(dirent: Dirent): EntryType {
  if (dirent.isFile()) return 'file'
  if (dirent.isDirectory()) return 'folder'
  return dirent.isSymbolicLink() ? 'link' : 'other'
}
