import type { Context } from '../frame/context.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { placeAt, type Installation } from '../place/find-place.ts'

/** What install, update, rollback, repair and recovery are given. */
export type Work = {
  /** Of the installation. */
  root: string
  context: Context
}

/** The installation as it is now, `current` read anew. */
export function installationOf({ root, context }: Work): Installation {
  const place = placeAt(root, context.env)
  if (place?.kind === 'installation') return place
  throw new CouldNotError('PLACE_UNKNOWN', `${root} is no installation of TradeBot any more.`, {
    hint: 'Make one with tradebotctl install PACKAGE --prefix DIR.',
  })
}

/** The installation that the command is about. @throws RefusedError PLACE_IS_CLONE */
export function installationHere(context: Context, command: string): Installation {
  const place = context.place()
  if (place.kind === 'installation') return place
  throw new RefusedError('PLACE_IS_CLONE', `${place.root} is a clone; ${command} is for installations.`, {
    hint: 'Update a clone with git pull and npm start; make an installation with tradebotctl install PACKAGE --prefix DIR.',
  })
}
