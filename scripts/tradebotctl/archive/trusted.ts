import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { syncFolder, writeAtomically } from '../files/write-atomically.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import type { Place } from '../place/find-place.ts'
import { LAYOUT } from '../place/layout.ts'
import { readPublicKey, type TrustedKey } from './keys.ts'

/** The folder with the keys that packages are accepted from at this place. */
export function trustFolderOf(place: Place): string {
  return path.join(place.kind === 'installation' ? place.root : place.dataDir, LAYOUT.trusted)
}

/**
 * The keys that packages are accepted from here: those that are pinned, and those of the files given for this time. Where there is no
 * place yet, only the latter.
 * @throws RefusedError KEY_*, TRUST_* naming the file, for a folder of keys that is partly wrong is not one to rely on
 */
export async function readTrusted(
  place: Place | undefined,
  extraFiles: readonly string[],
): Promise<TrustedKey[]> {
  const extra = await Promise.all(extraFiles.map(readPublicKey))
  const pinned = place === undefined ? [] : await readPinned(trustFolderOf(place))
  return [...pinned, ...extra]
}

/** The keys of a folder, ordered by file name; none where there is no folder. */
export async function readPinned(folder: string): Promise<TrustedKey[]> {
  const stats = lstatSync(folder, { throwIfNoEntry: false })
  if (stats === undefined) return []
  if (!stats.isDirectory())
    throw new RefusedError('TRUST_FOREIGN', `${folder} is not a folder: keys are read from none elsewhere.`)
  refuseOpenToAll(folder, stats.mode)
  const keys: TrustedKey[] = []
  for (const name of readdirSync(folder).sort()) {
    const file = path.join(folder, name)
    if (isDraft(name)) continue
    const { mode, isFile } = kindOf(file)
    if (!name.endsWith('.pub') || !isFile)
      throw new RefusedError(
        'TRUST_FOREIGN',
        `${file} is no key file; keys are plain files that end in .pub.`,
        {
          hint: 'Take it away from there.',
        },
      )
    refuseOpenToAll(file, mode)
    keys.push(await readPublicKey(file))
  }
  return keys
}

/** Pins a key; whether it was not yet pinned. */
export async function pinKey(folder: string, key: TrustedKey): Promise<boolean> {
  const pinned = await readPinned(folder)
  if (pinned.some((each) => each.keyId === key.keyId)) return false
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  writeAtomically(
    path.join(folder, `${key.keyId}.pub`),
    key.key.export({ type: 'spki', format: 'pem' }),
    0o644,
  )
  return true
}

/** @throws CouldNotError KEY_NOT_TRUSTED */
export async function unpinKey(folder: string, keyId: string): Promise<TrustedKey> {
  const files = (await readPinned(folder)).filter((each) => each.keyId === keyId)
  const [first] = files
  if (first === undefined)
    throw new CouldNotError('KEY_NOT_TRUSTED', `No key ${keyId} is trusted here.`, {
      hint: 'tradebotctl trust list shows those that are.',
    })
  for (const { file } of files) rmSync(file)
  syncFolder(folder)
  return first
}

/** What a write that was killed left behind (files/write-atomically.ts). */
function isDraft(name: string): boolean {
  return name.endsWith('.next')
}

function kindOf(file: string): { mode: number; isFile: boolean } {
  const stats = lstatSync(file)
  return { mode: stats.mode, isFile: stats.isFile() }
}

function refuseOpenToAll(file: string, mode: number): void {
  if (process.platform !== 'win32' && (mode & 0o002) !== 0)
    throw new RefusedError('TRUST_WRITABLE', `${file} can be written by every user of this machine.`, {
      hint: `Look whether the keys there are yours, then: chmod o-w ${file}`,
    })
}
