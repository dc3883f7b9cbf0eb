import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { CheckedPackage } from '../archive/open-package.ts'
import { placeAt } from '../place/find-place.ts'
import { sweepDrafts } from './lock.ts'
import { packagesOf, repairFiles, type Repaired } from './repair-files.ts'
import { refuseOtherVersion } from './repair-version.ts'
import type { Work } from './work.ts'

/** Where drafts of files are, and with `.lock` the lock. No release carries a name that begins like this, so verify does not mind it. */
export const CLONE_REPAIR = '.tradebotctl-repair'

/** A clone's files; its packages are npm's. Needs no journal: what a kill leaves is a folder of drafts, which the next repair removes. */
export async function repairClone(work: Work, checked: CheckedPackage): Promise<Repaired> {
  const { root, context } = work
  const place = placeAt(root, context.env)
  if (place === undefined) throw new Error(`${root} was a clone a moment ago`)
  refuseOtherVersion(place, checked.manifest.release)
  sweepDrafts(root)
  const drafts = path.join(root, CLONE_REPAIR)
  rmSync(drafts, { recursive: true, force: true })
  mkdirSync(drafts, { mode: 0o700 })
  try {
    const { restore, modes, links, extra } = await repairFiles(root, 'clone', checked, drafts, context)
    const packages = await packagesOf(place, root, context)
    return { restored: restore, modes, links, extra, packages, program: false, link: false }
  } finally {
    rmSync(drafts, { recursive: true, force: true })
  }
}
