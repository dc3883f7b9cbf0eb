import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { CheckedPackage } from '../archive/open-package.ts'
import { CouldNotError } from '../frame/errors.ts'
import { currentTree } from '../place/find-place.ts'
import { LAYOUT } from '../place/layout.ts'
import { isRelease } from '../tree/release.ts'
import { releaseFolders } from './folders.ts'
import { removeJournal, writeJournal } from './journal.ts'
import { readMarker } from './marker.ts'
import { mendAfterRepair, replacePackages } from './packages.ts'
import { recover } from './recover.ts'
import { recoverFrom } from './recover-from.ts'
import { packagesOf, repairFiles, type Repaired } from './repair-files.ts'
import { refuseOtherVersion } from './repair-version.ts'
import { sayRecovery } from './say-recovery.ts'
import { installing } from './stage.ts'
import { currentVersion, placeProgram, switchTo } from './switch.ts'
import { installationOf, type Work } from './work.ts'

/** A release of an installation: files, packages, the installation's own program, and the link to it when it is missing. */
export async function repairRelease(work: Work, checked: CheckedPackage): Promise<Repaired> {
  const { root } = work
  const to = checked.manifest.release
  sayRecovery(work, await recover(work))
  refuseOtherVersion(installationOf(work), to)
  const folders = releaseFolders(root, to)
  const begun = {
    format: 1,
    kind: 'repair',
    phase: 'repairing',
    from: currentVersion(root) ?? null,
    to,
  } as const
  const rest = { replaces: false, running: false, keep: 1, startedAt: new Date().toISOString() }
  try {
    writeJournal(root, { ...begun, ...rest })
    mkdirSync(folders.repair, { mode: 0o700 })
    const repaired = await repair(work, checked, folders)
    mendAfterRepair(folders)
    removeJournal(root)
    return repaired
  } catch (error) {
    await recoverFrom(work, error)
    throw error
  }
}

async function repair(
  work: Work,
  checked: CheckedPackage,
  folders: ReturnType<typeof releaseFolders>,
): Promise<Repaired> {
  const { root, context } = work
  const { release, repair: beside } = folders
  const to = checked.manifest.release
  const { restore, modes, links, extra } = await repairFiles(
    release,
    'installation',
    checked,
    beside,
    context,
  )
  const packages = await repairPackages(work, folders)
  const link = linkIsMissing(root, to)
  if (link) switchTo(root, to)
  const program = currentVersion(root) === to && placeProgram(root, to)
  return { restored: restore, modes, links, extra, packages, program, link }
}

/** Whether the link is gone, and nothing says that it led elsewhere: to put it back would change the version otherwise. */
export function linkIsMissing(root: string, version: string): boolean {
  if (currentTree(root) !== undefined) return false
  const others = readdirSync(path.join(root, LAYOUT.releases)).filter(
    (name) => isRelease(name) && name !== version,
  )
  return others.every((name) => name === readMarker(root).previous)
}

async function repairPackages(
  work: Work,
  folders: ReturnType<typeof releaseFolders>,
): Promise<'right' | 'installed'> {
  const { root } = work
  const place = installationOf(work)
  if ((await packagesOf(place, folders.release, work.context)) === 'right') return 'right'
  work.context.note('The packages differ from the lock file.')
  await replacePackages(folders, { cache: path.join(root, LAYOUT.cache), ...installing(work) })
  if ((await packagesOf(place, folders.release, work.context)) === 'right') return 'installed'
  throw new CouldNotError(
    'PACKAGES_DIFFER',
    'The packages still differ from the lock file after they were installed anew.',
    {
      hint: 'tradebotctl verify says how.',
    },
  )
}
