import { readFileSync, rmdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { LAYOUT } from '../place/layout.ts'
import { ENV_TEMPLATE } from './env-template.ts'
import { statAt } from './folders.ts'
import { removeJournal } from './journal.ts'
import { nextLink } from './switch.ts'

/** Removes what an installation that was never completed has made. What somebody has put there meanwhile, data and settings, stays. */
export function undoInstall(root: string): void {
  const { marker, releases, bin, cache, trusted, env, data } = LAYOUT
  rmSync(nextLink(root), { force: true })
  // The marker first: what has lost a part is no installation.
  for (const name of [marker, releases, bin, cache, trusted])
    rmSync(path.join(root, name), { recursive: true, force: true })
  const settings = path.join(root, env)
  if (statAt(settings)?.isFile() === true && readFileSync(settings, 'utf8') === ENV_TEMPLATE) rmSync(settings)
  removeEmpty(path.join(root, data))
  removeJournal(root)
}

/** Removes a folder if nothing is in it. */
export function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}
