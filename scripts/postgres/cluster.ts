import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { canReach, postgresAccount, sharedFolder, type Account } from './account.ts'
import { locateBinaries, type Binaries } from './binaries.ts'

/** A data folder of PostgreSQL, ready to be started. */
export type Cluster = { folder: string; password: string; account: Account | undefined; binaries: Binaries }

const noteSchema = z.object({ folder: z.string(), password: z.string() })

/**
 * The cluster of a data dir, made when there is none. It lives in `<dataDir>/postgres`; for root in a folder that no other user can enter,
 * it lives elsewhere. `<dataDir>/postgres.json` (0600) says where, and its password.
 */
export async function openCluster(dataDir: string): Promise<Cluster> {
  const account = postgresAccount()
  const binaries = locateBinaries(account)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  // PostgreSQL's account has to pass through to its own folder; the files beside it are 0600.
  if (account) chmodSync(dataDir, 0o711)
  const noteFile = path.join(dataDir, 'postgres.json')
  const noted = existsSync(noteFile)
    ? noteSchema.parse(JSON.parse(readFileSync(noteFile, 'utf8')))
    : undefined
  if (noted && existsSync(path.join(noted.folder, 'PG_VERSION'))) {
    checkVersion(noted.folder, binaries)
    return { ...noted, account, binaries }
  }
  const folder = chooseFolder(dataDir, account)
  const note = { folder, password: noted?.password ?? randomBytes(24).toString('base64url') }
  // The password is on disk before a cluster that wants it: a crash in between costs an unused password only.
  writeFileSync(`${noteFile}.next`, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${noteFile}.next`, noteFile)
  const cluster = { ...note, account, binaries }
  await initialise(cluster)
  return cluster
}

function chooseFolder(dataDir: string, account: Account | undefined): string {
  if (!account || canReach(account, dataDir)) return path.join(dataDir, 'postgres')
  return path.join(sharedFolder(account), `data-${randomBytes(6).toString('hex')}`)
}

/** initdb into a folder beside, then one rename: a start that was killed half-way leaves no half cluster. */
async function initialise({ folder, password, account, binaries }: Cluster): Promise<void> {
  const draft = `${folder}.initdb`
  const passwordFile = `${folder}.password`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  if (account) for (const file of [draft, passwordFile]) chownSync(file, account.uid, account.gid)
  try {
    const args = ['-D', draft, '-U', 'tradebot', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
    await promisify(execFile)(binaries.initdb, [...args, '--encoding=UTF8', '--locale=C'], {
      ...account,
      cwd: '/',
      env: postgresEnvironment,
    })
  } catch (error) {
    throw new Error(`initdb failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  } finally {
    rmSync(passwordFile)
  }
  renameSync(draft, folder)
}

/** No PG* variable of the user's, and messages in English, for they are read. */
export const postgresEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  SystemRoot: process.env['SystemRoot'],
  LC_ALL: 'C',
  TZ: 'UTC',
}

function checkVersion(folder: string, binaries: Binaries): void {
  const version = readFileSync(path.join(folder, 'PG_VERSION'), 'utf8').trim()
  if (version === binaries.majorVersion) return
  throw new Error(
    `The database in ${folder} is of PostgreSQL ${version}, and this TradeBot brings ${binaries.majorVersion}: restore a backup into a new data dir.`,
  )
}
