import { existsSync, readdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { RefusedError } from '../frame/errors.ts'
import { placeAt } from '../place/find-place.ts'
import { LAYOUT } from '../place/layout.ts'
import { statAt } from './folders.ts'
import { readJournal } from './journal.ts'
import { draftOf, tryUpdateLock } from './lock.ts'

/**
 * Where an installation may be made, before anything is written: not inside another one or a clone, and in nothing but an empty folder or what an
 * interrupted install of ours has left.
 */
export function refusePlaceFor(root: string, env: NodeJS.ProcessEnv): void {
  // Through links, for what counts is where the folder really is.
  for (let folder = realAncestor(path.dirname(root)); ; folder = path.dirname(folder)) {
    const place = placeAt(folder, env)
    if (place !== undefined)
      throw new RefusedError(
        'PREFIX_INSIDE',
        `${root} is inside ${place.kind === 'clone' ? 'a clone' : 'another installation'}: ${place.root}.`,
        { hint: 'Choose a folder of its own.' },
      )
    if (folder === path.dirname(folder)) break
  }
  checkPrefix(root, readJournalOf(root)?.kind === 'install')
}

/** @param interrupted what an interrupted install leaves, or was given by somebody since, may be there */
export function checkPrefix(root: string, interrupted: boolean): void {
  const stats = statAt(root)
  if (stats === undefined) return
  if (!stats.isDirectory() && !(stats.isSymbolicLink() && existsSync(root) && isFolderThroughLink(root)))
    throw new RefusedError('PREFIX_NOT_A_FOLDER', `${root} is not a folder.`)
  const there = readdirSync(root).filter((name) => name !== LAYOUT.lock && draftOf(name) === undefined)
  const ours: string[] = interrupted ? Object.values(LAYOUT) : []
  const foreign = there.find((name) => !ours.includes(name) && name !== `${LAYOUT.current}.next`)
  if (foreign === undefined) return
  if (there.includes(LAYOUT.marker)) {
    // Of an install that was killed when only its lock was left to remove.
    if (statAt(path.join(root, LAYOUT.lock))?.isFile() === true) tryUpdateLock(root)?.release()
    throw new RefusedError('PREFIX_INSTALLED', `${root} is an installation already.`, {
      hint: 'Change its release with tradebotctl update PACKAGE, or mend it with tradebotctl repair PACKAGE.',
    })
  }
  throw new RefusedError('PREFIX_NOT_EMPTY', `${root} is not empty: ${foreign} is in it.`, {
    hint: 'Choose a folder that is missing or empty.',
  })
}

function readJournalOf(root: string) {
  return existsSync(path.join(root, LAYOUT.journal)) ? readJournal(root) : undefined
}

function isFolderThroughLink(root: string): boolean {
  return statAt(realpathSync(root))?.isDirectory() === true
}

function realAncestor(folder: string): string {
  if (existsSync(folder)) return realpathSync(folder)
  const above = path.dirname(folder)
  return above === folder ? folder : path.join(realAncestor(above), path.basename(folder))
}
