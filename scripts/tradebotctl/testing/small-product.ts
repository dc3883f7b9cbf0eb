import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { makeKey, packageOf, partsOf, type Files, type TestKey } from '../archive/testing/packages.ts'
import { tradebotctl } from './run.ts'

const lockFile = (version: string) =>
  JSON.stringify({
    name: 'tradebot',
    version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'tradebot', version } },
  })

const base = (version: string): Files => ({
  'package.json': JSON.stringify({ name: 'tradebot', version }),
  'package-lock.json': lockFile(version),
  'README.md': '# TradeBot\n',
  'prisma/schema.prisma': '// none\n',
  'scripts/dist/tradebotctl.mjs': `#!/usr/bin/env node\n// ${version}\n`,
  'scripts/run.sh': '#!/bin/sh\n',
  'server/api/deep/handler.ts': 'export const handle = 1\n',
  'server/main.ts': `export const version = '${version}'\n`,
})

/** Two releases of something that is TradeBot by its name only: no packages, a few files. */
export const V1: Files = { ...base('1.0.0'), 'worker/old.ts': 'export {}\n' }
export const V2: Files = {
  ...base('1.1.0'),
  'README.md': '# TradeBot, new\n',
  'worker/tasks/new.ts': `// ${'x'.repeat(5_000)}\n`,
}

/** These files, under another version. */
export const ofVersion = (version: string, files: Files): Files => ({
  ...files,
  'package.json': JSON.stringify({ name: 'tradebot', version }),
})

export type Workshop = {
  /** A temporary folder with a blank and a letter beyond ASCII in its name. */
  folder: string
  key: TestKey
  /** Paths of packages and of the public key. */
  v1: string
  v2: string
  publicKey: string
  /** Writes a package of any files. */
  pack: (name: string, files: Files, version: string, key?: TestKey | null) => string
  remove: () => void
}

export function makeWorkshop(): Workshop {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'tradebot-install-')), 'a pläce')
  mkdirSync(folder)
  const key = makeKey()
  const pack = (name: string, files: Files, version: string, signer: TestKey | null = key) => {
    const file = path.join(folder, name)
    writeFileSync(file, packageOf(partsOf(files, signer, version)))
    return file
  }
  const publicKey = path.join(folder, 'release.pub')
  writeFileSync(publicKey, key.key.export({ type: 'spki', format: 'pem' }))
  return {
    ...{ folder, key, publicKey, pack },
    v1: pack('tradebot-1.0.0.tar.gz', V1, '1.0.0'),
    v2: pack('tradebot-1.1.0.tar.gz', V2, '1.1.0'),
    remove: () => rmSync(path.dirname(folder), { recursive: true, force: true }),
  }
}

/** An installation of 1.0.0 with things of its owner in it. */
export async function installFirst({ folder, v1, publicKey }: Workshop, name: string): Promise<string> {
  const root = path.join(folder, name)
  const ran = await tradebotctl(['install', v1, '--prefix', root, '--trust', publicKey])
  if (ran.code !== 0) throw new Error(`install: ${ran.stderr}`)
  writeFileSync(path.join(root, '.env'), 'PORT=4321\nSECRET=of the owner\n')
  mkdirSync(path.join(root, 'data', 'logs'))
  writeFileSync(path.join(root, 'data', 'master.key'), 'k'.repeat(64), { mode: 0o600 })
  writeFileSync(path.join(root, 'data', 'logs', 'server.log'), 'a line\n')
  return root
}

/** A copy with links as they are. */
export function copyOf(folder: string, to: string): string {
  cpSync(folder, to, { recursive: true, verbatimSymlinks: true })
  return to
}

/** What is in a folder: by path its type, mode and content. Links are not followed. */
export function snapshot(folder: string, except: readonly string[] = []): Record<string, string> {
  const seen: Record<string, string> = {}
  const walk = (name: string) => {
    const at = path.join(folder, name)
    const stats = lstatSync(at, { throwIfNoEntry: false })
    if (stats === undefined || except.includes(name)) return
    const mode = (stats.mode & 0o7777).toString(8)
    if (stats.isSymbolicLink()) seen[name] = `link ${readlinkSync(at)}`
    else if (stats.isDirectory()) {
      seen[name] = `folder ${mode}`
      for (const entry of readdirSync(at).sort()) walk(path.join(name, entry))
    } else seen[name] = stats.isFile() ? `file ${mode} ${readFileSync(at, 'base64')}` : 'other'
  }
  walk('.')
  return seen
}

/** What of an installation is its owner's: no command here may change it. */
export function ownersThings(root: string): Record<string, Record<string, string>> {
  return Object.fromEntries(
    ['data', 'trusted-keys', '.env'].map((name) => [name, snapshot(path.join(root, name))]),
  )
}
