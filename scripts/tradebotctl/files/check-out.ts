import { lstatSync, statSync } from 'node:fs'
import path from 'node:path'
import { CouldNotError, RefusedError } from '../frame/errors.ts'

/**
 * Whether a result may be written to `file`, said before the work of minutes: its folder is there, and in its place nothing or a regular
 * file, for a device, a FIFO or a link would be replaced. @throws CouldNotError OUT_FOLDER_MISSING, OUT_IS_FOLDER, RefusedError OUT_NOT_A_FILE
 */
export function checkOut(file: string): void {
  const folder = path.dirname(path.resolve(file))
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new CouldNotError('OUT_FOLDER_MISSING', `There is no folder ${folder}.`, {
      hint: 'Make it, or name another place.',
    })
  const there = lstatSync(file, { throwIfNoEntry: false })
  if (there?.isDirectory() === true)
    throw new CouldNotError('OUT_IS_FOLDER', `${path.resolve(file)} is a folder.`, {
      hint: 'Name a file in it.',
    })
  if (there !== undefined && !there.isFile())
    throw new RefusedError(
      'OUT_NOT_A_FILE',
      `${path.resolve(file)} is there and is no file that could be replaced.`,
      {
        hint: 'Name another.',
      },
    )
}
