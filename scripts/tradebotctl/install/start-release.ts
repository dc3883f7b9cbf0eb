import { spawn } from 'node:child_process'
import path from 'node:path'
import type { ProcessIdentity } from '#trading/config/run-file.ts'
import { identityOf } from '../../process-identity.ts'
import { serverUrl } from '../../supervisor/plans.ts'
import { environmentOf } from '../place/environment.ts'

/** A release's supervisor (scripts/start.ts), at work. */
export type Running = {
  /** Undefined when it could not be started at all; `gone` says why. */
  child: ProcessIdentity | undefined
  /** Where this machine reaches its server. */
  url: string
  /** Resolves when it has ended. */
  gone: Promise<{ code: number; how: string }>
  signal: (name: NodeJS.Signals) => void
}

/** Starts the release in `tree` with the settings of `.env`, read anew. */
export function startRelease(root: string, tree: string): Running {
  const { env } = environmentOf('installation', root, process.env)
  const node = path.join(tree, 'node_modules', '.bin', 'node')
  const child = spawn(node, [path.join('scripts', 'start.ts')], {
    cwd: tree,
    env: {
      ...env,
      NODE_OPTIONS: undefined,
      NODE_COMPILE_CACHE: path.join(tree, 'node_modules', '.cache', 'node'),
    },
    // A group of its own: the terminal's Ctrl-C reaches the runner alone.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const gone = new Promise<{ code: number; how: string }>((resolve) => {
    child.once('error', (error) => child.pid === undefined && resolve({ code: 3, how: error.message }))
    child.once('exit', (code, name) =>
      resolve({ code: code ?? 3, how: name === null ? `it ended with ${code}` : `it was ended by ${name}` }),
    )
  })
  return {
    child: child.pid === undefined ? undefined : identityOf(child.pid),
    url: serverUrl({ host: env['HOST'] || '127.0.0.1', port: Number(env['PORT'] || 4000) }),
    gone,
    signal: (name) => child.kill(name),
  }
}
