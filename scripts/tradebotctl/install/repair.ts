import type { CheckedPackage } from '../archive/open-package.ts'
import type { RepairInput, RepairResult } from '../commands/repair.ts'
import type { Context } from '../frame/context.ts'
import type { Place } from '../place/find-place.ts'
import { refuseLinkedFolders, releaseFolders } from './folders.ts'
import { underLock } from './lock.ts'
import { openForPlace } from './open-for-place.ts'
import { CLONE_REPAIR, repairClone } from './repair-clone.ts'
import { differencesIn, packagesOf, type Repaired } from './repair-files.ts'
import { linkIsMissing, repairRelease } from './repair-release.ts'
import { refuseOtherVersion } from './repair-version.ts'
import { isMended, repairText } from './repair-text.ts'
import { serviceState } from './service.ts'
import { programDiffers } from './switch.ts'

/** Puts back what is missing or changed of the release that is there. */
export async function runRepair(input: RepairInput, context: Context) {
  const place = context.place()
  if (place.kind === 'installation') refuseLinkedFolders(place.root)
  const checked = await openForPlace(place, context, input)
  try {
    const repaired = await carryOut(place, checked, input, context)
    const { manifest, keyId } = checked
    const tree = treeOf(place, checked)
    const result: RepairResult = {
      ...{ version: manifest.release, tree, dryRun: input.dryRun, signedBy: keyId, ...repaired },
      restart: !input.dryRun && isMended(repaired) && runsFrom(place, tree, repaired.link),
    }
    const isLeft = input.dryRun ? isMended(result) : result.packages === 'differ'
    return {
      exitCode: isLeft ? (1 as const) : (0 as const),
      result,
      text: repairText(result, place, context),
    }
  } finally {
    await checked.close()
  }
}

async function carryOut(
  place: Place,
  checked: CheckedPackage,
  input: RepairInput,
  context: Context,
): Promise<Repaired> {
  const work = { root: place.root, context }
  if (input.dryRun) return look(place, checked, context)
  if (place.kind === 'installation') return underLock(place.root, () => repairRelease(work, checked))
  return underLock(place.root, () => repairClone(work, checked), `${CLONE_REPAIR}.lock`)
}

/** What a repair would do; nothing is written. */
async function look(place: Place, checked: CheckedPackage, context: Context): Promise<Repaired> {
  refuseOtherVersion(place, checked.manifest.release)
  const tree = treeOf(place, checked)
  const { restore, modes, links, extra } = await differencesIn(tree, place.kind, checked, context)
  const isCurrent = place.kind === 'installation' && place.tree === tree
  return {
    ...{ restored: restore, modes, links, extra },
    packages: restore.includes('package-lock.json') ? 'unknown' : await packagesOf(place, tree, context),
    program: isCurrent && programDiffers(place.root, checked.manifest),
    link: place.kind === 'installation' && linkIsMissing(place.root, checked.manifest.release),
  }
}

/** Whether a TradeBot is up that has read what was wrong. */
function runsFrom(place: Place, tree: string, link: boolean): boolean {
  const isCurrent = place.kind === 'installation' && (place.tree === tree || link)
  return isCurrent && serviceState(place).by !== 'nobody'
}

function treeOf(place: Place, { manifest }: CheckedPackage): string {
  return place.kind === 'clone' ? place.tree : releaseFolders(place.root, manifest.release).release
}
