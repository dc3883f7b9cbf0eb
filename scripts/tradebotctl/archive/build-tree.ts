import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Context } from '../frame/context.ts'
import { CouldNotError } from '../frame/errors.ts'
import { BUNDLE } from '../place/layout.ts'

/** What a release needs besides its sources: it is run where nothing can be built. */
const BUILT = [path.join('app', 'dist', 'index.html'), path.join('prisma', 'generated'), BUNDLE]

/**
 * Builds what is missing or older than its sources, with the tree's own setup.
 * @throws CouldNotError BUILD_FAILED
 */
export async function buildTree(tree: string, context: Context): Promise<void> {
  const setup = path.join(tree, 'scripts', 'setup.mjs')
  if (!existsSync(setup)) return
  // What is built must not depend on where and for whom.
  const env = { ...context.env, TZ: 'UTC', LC_ALL: 'C', LANG: 'C' }
  const child = spawn(process.execPath, [setup, 'build'], { cwd: tree, stdio: ['ignore', 2, 2], env })
  const stop = () => child.kill('SIGTERM')
  context.signal.addEventListener('abort', stop, { once: true })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  context.signal.removeEventListener('abort', stop)
  context.signal.throwIfAborted()
  const missing = BUILT.find((name) => !existsSync(path.join(tree, name)))
  if (code !== 0 || missing !== undefined)
    throw new CouldNotError(
      'BUILD_FAILED',
      code === 0 ? `${missing} was not built.` : 'What the package needs could not be built; see above.',
      { hint: 'npm run build says what is wrong.' },
    )
}
