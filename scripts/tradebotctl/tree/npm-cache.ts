import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, readSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { openRegular } from './hash-file.ts'
import type { Pace } from './pace.ts'

/** npm's cache of whoever runs this: what npm itself says; where there is no npm, its usual place. */
export async function npmCacheOfUser(tree: string, env: NodeJS.ProcessEnv): Promise<string> {
  const told = env['npm_config_cache']
  if (told) return told
  try {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'cache'], {
      cwd: tree,
      timeout: 10_000,
    })
    return stdout.trim()
  } catch {
    return path.join(homedir(), '.npm') // Not being there makes packages unproven, which is told.
  }
}

/**
 * A package's archive in one of npm's caches, open for reading, after its bytes have been found to be those that the lock file names.
 * Undefined: no cache has it. The caller closes it.
 */
export async function openTarball(
  caches: readonly string[],
  integrity: string | undefined,
  pace: Pace,
): Promise<number | undefined> {
  const digest = sha512Of(integrity)
  if (digest === undefined) return undefined
  const hex = digest.toString('hex')
  for (const cache of caches) {
    const file = path.join(
      cache,
      '_cacache',
      'content-v2',
      'sha512',
      hex.slice(0, 2),
      hex.slice(2, 4),
      hex.slice(4),
    )
    const descriptor = openIfThere(file)
    if (descriptor === undefined) continue
    if ((await hashOf(descriptor, pace)).equals(digest)) return descriptor
    closeSync(descriptor)
  }
  return undefined
}

function sha512Of(integrity: string | undefined): Buffer | undefined {
  const base64 = /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)(?:\s|$)/.exec(integrity ?? '')?.[1]
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64')
}

function openIfThere(file: string): number | undefined {
  try {
    return openRegular(file)
  } catch {
    return undefined // Whatever the cause, this cache proves nothing, and that is told.
  }
}

async function hashOf(descriptor: number, pace: Pace): Promise<Buffer> {
  const hash = createHash('sha512')
  const buffer = Buffer.allocUnsafe(256 * 1024)
  for (let position = 0; ;) {
    const read = readSync(descriptor, buffer, 0, buffer.length, position)
    if (read === 0) return hash.digest()
    hash.update(buffer.subarray(0, read))
    position += read
    await pace()
  }
}
