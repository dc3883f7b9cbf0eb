import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { LockedPackages } from './lock-file.ts'
import { NAMES, type EntryType } from './walk-tree.ts'

/** What npm, Vite, Vitest, Node's compile cache and setup.mjs keep beside the packages. */
const BESIDE = /^\.(bin|cache|package-lock\.json|tradebot-installed|vite.*)$/

/** What is in the node_modules folders, no symbolic link followed. */
export type InstalledPackages = {
  /** Locations that the lock file knows and that are folders. */
  present: Set<string>
  /** Where something else stands in the place of a package or a scope: what it is. */
  blocked: Map<string, string>
  /** What the lock file does not know, directly in the outermost node_modules. */
  extra: Map<string, string>
}

export function findInstalled(tree: string, packages: LockedPackages): InstalledPackages {
  const installed: InstalledPackages = { present: new Set(), blocked: new Map(), extra: new Map() }
  const scopes = new Set([...packages.keys()].map((location) => path.posix.dirname(location)))
  const look = (folder: string) => {
    for (const dirent of readdirSync(path.join(tree, folder), { withFileTypes: true })) {
      const location = `${folder}/${dirent.name}`
      const type: EntryType = dirent.isDirectory()
        ? 'folder'
        : dirent.isSymbolicLink()
          ? 'link'
          : dirent.isFile()
            ? 'file'
            : 'other'
      const isKnown = packages.has(location)
      const isScope = dirent.name.startsWith('@') && scopes.has(location)
      if (isKnown && type === 'folder') {
        installed.present.add(location)
        if (hasFolder(tree, location)) look(`${location}/node_modules`)
      } else if (isScope && type === 'folder') look(location)
      else if (isKnown || isScope) installed.blocked.set(location, NAMES[type])
      // What is in inner folders belongs to the package around them, whose files are compared.
      else if (
        /^node_modules(\/@[^/]+)?$/.test(folder) &&
        !(BESIDE.test(dirent.name) && folder === 'node_modules')
      )
        installed.extra.set(location, NAMES[type])
    }
  }
  look('node_modules')
  return installed
}

function hasFolder(tree: string, location: string): boolean {
  return readdirSync(path.join(tree, location), { withFileTypes: true }).some(
    (dirent) => dirent.name === 'node_modules' && dirent.isDirectory(),
  )
}
