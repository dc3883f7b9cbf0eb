import { RefusedError } from '../frame/errors.ts'
import type { Manifest } from '../tree/manifest.ts'
import { checkPath, isManifestFile, makePathSet, quoted } from '../tree/safe-path.ts'
import type { EntryHeader } from './tar-header.ts'

/**
 * Refuses an entry that is not exactly the manifest's file number `index`, with the sentence for what is wrong with it; beyond the last
 * file, anything but the end (undefined).
 * @throws RefusedError ENTRY_* or PATH_*
 */
export function refuseEntry(manifest: Manifest, index: number, header: EntryHeader | undefined): void {
  const file = manifest.files[index]
  if (header === undefined) {
    if (file === undefined) return
    throw new RefusedError(
      'ENTRY_MISSING',
      `${quoted(file.path)} is in the manifest, but not in the package.`,
    )
  }
  if (file === undefined || header.path !== file.path) return refuseStranger(manifest, index, header.path)
  if (header.size !== file.size)
    throw new RefusedError(
      'ENTRY_SIZE',
      `${quoted(file.path)} has ${header.size} bytes; the manifest says ${file.size}.`,
    )
  if (header.mode !== modeOf(file))
    throw new RefusedError(
      'ENTRY_MODE',
      `${quoted(file.path)} has the mode 0${header.mode.toString(8)}; the manifest says ${file.mode}.`,
    )
}

export function modeOf(file: { mode: '0644' | '0755' }): number {
  return file.mode === '0755' ? 0o755 : 0o644
}

function refuseStranger(manifest: Manifest, index: number, path: string): never {
  checkPath(path)
  const position = manifest.files.findIndex((file) => file.path === path)
  if ((position >= 0 && position < index) || isManifestFile(path))
    throw new RefusedError(
      'ENTRY_DOUBLED',
      `${quoted(path)} is in the package twice, or where it may not be.`,
    )
  if (position >= 0)
    throw new RefusedError(
      'ENTRY_ORDER',
      `${quoted(path)} comes where ${quoted(manifest.files[index]?.path ?? '')} should: missing, or in another order than the manifest's.`,
    )
  const paths = makePathSet()
  for (const file of manifest.files) paths.faultOf(file.path)
  const fault = paths.faultOf(path)
  if (fault !== undefined) throw new RefusedError(fault.code, fault.sentence)
  throw new RefusedError('ENTRY_EXTRA', `${quoted(path)} is in the package, but not in the manifest.`)
}
