import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { CheckedPackage } from '../archive/open-package.ts'
import { syncFolder } from '../files/write-atomically.ts'
import { LAYOUT } from '../place/layout.ts'
import { checkRelease } from './check-release.ts'
import { installDependencies } from './dependencies.ts'
import { isFolder } from './folders.ts'
import type { Work } from './work.ts'

/**
 * Makes the release of a package in `partial`, with its packages, proves it, and sees that it is on disk. On failure the folder is left to
 * recovery.
 */
export async function stage(work: Work, checked: CheckedPackage, partial: string): Promise<void> {
  const { signal, progress, note } = work.context
  const { release } = checked.manifest
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { mode: 0o755 })
  note(`Unpacking ${release} …`)
  await checked.extract(partial, {
    signal,
    onProgress: (done, total) => progress.show('Unpacking', done, total),
  })
  progress.clear()
  await installDependencies(partial, { cache: path.join(work.root, LAYOUT.cache), ...installing(work) })
  progress.clear()
  note('Verifying what was installed …')
  // All archives have just been fetched into the installation's own cache.
  await checkRelease(work, partial, checked.manifest, { unproven: true })
  if (isFolder(path.join(partial, 'node_modules'))) await syncFileSystem(partial)
  syncFolder(path.dirname(partial))
  signal.throwIfAborted()
}

export function installing({ context }: Work) {
  const { signal, note, progress } = context
  const onProgress = (seconds: number) => progress.show(`Installing the packages, ${seconds} s`, 0, 0)
  return { signal, note, onProgress }
}

/**
 * npm leaves tens of thousands of files to the system to write some time; a machine that loses power right after the switch must not come up
 * with half of them. Where there is no such program, what is lost then shows in verify, and repair mends it.
 */
function syncFileSystem(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('sync', ['-f', folder], { stdio: 'ignore' })
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
}
