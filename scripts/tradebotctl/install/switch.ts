import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { syncFolder, writeAtomically } from '../files/write-atomically.ts'
import { RefusedError } from '../frame/errors.ts'
import { currentTree } from '../place/find-place.ts'
import { BUNDLE, LAYOUT, PROGRAM } from '../place/layout.ts'
import type { Manifest } from '../tree/manifest.ts'
import { isFolder, releaseFolders, statAt } from './folders.ts'

/** The version that `current` leads to; undefined when the link is missing. @throws CouldNotError when it leads anywhere else */
export function currentVersion(root: string): string | undefined {
  const tree = currentTree(root)
  return tree === undefined ? undefined : path.basename(tree)
}

/** Leads `current` to a release that is whole and on disk. One rename: before it the old release is the current one, after it the new one. */
export function switchTo(root: string, version: string): void {
  const { release } = releaseFolders(root, version)
  if (!isFolder(release)) throw new RefusedError('RELEASE_MISSING', `There is no release ${release}.`)
  const [link, next] = [path.join(root, LAYOUT.current), nextLink(root)]
  rmSync(next, { recursive: true, force: true })
  symlinkSync(path.join(LAYOUT.releases, version), next)
  renameSync(next, link)
  syncFolder(root)
}

/** Where the link is made before it is renamed. */
export function nextLink(root: string): string {
  return path.join(root, `${LAYOUT.current}.next`)
}

/** Makes the installation's own program that of the release: a copy, for it must run when the release is broken. */
export function placeProgram(root: string, version: string): boolean {
  const program = path.join(root, LAYOUT.bin, PROGRAM.file)
  const bundle = readFileSync(path.join(releaseFolders(root, version).release, BUNDLE))
  const stats = statAt(program)
  const isRight = stats?.isFile() === true && readFileSync(program).equals(bundle)
  const isWhole = isRight && (stats.mode & 0o7777) === 0o755
  makeFolder(path.dirname(program), 0o755)
  if (!isRight) writeAtomically(program, bundle, 0o755)
  else if (!isWhole) chmodSync(program, 0o755)
  return placeLink(root) || !isWhole
}

/** With the mode that is wanted, whatever the umask. */
export function makeFolder(folder: string, mode: number): void {
  if (isFolder(folder)) return
  mkdirSync(folder, { mode })
  chmodSync(folder, mode)
}

function placeLink(root: string): boolean {
  if (linkLeads(root)) return false
  const link = path.join(root, LAYOUT.bin, PROGRAM.link)
  const next = `${link}.${process.pid}.next`
  rmSync(next, { force: true })
  symlinkSync(PROGRAM.file, next)
  renameSync(next, link)
  syncFolder(path.dirname(link))
  return true
}

function linkLeads(root: string): boolean {
  const link = path.join(root, LAYOUT.bin, PROGRAM.link)
  return statAt(link)?.isSymbolicLink() === true && readlinkSync(link) === PROGRAM.file
}

/** Whether placeProgram would change something, by what the manifest says of the program. */
export function programDiffers(root: string, manifest: Manifest): boolean {
  const program = path.join(root, LAYOUT.bin, PROGRAM.file)
  if (!linkLeads(root)) return true
  const wanted = manifest.files.find((file) => file.path === BUNDLE)
  const stats = statAt(program)
  if (wanted === undefined || stats?.isFile() !== true || (stats.mode & 0o7777) !== 0o755) return true
  return createHash('sha256').update(readFileSync(program)).digest('hex') !== wanted.sha256
}
