import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { CouldNotError } from '../frame/errors.ts'
import { fitsPlatform } from './platform.ts'

const names = z.record(z.string(), z.string()).default({})

const platforms = z.union([z.array(z.string()), z.string().transform((one) => [one])]).optional()

const packageSchema = z.object({
  /** Where it is not the last part of the location: an alias. */
  name: z.string().optional(),
  version: z.string().optional(),
  integrity: z.string().optional(),
  os: platforms,
  cpu: platforms,
  libc: platforms,
  dev: z.boolean().default(false),
  optional: z.boolean().default(false),
  devOptional: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  bin: names,
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
})

const lockSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), packageSchema),
})

/** What the lock file says of a package. */
export type LockedPackage = z.infer<typeof packageSchema>

/** By location: "node_modules/pg", "node_modules/pg/node_modules/x". */
export type LockedPackages = ReadonlyMap<string, LockedPackage>

/** The packages of package-lock.json, without the project itself, and what the project asks for. @throws CouldNotError LOCK_… */
export function readLockFile(tree: string): { project: LockedPackage; packages: LockedPackages } {
  const file = path.join(tree, 'package-lock.json')
  const packages = readPackages(file)
  const project = packages.get('')
  if (project === undefined) throw unreadable(file, undefined)
  packages.delete('')
  for (const location of packages.keys()) if (!LOCATION.test(location)) throw unreadable(file, undefined)
  return { project, packages }
}

/** What npm has noted of its last install; undefined when it has noted nothing that can be read. */
export function readInstalledLock(tree: string): LockedPackages | undefined {
  try {
    return readPackages(path.join(tree, 'node_modules', '.package-lock.json'))
  } catch (error) {
    if (error instanceof CouldNotError) return undefined
    throw error
  }
}

/**
 * The locations that npm fills on this machine: not those of other platforms, nor what only those would need; with `dev`, also what building
 * and testing need.
 */
export function expectedLocations(
  { project, packages }: { project: LockedPackage; packages: LockedPackages },
  dev: boolean,
): Set<string> {
  const reached = reachedFrom(project, packages, dev)
  const expected = [...packages].filter(([location, each]) => {
    if ((each.dev && !dev) || !fitsPlatform(each)) return false
    return reached.has(location) || !(each.optional || each.devOptional)
  })
  return new Set(expected.map(([location]) => location))
}

/** The name a package should have in its own package.json. */
export function nameOf(location: string, { name }: LockedPackage): string {
  return name ?? location.slice(location.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

const LOCATION =
  /^(node_modules\/(@[a-z0-9_~-][^/\\]*\/)?[a-zA-Z0-9_~-][^/\\]*)(\/node_modules\/(@[a-z0-9_~-][^/\\]*\/)?[a-zA-Z0-9_~-][^/\\]*)*$/

function readPackages(file: string): Map<string, LockedPackage> {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw unreadable(file, error)
  }
  // npm's own note leaves the project out, and is of the same format.
  const parsed = lockSchema.safeParse(json)
  if (!parsed.success) throw unreadable(file, parsed.error)
  return new Map(Object.entries(parsed.data.packages))
}

function unreadable(file: string, cause: unknown): CouldNotError {
  return new CouldNotError(
    'LOCK_UNREADABLE',
    `${file} is missing, or is not the lock file (version 3) of a project of packages.`,
    {
      cause,
      hint: 'It is part of the release: tradebotctl repair PACKAGE puts it back.',
    },
  )
}

function reachedFrom(project: LockedPackage, packages: LockedPackages, dev: boolean): Set<string> {
  const reached = new Set<string>()
  const queue: [location: string, of: LockedPackage][] = [['', project]]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [from, each] = next
    const asked = {
      ...each.dependencies,
      ...each.optionalDependencies,
      ...(dev && from === '' ? each.devDependencies : {}),
    }
    const peers = Object.keys(each.peerDependencies).filter(
      (name) => !each.peerDependenciesMeta[name]?.optional,
    )
    for (const name of [...Object.keys(asked), ...peers]) {
      const location = resolve(from, name, packages)
      const found = location === undefined ? undefined : packages.get(location)
      if (location === undefined || found === undefined || reached.has(location) || !fitsPlatform(found))
        continue
      reached.add(location)
      queue.push([location, found])
    }
  }
  return reached
}

/** As Node looks for it: in the package's own node_modules, then in each one above. */
function resolve(from: string, name: string, packages: LockedPackages): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const location = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages.has(location)) return location
    if (folder === '') return undefined
  }
}
