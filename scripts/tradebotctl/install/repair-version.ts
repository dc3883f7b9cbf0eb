import { readFileSync } from 'node:fs'
import path from 'node:path'
import { RefusedError } from '../frame/errors.ts'
import type { Place } from '../place/find-place.ts'
import { isFolder, releaseFolders, statAt } from './folders.ts'
import { releaseIn } from '../tree/release.ts'
import { manifestOf } from './plan.ts'

/** Repair changes no version. @throws RefusedError VERSION_OTHER, VERSION_UNKNOWN */
export function refuseOtherVersion(place: Place, version: string): void {
  if (place.kind === 'installation') {
    const { release } = releaseFolders(place.root, version)
    if (isFolder(release)) return
    if (statAt(release) !== undefined)
      throw new RefusedError(
        'RELEASE_IS_LINK',
        `${release} is a link or a file, not the folder of a release.`,
        {
          hint: 'Move it away; then install the release again: tradebotctl update PACKAGE.',
        },
      )
    const there = place.tree === undefined ? '' : `; the current release is ${path.basename(place.tree)}`
    throw new RefusedError('VERSION_OTHER', `The package is of ${version}, which is not here${there}.`, {
      hint: 'Take the package of the version that is there; tradebotctl update changes the version.',
    })
  }
  const there = versionOfClone(place.root)
  if (there === version) return
  if (there === undefined)
    throw new RefusedError(
      'VERSION_UNKNOWN',
      `Neither package.json nor manifest.json of ${place.root} says its version.`,
      {
        hint: 'Put one of them back, from git or the package, then repair the rest.',
      },
    )
  throw new RefusedError('VERSION_OTHER', `The package is of ${version}, and ${place.root} is ${there}.`, {
    hint: 'Take the package of that version; git changes the version of a clone.',
  })
}

/** Where package.json is missing or damaged, which is what repair is for, the manifest says it too. */
function versionOfClone(root: string): string | undefined {
  const file = path.join(root, 'package.json')
  const text = statAt(file)?.isFile() === true ? readFileSync(file, 'utf8') : ''
  return releaseIn(text) ?? manifestOf(root)?.release
}
