import path from 'node:path'

/** Names inside an installation. */
export const LAYOUT = {
  releases: 'releases',
  current: 'current',
  data: 'data',
  env: '.env',
  /** Marks the folder as an installation, and says of which format. */
  marker: 'installation.json',
  /** npm's cache: the packages' own archives, which prove what is installed. */
  cache: 'cache',
  /** Public keys that packages are accepted from, one PEM file each. */
  trusted: 'trusted-keys',
  /** What an update has done so far. */
  journal: 'update.json',
  lock: 'update.lock',
  bin: 'bin',
} as const

/**
 * The installation's own program, below `bin`: the file, and the link that people call it by. The file's ending tells every Node what it is; a
 * Node before 20.19 could not tell without.
 */
export const PROGRAM = { file: 'tradebotctl.mjs', link: 'tradebotctl' } as const

/** Where the bundled program is in a tree. */
export const BUNDLE = path.join('scripts', 'dist', 'tradebotctl.mjs')
