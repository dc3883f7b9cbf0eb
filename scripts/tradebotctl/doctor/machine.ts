import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { bad, ok, tryCheck, unknown, warning, type Check } from './check.ts'

/** Node and npm of the machine, which install and start, and the Node that TradeBot runs on. */
export async function checkPrograms(env: NodeJS.ProcessEnv): Promise<Check[]> {
  const [node, npm] = await Promise.all([versionOf('node', env), versionOf('npm', env)])
  return [
    ofVersion('node', 'Node', node, 20),
    ofVersion('npm', 'npm', npm, 10),
    Number.parseInt(process.versions.node) >= 24
      ? ok('node-of-tradebot', `Node ${process.versions.node}`)
      : bad(
          'node-of-tradebot',
          `Node ${process.versions.node}, and TradeBot needs 24`,
          'Start it by npm run, or by tradebotctl, which bring their own.',
        ),
  ]
}

/** Free space where the data is, and where the database is when that is a folder of this machine. */
export async function checkDisk(dataDir: string, databaseFolder: string | null): Promise<Check[]> {
  const data = await tryCheck('disk', async () => [await space('disk', dataDir)])
  if (databaseFolder === null || !existsSync(databaseFolder)) return data
  const database = await tryCheck('disk-of-database', async () => [
    await space('disk-of-database', databaseFolder),
  ])
  return [...data, ...database]
}

const GB = 1024 ** 3

async function space(id: string, folder: string): Promise<Check> {
  const there = nearestExisting(folder)
  const { bavail, blocks, bsize } = await statfs(there)
  return judgeSpace(id, there, bavail * bsize, blocks * bsize)
}

/** Free and total in bytes. */
export function judgeSpace(id: string, there: string, free: number, total: number): Check {
  const found = `${(free / GB).toFixed(1)} GB free of ${(total / GB).toFixed(1)} GB at ${there}`
  const advice = 'Make room: a database that cannot write stops all trading.'
  if (free < 0.2 * GB) return bad(id, found, advice)
  return free < 2 * GB || free < total * 0.05 ? warning(id, found, advice) : ok(id, found)
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(path.dirname(folder))
}

function ofVersion(id: string, name: string, version: string | null, least: number): Check {
  const advice = `Install ${name} ${least} or later; installing and updating need it.`
  if (version === null) return warning(id, `${name} is not on the PATH`, advice)
  const major = Number.parseInt(version.replace(/^v/, ''))
  if (!Number.isInteger(major)) return unknown(id, `${name} says ${version}`, advice)
  return major >= least
    ? ok(id, `${name} ${version.replace(/^v/, '')}`)
    : warning(id, `${name} ${version}`, advice)
}

/** The machine's own program: what npm puts first in the PATH is the project's. */
async function versionOf(program: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const folders = (env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes('node_modules'))
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], {
      env: { ...env, PATH: folders.join(path.delimiter), NODE_OPTIONS: undefined },
      timeout: 10_000,
      shell: process.platform === 'win32',
    })
    return stdout.trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
