import { existsSync } from 'node:fs'
import path from 'node:path'
import { LONGEST_SIGNATURE, verifySignature } from '../archive/signature.ts'
import { readTrusted } from '../archive/trusted.ts'
import type { VerifyInput, VerifyResult } from '../commands/verify.ts'
import type { Outcome } from '../frame/command.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import type { Place } from '../place/find-place.ts'
import { LAYOUT } from '../place/layout.ts'
import { checkInstallation, leftoversIn } from './check-installation.ts'
import { compareTree, type Difference } from './compare-tree.ts'
import type { Manifest } from './manifest.ts'
import { npmCacheOfUser } from './npm-cache.ts'
import { makePace } from './pace.ts'
import { readBounded, readManifestFile } from './read-manifest-file.ts'
import { treeOf } from './tree-of.ts'
import { verifyDependencies } from './verify-dependencies.ts'
import { verifyText } from './verify-text.ts'

export async function runVerify(
  input: VerifyInput,
  context: Context,
): Promise<Outcome & { result: VerifyResult }> {
  const place = context.place()
  const tree = treeOf(place)
  const isInstallation = place.kind === 'installation'
  const file = input.manifest === undefined ? path.join(tree, 'manifest.json') : path.resolve(input.manifest)
  const { bytes, manifest } = readManifestFile(file)
  const signature =
    input.manifest === undefined
      ? await signatureOf(place, tree, bytes)
      : { state: 'none' as const, ...nothing }
  const { signal, progress } = context
  const differences = await compareTree(tree, manifest, {
    signal,
    installed: isInstallation,
    onProgress: (done, total) => progress.show('Verifying', done, total),
  })
  const installation = isInstallation
    ? await checkInstallation(place.root, tree, manifest.release, makePace(signal))
    : []
  const notes = isInstallation ? notesOf(place.root) : []
  const dependencies = input.dependencies
    ? await dependenciesOf(place, tree, { manifest, differences, notes }, context)
    : null
  signal.throwIfAborted()
  const result: VerifyResult = {
    ...{ tree, manifest: file, release: manifest.release, files: manifest.files.length, differences },
    ...{ signature, installation, dependencies, notes },
  }
  const isClean =
    differences.length + installation.length + (dependencies?.differences.length ?? 0) === 0 &&
    signature.state !== 'invalid'
  return { exitCode: isClean ? 0 : 1, result, text: verifyText(result, place.kind, input.all, context.paint) }
}

const nothing = { keyId: null, problem: null }

async function signatureOf(place: Place, tree: string, manifest: Buffer): Promise<VerifyResult['signature']> {
  try {
    const signature = readBounded(path.join(tree, 'manifest.sig'), LONGEST_SIGNATURE)
    if (signature === undefined) return { state: 'none', ...nothing }
    const { keyId } = verifySignature(manifest, signature, await readTrusted(place, []))
    return { state: 'valid', keyId, problem: null }
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    return { state: 'invalid', keyId: null, problem: error.message }
  }
}

function notesOf(root: string): string[] {
  const left = leftoversIn(root)
  return left.length === 0
    ? []
    : [
        `An update is at work just now, or was interrupted (${left.join(', ')}): then the next update, rollback, repair or run finishes or undoes it.`,
      ]
}

/** @param files what is known of the files; a note is added when the packages cannot be judged by them */
async function dependenciesOf(
  place: Place,
  tree: string,
  files: { manifest: Manifest; differences: Difference[]; notes: string[] },
  { signal, progress, env }: Context,
): Promise<VerifyResult['dependencies']> {
  const isInstallation = place.kind === 'installation'
  try {
    return await verifyDependencies(tree, {
      dev: !isInstallation,
      caches: await cachesOf(place, tree, env),
      signal,
      onProgress: (done, total) => progress.show('Verifying the packages', done, total),
    })
  } catch (error) {
    if (!(error instanceof CouldNotError) || error.code !== 'LOCK_UNREADABLE') throw error
    const isListed = files.manifest.files.some((each) => each.path === 'package-lock.json')
    const isTold = files.differences.some((each) => each.path === 'package-lock.json')
    if (isListed && !isTold) throw error
    files.notes.push('The packages were not looked at, for there is no package-lock.json that could be read.')
    return null
  }
}

async function cachesOf(place: Place, tree: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  if (place.kind === 'installation') return [path.join(place.root, LAYOUT.cache)]
  // npm takes its time to answer, and where there are no packages there is nothing to compare.
  return existsSync(path.join(tree, 'node_modules')) ? [await npmCacheOfUser(tree, env)] : []
}
