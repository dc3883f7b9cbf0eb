import { existsSync } from 'node:fs'
import path from 'node:path'
import { CouldNotError } from '../frame/errors.ts'

/** Before the work of minutes whose result is to be written to `file`. @throws CouldNotError OUT_FOLDER_MISSING */
export function refuseMissingFolder(file: string): void {
  const folder = path.dirname(path.resolve(file))
  if (existsSync(folder)) return
  throw new CouldNotError('OUT_FOLDER_MISSING', `There is no folder ${folder}.`, {
    hint: 'Make it, or name another with --out.',
  })
}
