import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Command } from '../frame/command.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, EXIT } from '../frame/errors.ts'

/** Hands the whole command line to the release's own program, which has the packages; answers its exit code. */
export async function delegate(command: Command, context: Context): Promise<number> {
  const place = context.place()
  const { tree } = place
  const node = path.join(tree ?? '', 'node_modules', '.bin', 'node')
  const main = path.join(tree ?? '', 'scripts', 'tradebotctl', 'main.ts')
  if (tree === undefined || !existsSync(node) || !existsSync(main))
    throw new CouldNotError(
      'RELEASE_BROKEN',
      `"${command.name}" needs the packages of the release, and they are not there.`,
      {
        hint:
          place.kind === 'clone'
            ? 'Run npm start once, or npm ci.'
            : 'See what is wrong with tradebotctl verify, and mend it with tradebotctl repair PACKAGE.',
      },
    )
  const args = process.argv.slice(2)
  const root = context.root === undefined ? ['--root', place.root] : []
  const child = spawn(node, [main, ...args, ...root], { stdio: 'inherit' })
  // The child hears the terminal's Ctrl-C itself; a signal sent to us alone is handed on.
  context.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? EXIT.couldNot))
  })
}
