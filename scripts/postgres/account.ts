import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'

/** Whom PostgreSQL runs as. It refuses root, so for root this is `nobody`. */
export type Account = { uid: number; gid: number }

/** Undefined: PostgreSQL runs as whoever runs us. */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const uid = numberFrom('id', ['-u', 'nobody'])
  const gid = numberFrom('id', ['-g', 'nobody'])
  if (uid === undefined || gid === undefined)
    throw new Error('PostgreSQL does not run as root, and this machine has no user "nobody" to run it as.')
  return { uid, gid }
}

/** Whether the account can enter the folder; a 0700 folder of root anywhere above it is in the way. */
export function canReach(account: Account | undefined, folder: string): boolean {
  if (!account) return true
  const test = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { ...account, cwd: '/' })
  return test.status === 0
}

/**
 * A folder of root's that every account can enter, for what cannot stay in the project. Not a temporary one: those are swept, and anybody
 * could have put something there first.
 */
export function sharedFolder(account: Account): string {
  for (const parent of ['/var/lib', '/usr/local/var', '/opt']) {
    if (!existsSync(parent) || !canReach(account, parent)) continue
    const folder = path.join(parent, 'tradebot')
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o755)
    return folder
  }
  throw new Error(
    'PostgreSQL does not run as root, and no folder was found that another user can reach: run TradeBot as an ordinary user.',
  )
}

function numberFrom(command: string, args: string[]): number | undefined {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  return result.status === 0 ? Number(result.stdout.trim()) : undefined
}
