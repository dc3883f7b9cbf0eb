import { lstatSync, type Stats } from 'node:fs'
import path from 'node:path'
import { RefusedError } from '../frame/errors.ts'
import { LAYOUT } from '../place/layout.ts'

/** Endings of the folders that stand beside releases for a while. No release can have such a name. */
const SUFFIX = { partial: '.partial', replaced: '~replaced', repair: '~repair' } as const

/** Where a release is, and what stands beside it while it is made. */
export function releaseFolders(
  root: string,
  version: string,
): { release: string; partial: string; replaced: string; repair: string } {
  const release = path.join(root, LAYOUT.releases, version)
  return {
    release,
    partial: release + SUFFIX.partial,
    replaced: release + SUFFIX.replaced,
    repair: release + SUFFIX.repair,
  }
}

/** Whether a folder of this name in `releases` is no release, but something that an update or a repair makes or leaves. */
export function isBesideRelease(name: string): boolean {
  return Object.values(SUFFIX).some((end) => name.endsWith(end))
}

/** What is there itself, a symbolic link not followed; undefined when nothing is. */
export function statAt(file: string): Stats | undefined {
  return lstatSync(file, { throwIfNoEntry: false })
}

/** Whether it is a real folder, no link to one. */
export function isFolder(file: string): boolean {
  return statAt(file)?.isDirectory() === true
}

/**
 * The folders that are written in are the installation's own: through a link put in their place, what is written would end up elsewhere.
 * @throws RefusedError FOLDER_IS_LINK
 */
export function refuseLinkedFolders(root: string): void {
  for (const name of [LAYOUT.releases, LAYOUT.bin, LAYOUT.trusted, LAYOUT.cache]) {
    const stats = statAt(path.join(root, name))
    if (stats !== undefined && !stats.isDirectory())
      throw new RefusedError(
        'FOLDER_IS_LINK',
        `${path.join(root, name)} is not a folder of the installation.`,
        {
          hint: 'It must be a folder itself, not a link to one. Put it back, then run this again.',
        },
      )
  }
}
