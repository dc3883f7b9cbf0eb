import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { syncFolder } from '../files/write-atomically.ts'
import { installDependencies, type Installing } from './dependencies.ts'
import type { releaseFolders } from './folders.ts'
import { statAt } from './folders.ts'

type Folders = Pick<ReturnType<typeof releaseFolders>, 'release' | 'repair'>

const MODULES = 'node_modules'

/**
 * Installs a release's packages anew, beside it, and puts them in place of those that are there by renaming. Between the two renames the release
 * has none; `mendAfterRepair` puts the old ones back when it ends just there.
 */
export async function replacePackages({ release, repair }: Folders, installing: Installing): Promise<void> {
  const [fresh, old] = [path.join(repair, 'packages'), oldModules(repair)]
  mkdirSync(fresh)
  for (const name of ['package.json', 'package-lock.json', '.npmrc'])
    if (existsSync(path.join(release, name))) copyFileSync(path.join(release, name), path.join(fresh, name))
  await installDependencies(fresh, installing)
  installing.signal.throwIfAborted()
  if (statAt(path.join(release, MODULES)) !== undefined) renameSync(path.join(release, MODULES), old)
  // A lock file that names no packages leaves no folder.
  if (existsSync(path.join(fresh, MODULES)))
    renameSync(path.join(fresh, MODULES), path.join(release, MODULES))
  syncFolder(release)
  // From here on nothing is to be given back.
  if (statAt(old) !== undefined) renameSync(old, path.join(repair, 'replaced-packages'))
}

/** Removes what a repair has left beside a release, and gives back the packages that it had taken away for new ones. */
export function mendAfterRepair({ release, repair }: Folders): void {
  const old = oldModules(repair)
  const lacksPackages = statAt(release) !== undefined && statAt(path.join(release, MODULES)) === undefined
  if (lacksPackages && statAt(old) !== undefined) renameSync(old, path.join(release, MODULES))
  rmSync(repair, { recursive: true, force: true })
}

function oldModules(repair: string): string {
  return path.join(repair, 'old-packages')
}
