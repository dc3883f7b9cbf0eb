import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import type { LockedPackages } from './lock-file.ts'
import type { DependencyDifference } from './verify-dependencies.ts'

/**
 * The commands that npm links into the .bin folders, which the scripts of package.json run before all others: each must lead to the file that
 * its package names. Windows has scripts in their place, which are not looked at.
 * @param present the packages that are there
 */
export function compareBinLinks(
  tree: string,
  packages: LockedPackages,
  present: ReadonlySet<string>,
): DependencyDifference[] {
  if (process.platform === 'win32') return []
  const folders = new Map<string, Map<string, { target: string; location: string }[]>>()
  for (const location of present) {
    const modules = location.slice(0, location.lastIndexOf('node_modules/') + 'node_modules'.length)
    const commands = folders.get(modules) ?? new Map<string, { target: string; location: string }[]>()
    folders.set(modules, commands)
    for (const [name, file] of Object.entries(packages.get(location)?.bin ?? {})) {
      const target = path.posix.join(location, file)
      commands.set(name, [...(commands.get(name) ?? []), { target, location }])
    }
  }
  return [...folders].flatMap(([modules, commands]) => compareFolder(tree, modules, commands))
}

function compareFolder(
  tree: string,
  modules: string,
  commands: ReadonlyMap<string, { target: string; location: string }[]>,
): DependencyDifference[] {
  const folder = `${modules}/.bin`
  const there = new Set(namesIn(path.join(tree, folder)))
  const differences: DependencyDifference[] = []
  for (const name of there)
    if (!commands.has(name))
      differences.push({
        kind: 'EXTRA',
        path: `${folder}/${name}`,
        package: null,
        expected: null,
        found: 'a command',
      })
  for (const [name, providers] of commands) {
    const [first] = providers
    const link = `${folder}/${name}`
    const common = { path: link, package: first?.location ?? null, expected: first?.target ?? null }
    const found = there.has(name) ? targetOf(tree, folder, name) : null
    if (found === null) differences.push({ kind: 'MISSING', ...common, found })
    else if (!providers.some(({ target }) => target === found))
      differences.push({ kind: 'CHANGED', ...common, found })
    else if (!isExecutable(path.join(tree, found)))
      differences.push({
        kind: 'MODE',
        ...common,
        path: found,
        expected: 'executable',
        found: 'not executable',
      })
  }
  return differences
}

function targetOf(tree: string, folder: string, name: string): string {
  const link = path.join(tree, folder, name)
  if (!lstatSync(link).isSymbolicLink()) return 'no link'
  return path.posix.join(folder, readlinkSync(link))
}

/** A target that is missing or no file is told with its package. */
function isExecutable(file: string): boolean {
  try {
    const stats = lstatSync(file)
    return !stats.isFile() || (stats.mode & 0o100) !== 0
  } catch {
    return true
  }
}

function namesIn(folder: string): string[] {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder) : []
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
