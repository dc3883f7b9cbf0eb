import { existsSync } from 'node:fs'
import path from 'node:path'
import type { ManifestInput, ManifestResult } from '../commands/manifest.ts'
import type { Outcome } from '../frame/command.ts'
import type { Context } from '../frame/context.ts'
import { number } from '../frame/lists.ts'
import { RefusedError, UsageError } from '../frame/errors.ts'
import { checkOut } from '../files/check-out.ts'
import { writeAtomically } from '../files/write-atomically.ts'
import { makeManifest } from './make-manifest.ts'
import { encodeManifest } from './manifest.ts'
import { readManifestFile } from './read-manifest-file.ts'
import { treeOf } from './tree-of.ts'

export async function runManifest(
  { out }: ManifestInput,
  context: Context,
): Promise<Outcome & { result: ManifestResult }> {
  if (out === '-' && context.json) throw new UsageError('--out - and --json both want standard output.')
  if (out !== undefined && out !== '-') checkOut(out)
  const place = context.place()
  const tree = treeOf(place)
  const manifest = await makeManifest(tree, {
    signal: context.signal,
    onProgress: (done, total) => context.progress.show('Reading', done, total),
  })
  context.progress.clear()
  context.signal.throwIfAborted()
  const bytes = encodeManifest(manifest)
  const file = out === undefined ? path.join(tree, 'manifest.json') : path.resolve(out)
  const result = {
    path: out === '-' ? '-' : file,
    release: manifest.release,
    files: manifest.files.length,
    bytes: manifest.files.reduce((sum, each) => sum + each.size, 0),
  }
  if (out === '-') {
    await context.write(bytes.toString('utf8'))
    return { exitCode: 0, result, text: '' }
  }
  if (place.kind === 'installation') refuseReplacing(path.join(tree, 'manifest.json'), file, bytes)
  writeAtomically(file, bytes)
  const sizes = `${number(result.files)} files, ${number(result.bytes)} bytes`
  return { exitCode: 0, result, text: `${file}: release ${result.release}, ${sizes}.` }
}

/** What a release is, is said by its package: a manifest made anew from damaged files would call the damage right. */
function refuseReplacing(own: string, file: string, bytes: Buffer): void {
  if (file !== own || !existsSync(own) || readManifestFile(own).bytes.equals(bytes)) return
  throw new RefusedError(
    'MANIFEST_OF_RELEASE',
    'The files of this release are not as its manifest says, which is not replaced.',
    { hint: 'tradebotctl verify tells what differs; --out FILE writes the manifest elsewhere.' },
  )
}
