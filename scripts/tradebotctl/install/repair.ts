import path from 'node:path'
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
import { programDiffers } from './switch.ts'

/** Puts back what is missing or changed of the release that is there. */
export async function runRepair(input: RepairInput, context: Context) {
  const place = context.place()
  if (place.kind === 'installation') refuseLinkedFolders(place.root)
  const checked = await openForPlace(place, context, input)
  try {
    const repaired = await carryOut(place, checked, input, context)
    const { manifest, keyId } = checked
    const result: RepairResult = {
      ...{ version: manifest.release, tree: treeOf(place, checked), dryRun: input.dryRun },
      ...{ signedBy: keyId, ...repaired },
    }
    const exitCode = !input.dryRun && result.packages === 'differ' ? (1 as const) : (0 as const)
    return { exitCode, result, text: textOf(result, place, context) }
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

function treeOf(place: Place, { manifest }: CheckedPackage): string {
  return place.kind === 'clone' ? place.tree : releaseFolders(place.root, manifest.release).release
}

function textOf(result: RepairResult, place: Place, { paint }: Context): string {
  const { restored, modes, links, extra, packages, dryRun, program, link, version } = result
  const [did, mended] = dryRun ? ['Would put back', 'would be'] : ['Put back', 'has been']
  const packagesText = {
    right: [],
    unknown: ['The packages cannot be judged before package-lock.json is put back.'],
    installed: ['The packages (node_modules) differed from the lock file and have been installed anew.'],
    differ:
      place.kind === 'clone'
        ? [paint.warn('The packages (node_modules) differ from the lock file: run npm ci.')]
        : ['The packages (node_modules) differ from the lock file and would be installed anew.'],
  }[packages]
  const list = (title: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${title}:`, ...names.map((name) => `  ${name}`)]
  const lines = [
    ...list(`${did} ${restored.length} ${restored.length === 1 ? 'file' : 'files'}`, restored),
    ...list(`${did} the mode of`, modes),
    ...list(`${dryRun ? 'Would remove' : 'Removed'} links in place of folders`, links),
    ...packagesText,
    ...(program ? [`${path.join('bin', 'tradebotctl')} ${mended} put right.`] : []),
    ...(link ? [`The link "current" ${mended} put back.`] : []),
    ...list('Does not belong to the release, and stays', extra),
  ]
  const isWhole = lines.length === list('', extra).length
  const end = isWhole
    ? paint.good(`${version} is whole; there was nothing to repair.`)
    : dryRun
      ? 'Nothing was changed.'
      : packages === 'differ'
        ? `The files of ${version} are whole.`
        : paint.good(`${version} is whole.`)
  return [...lines, end].join('\n')
}
