import path from 'node:path'
import { RefusedError } from '../frame/errors.ts'
import type { Place } from '../place/find-place.ts'
import { LAYOUT } from '../place/layout.ts'
import { compareTree } from '../tree/compare-tree.ts'
import type { Manifest } from '../tree/manifest.ts'
import { npmCacheOfUser } from '../tree/npm-cache.ts'
import { verifyDependencies } from '../tree/verify-dependencies.ts'
import type { Work } from './work.ts'

/**
 * Proves a release against its manifest and its lock file before it is led to. What does not belong to it is no fault: it may have run.
 * @throws RefusedError RELEASE_DAMAGED
 */
export async function checkRelease(
  work: Work,
  tree: string,
  manifest: Manifest,
  options: { unproven: boolean },
): Promise<void> {
  const { signal, progress } = work.context
  const differences = await compareTree(tree, manifest, {
    signal,
    installed: true,
    onProgress: (done, total) => progress.show('Verifying', done, total),
  })
  progress.clear()
  const wrong = differences
    .filter(({ kind }) => kind !== 'EXTRA')
    .map((each) => `${each.path} (${each.kind})`)
  const faults = [...wrong, ...(await packageFaults(work, 'installation', tree, options))]
  const [first] = faults
  if (first === undefined) return
  const more = faults.length > 1 ? `, and ${faults.length - 1} more` : ''
  throw new RefusedError('RELEASE_DAMAGED', `${manifest.release} in ${tree} is not whole: ${first}${more}.`, {
    hint: `tradebotctl repair with the package of ${manifest.release} mends a release.`,
  })
}

/** What of a tree's packages is not as its lock file says. `unproven`: those whose archive is in no cache count as well. */
export async function packageFaults(
  { root, context }: Work,
  kind: Place['kind'],
  tree: string,
  { unproven }: { unproven: boolean },
): Promise<string[]> {
  const { signal, progress, env } = context
  const caches = kind === 'clone' ? [await npmCacheOfUser(tree, env)] : [path.join(root, LAYOUT.cache)]
  const report = await verifyDependencies(tree, {
    dev: kind === 'clone',
    caches,
    signal,
    onProgress: (done, total) => progress.show('Verifying the packages', done, total),
  })
  progress.clear()
  return [
    ...report.differences.map((each) => `${each.path} (${each.kind})`),
    ...(unproven ? report.unproven.map((each) => `${each.path} (UNPROVEN)`) : []),
  ]
}
