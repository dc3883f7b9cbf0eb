import { closeSync, lstatSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { compareBinLinks } from './bin-links.ts'
import { comparePackage } from './compare-package.ts'
import { openRegular } from './hash-file.ts'
import { findInstalled } from './installed-packages.ts'
import {
  expectedLocations,
  nameOf,
  readInstalledLock,
  readLockFile,
  type LockedPackage,
  type LockedPackages,
} from './lock-file.ts'
import { openTarball } from './npm-cache.ts'
import { makePace, type Pace } from './pace.ts'
import { byPath } from './manifest.ts'
import { walkTree, type EntryType } from './walk-tree.ts'

export type DependencyDifference = {
  kind: 'MISSING' | 'CHANGED' | 'EXTRA' | 'MODE'
  /** From the root of the tree: "node_modules/pg/lib/index.js", or the folder of a package. */
  path: string
  /** The location of the package that it is about: "node_modules/pg". */
  package: string | null
  expected: string | null
  found: string | null
}

export type DependencyReport = {
  differences: DependencyDifference[]
  /** Packages whose archive is in no cache, so that their files could not be compared. */
  unproven: { path: string; version: string }[]
  /** Packages that belong on this machine. */
  expected: number
  /** Packages whose every file was compared with the archive that the lock file names. */
  proven: number
}

export type DependencyOptions = {
  /** What only building and testing need belongs there too. Without it, it may be there. */
  dev: boolean
  /** npm's cache folders, where packages' archives are looked for. */
  caches: readonly string[]
  signal?: AbortSignal | undefined
  /** Packages that are done, of all. */
  onProgress?: ((done: number, total: number) => void) | undefined
}

/** At a time: one is unpacked while another is compared. */
const AT_A_TIME = 3

/**
 * The packages in a tree's node_modules against its package-lock.json: that each is there, is what the lock file names, and holds the bytes
 * of the archive whose hash the lock file has. Follows no symbolic link; downloads nothing.
 * @throws CouldNotError LOCK_UNREADABLE
 */
export async function verifyDependencies(
  tree: string,
  options: DependencyOptions,
): Promise<DependencyReport> {
  const { signal, onProgress } = options
  signal?.throwIfAborted()
  const lock = readLockFile(tree)
  const expected = expectedLocations(lock, options.dev)
  const report: DependencyReport = { differences: [], unproven: [], expected: expected.size, proven: 0 }
  const stands = whatStandsAt(path.join(tree, 'node_modules'))
  if (stands !== 'folder') {
    const found = stands === undefined ? null : 'no folder'
    const kind = stands === undefined ? 'MISSING' : 'CHANGED'
    if (expected.size > 0 || stands !== undefined)
      report.differences.push({
        kind,
        path: 'node_modules',
        package: null,
        expected: `${expected.size} packages`,
        found,
      })
    return report
  }
  const { present, blocked, extra } = findInstalled(tree, lock.packages)
  for (const [location, found] of blocked)
    report.differences.push({
      kind: 'CHANGED',
      path: location,
      package: location,
      expected: 'a folder',
      found,
    })
  for (const [location, found] of extra)
    report.differences.push({ kind: 'EXTRA', path: location, package: null, expected: null, found })
  for (const location of expected)
    if (!present.has(location) && !blocked.has(location))
      report.differences.push({
        kind: 'MISSING',
        path: location,
        package: location,
        expected: versionOf(lock.packages, location),
        found: null,
      })
  report.differences.push(
    ...compareNotes(tree, lock.packages, present),
    ...compareBinLinks(tree, lock.packages, present),
  )

  const pace = makePace(signal)
  const waiting = [...present].toSorted()
  let done = 0
  const work = async () => {
    for (let location = waiting.shift(); location !== undefined; location = waiting.shift()) {
      await checkPackage(tree, location, lock.packages, options, pace, report)
      onProgress?.(++done, present.size)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  report.differences.sort(byPath)
  report.unproven.sort(byPath)
  return report
}

/** Adds to `report` what is wrong with one package that is there. */
async function checkPackage(
  tree: string,
  location: string,
  packages: LockedPackages,
  { caches }: DependencyOptions,
  pace: Pace,
  report: DependencyReport,
): Promise<void> {
  const locked = packages.get(location)
  if (locked === undefined) throw new Error(`${location} is in the lock file`)
  const folder = path.join(tree, location)
  const found = await filesOf(folder, location, packages, pace)
  const wrongName = compareName(folder, location, locked, found)
  if (wrongName !== undefined) report.differences.push(wrongName)
  const tarball = await openTarball(caches, locked.integrity, pace)
  if (tarball === undefined) {
    report.unproven.push({ path: location, version: locked.version ?? '' })
    return
  }
  try {
    const bins = new Set(Object.values(locked.bin).map((each) => path.posix.normalize(each)))
    const faults = await comparePackage(folder, found, tarball, bins, pace)
    // What a package's own install script makes is in no archive.
    const counted = faults.filter(({ kind }) => kind !== 'EXTRA' || !locked.hasInstallScript)
    for (const fault of counted)
      if (wrongName === undefined || fault.path !== 'package.json')
        report.differences.push({
          kind: fault.kind,
          path: `${location}/${fault.path}`,
          package: location,
          expected: fault.kind === 'EXTRA' ? null : 'as in its archive',
          found: fault.found,
        })
    report.proven++
  } finally {
    closeSync(tarball)
  }
}

/** What is in a package's folder, without other packages of the lock file below it, and npm's links. */
async function filesOf(
  folder: string,
  location: string,
  packages: LockedPackages,
  pace: Pace,
): Promise<Map<string, EntryType>> {
  const found = new Map<string, EntryType>()
  const isOthers = (each: string) => each === 'node_modules/.bin' || packages.has(`${location}/${each}`)
  for await (const { path: each, type } of walkTree(
    folder,
    (each) => (isOthers(each) ? 'skip' : 'enter'),
    pace,
  ))
    found.set(each, type)
  return found
}

const packageSchema = z.object({ name: z.string(), version: z.string() })

function compareName(
  folder: string,
  location: string,
  locked: LockedPackage,
  found: ReadonlyMap<string, EntryType>,
): DependencyDifference | undefined {
  const expected = `${nameOf(location, locked)} ${locked.version ?? ''}`
  const common = { path: `${location}/package.json`, package: location, expected }
  if (!found.has('package.json')) return { kind: 'MISSING', ...common, found: null }
  const is = found.get('package.json') === 'file' ? nameIn(path.join(folder, 'package.json')) : 'no file'
  return is === expected ? undefined : { kind: 'CHANGED', ...common, found: is }
}

function nameIn(file: string): string {
  const descriptor = openRegular(file)
  try {
    const { name, version } = packageSchema.parse(JSON.parse(readFileSync(descriptor, 'utf8')))
    return `${name} ${version}`
  } catch {
    return 'not to be read'
  } finally {
    closeSync(descriptor)
  }
}

/** What npm noted of its install: of each package the same hash as in the lock file. */
function compareNotes(
  tree: string,
  packages: LockedPackages,
  present: ReadonlySet<string>,
): DependencyDifference[] {
  const file = 'node_modules/.package-lock.json'
  const noted = readInstalledLock(tree)
  const common = { path: file, package: null }
  if (noted === undefined)
    return [{ kind: 'MISSING', ...common, expected: "npm's notes of its install", found: null }]
  return [...present].flatMap((location): DependencyDifference[] => {
    const [expected, found] = [packages.get(location)?.integrity, noted.get(location)?.integrity]
    if (expected === found || expected === undefined) return []
    return [{ kind: 'CHANGED', ...common, package: location, expected, found: found ?? null }]
  })
}

function versionOf(packages: LockedPackages, location: string): string | null {
  return packages.get(location)?.version ?? null
}

function whatStandsAt(file: string): 'folder' | 'other' | undefined {
  try {
    return lstatSync(file).isDirectory() ? 'folder' : 'other'
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
