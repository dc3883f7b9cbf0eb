import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { syncFolder } from '../files/write-atomically.ts'
import { BUNDLE, LAYOUT } from '../place/layout.ts'
import { compareReleases, isRelease } from '../tree/release.ts'
import { releaseFolders } from './folders.ts'
import { removeJournal, type Journal } from './journal.ts'
import { readMarker, writeMarker } from './marker.ts'
import { placeProgram } from './switch.ts'

/** The new release is the one: brings the installation's program and notes up to it and removes releases that are not kept. Answers which. */
export function settle(root: string, journal: Journal): string[] {
  // A release that was damaged since by others must not keep the update from ending; repair puts the program back.
  if (existsSync(path.join(releaseFolders(root, journal.to).release, BUNDLE))) placeProgram(root, journal.to)
  if (journal.from !== null && journal.from !== journal.to)
    writeMarker(root, { ...readMarker(root), previous: journal.from })
  rmSync(releaseFolders(root, journal.to).replaced, { recursive: true, force: true })
  const removed = journal.kind === 'update' ? removeOld(root, journal) : []
  removeJournal(root)
  return removed
}

/** Keeps the current one, the one before it, and of the others the newest. */
function removeOld(root: string, { to, from, keep }: Journal): string[] {
  const releases = path.join(root, LAYOUT.releases)
  const others = readdirSync(releases).filter((name) => isRelease(name) && name !== to && name !== from)
  const ordered = [...(from === null ? [] : [from]), ...others.sort((a, b) => compareReleases(b, a))]
  const unwanted = ordered.slice(keep - 1)
  for (const version of unwanted) {
    const { release, partial } = releaseFolders(root, version)
    if (!existsSync(release)) continue
    // Renamed first: half of it must not pass for a release.
    rmSync(partial, { recursive: true, force: true })
    renameSync(release, partial)
    rmSync(partial, { recursive: true, force: true })
  }
  syncFolder(releases)
  return unwanted
}
