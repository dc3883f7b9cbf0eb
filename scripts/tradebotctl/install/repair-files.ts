import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { CheckedPackage } from '../archive/open-package.ts'
import { MANIFEST_ENTRY, SIGNATURE_ENTRY } from '../archive/walk-package.ts'
import type { RepairResult } from '../commands/repair.ts'
import { syncFolder } from '../files/write-atomically.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import type { Place } from '../place/find-place.ts'
import { compareTree } from '../tree/compare-tree.ts'
import { packageFaults } from './check-release.ts'
import { statAt } from './folders.ts'
import { obstacleTo, restoreFile, restoreMode } from './restore-file.ts'

/** What a repair has done. */
export type Repaired = Omit<RepairResult, 'version' | 'tree' | 'dryRun' | 'signedBy' | 'restart'>

type Differences = { restore: string[]; modes: string[]; links: string[]; extra: string[] }

/** What of a tree differs from the package: files to put back, modes to put right, links in place of folders, and what is too much. @throws RefusedError SIGNATURE_OTHER */
export async function differencesIn(
  tree: string,
  kind: Place['kind'],
  checked: CheckedPackage,
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
): Promise<Differences> {
  refuseOtherSignature(tree, checked)
  const found = await compareTree(tree, checked.manifest, {
    signal,
    installed: kind === 'installation',
    onProgress: (done, total) => progress.show('Comparing', done, total),
  })
  progress.clear()
  const of = (...kinds: string[]) =>
    found.filter((each) => kinds.includes(each.kind)).map((each) => each.path)
  const beside = besideFiles(checked).filter(([name, bytes]) => !isSame(path.join(tree, name), bytes))
  const restore = [...of('MISSING', 'CHANGED'), ...beside.map(([name]) => name)]
  const modes = of('MODE').filter((name) => !restore.includes(name))
  const isOnTheWay = (name: string) => restore.some((each) => each.startsWith(`${name}/`))
  const extra = of('EXTRA').filter((name) => !restore.includes(name))
  return {
    ...{ restore, modes, links: extra.filter(isOnTheWay) },
    extra: extra.filter((name) => !isOnTheWay(name)),
  }
}

/**
 * Puts back the files that differ, one by one.
 * @param drafts a folder on the same file system, where each is written first
 * @throws RefusedError before anything is written, when somebody's files stand in the way
 */
export async function repairFiles(
  tree: string,
  kind: Place['kind'],
  checked: CheckedPackage,
  drafts: string,
  context: Context,
): Promise<Differences> {
  const differences = await differencesIn(tree, kind, checked, context)
  const wanted = new Set(differences.restore)
  refuseObstacles(tree, wanted)
  const draft = path.join(drafts, 'file')
  const { signal, progress } = context
  const touched = new Set<string>()
  const onProgress = (done: number, total: number) => progress.show('Repairing', done, total)
  if (wanted.size > 0)
    for await (const { file, content } of checked.files({
      only: (name) => wanted.has(name),
      signal,
      onProgress,
    })) {
      await restoreFile(tree, file.path, Number.parseInt(file.mode, 8), content, draft)
      touched.add(path.dirname(file.path))
      signal.throwIfAborted()
    }
  progress.clear()
  for (const name of differences.modes) restoreMode(tree, name, modeIn(checked, name))
  // Last, as in extraction: what has the manifest has its files.
  for (const [name, bytes] of besideFiles(checked))
    if (wanted.has(name)) await restoreFile(tree, name, 0o644, [bytes], draft)
  for (const folder of touched) syncFolder(path.join(tree, folder))
  syncFolder(tree)
  await refuseRest(tree, kind, checked, context)
  return differences
}

/** An unsigned package may bring back the files of a signed release, and not put others under its signature. */
function refuseOtherSignature(tree: string, checked: CheckedPackage): void {
  const signature = path.join(tree, SIGNATURE_ENTRY)
  if (checked.signatureBytes !== null || statAt(signature)?.isFile() !== true) return
  if (isSame(path.join(tree, MANIFEST_ENTRY), checked.manifestBytes)) return
  if (checked.accepts(readFileSync(signature))) return
  throw new RefusedError(
    'SIGNATURE_OTHER',
    `The release in ${tree} is signed, and its signature is not of this package.`,
    { hint: 'Take the signed package of this version.' },
  )
}

/** node_modules of a tree against its lock file; of a clone, with what building and testing need. */
export async function packagesOf(place: Place, tree: string, context: Context): Promise<'right' | 'differ'> {
  const faults = await packageFaults({ root: place.root, context }, place.kind, tree, { unproven: false })
  return faults.length === 0 ? 'right' : 'differ'
}

function besideFiles({ manifestBytes, signatureBytes }: CheckedPackage): [string, Buffer][] {
  const signature: [string, Buffer][] = signatureBytes === null ? [] : [[SIGNATURE_ENTRY, signatureBytes]]
  return [...signature, [MANIFEST_ENTRY, manifestBytes]]
}

function isSame(file: string, bytes: Buffer): boolean {
  return statAt(file)?.isFile() === true && readFileSync(file).equals(bytes)
}

function modeIn({ manifest }: CheckedPackage, name: string): number {
  const file = manifest.files.find((each) => each.path === name)
  if (file === undefined) throw new Error(`${name} is in the manifest`)
  return Number.parseInt(file.mode, 8)
}

function refuseObstacles(tree: string, wanted: ReadonlySet<string>): void {
  const isEmpty = (folder: string) => readdirSync(folder).length === 0
  const obstacles = new Set([...wanted].flatMap((name) => obstacleTo(tree, name, isEmpty) ?? []))
  const [first] = obstacles
  if (first === undefined) return
  const more = obstacles.size > 1 ? ` and ${obstacles.size - 1} more` : ''
  throw new RefusedError(
    'REPAIR_OBSTRUCTED',
    `${path.join(tree, first)}${more} stands where files of the release belong, and is not of it.`,
    { hint: 'Nothing was changed. Move it away, then repair again.' },
  )
}

async function refuseRest(
  tree: string,
  kind: Place['kind'],
  checked: CheckedPackage,
  context: Context,
): Promise<void> {
  const { restore, modes } = await differencesIn(tree, kind, checked, context)
  const [first] = [...restore, ...modes]
  if (first !== undefined)
    throw new CouldNotError(
      'REPAIR_INCOMPLETE',
      `${path.join(tree, first)} still differs after the repair.`,
      {
        hint: 'Something else changes the files at the same time: end it, then repair again.',
      },
    )
}
