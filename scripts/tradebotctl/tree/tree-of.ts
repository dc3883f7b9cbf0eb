import { CouldNotError } from '../frame/errors.ts'
import type { Place } from '../place/find-place.ts'

/** The tree that a command is about: the clone, or the current release. @throws CouldNotError CURRENT_MISSING */
export function treeOf(place: Place): string {
  if (place.tree !== undefined) return place.tree
  throw new CouldNotError(
    'CURRENT_MISSING',
    `${place.root} has no current release: the link "current" is missing.`,
    {
      hint: 'tradebotctl repair PACKAGE, or: ln -sfn releases/VERSION current',
    },
  )
}
