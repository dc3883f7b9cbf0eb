import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'

/** Everything in a folder and below: kind, mode, time of change and content of each, links not followed. */
export function snapshot(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const file = path.join(root, name)
      const stats = lstatSync(file)
      const content = stats.isSymbolicLink()
        ? readlinkSync(file)
        : stats.isFile()
          ? createHash('sha256').update(readFileSync(file)).digest('hex')
          : ''
      return `${name} ${stats.mode.toString(8)} ${stats.mtimeMs} ${content}`
    })
}
