import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

/**
 * Writes a file in one step: a reader, and whoever comes after a crash, sees the old content or the new one whole. Both the content and the
 * rename are on disk when this returns.
 */
export function writeAtomically(file: string, content: string | Uint8Array, mode = 0o644): void {
  const draft = `${file}.${process.pid}.next`
  try {
    // Made anew: a link that somebody has put there is not followed.
    rmSync(draft, { force: true })
    const descriptor = openSync(draft, 'wx', 0o600)
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
      for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done)
      // The mode that is wanted, whatever the umask.
      fchmodSync(descriptor, mode)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(draft, file)
  } catch (error) {
    // What is told is the file that was wanted.
    if (error instanceof Error && 'path' in error && error.path === draft)
      Object.assign(error, { path: file })
    // Though it is forced, rmSync throws where a part of the path is no folder.
    if (existsSync(draft)) rmSync(draft)
    throw error
  }
  syncFolder(path.dirname(file))
}

/** What was made, renamed or removed in a folder is on disk when this returns. Windows has no such call, and needs none. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
