import { spawn, type ChildProcess } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { getSystemErrorName } from 'node:util'
import { z } from 'zod'
import { parseJson, readIfThere } from '#trading/config/read-file.ts'
import { identityOf, isAlive, waitForExit } from '../../process-identity.ts'
import { CouldNotError } from '../frame/errors.ts'

export type Installing = {
  /** npm's cache of this installation: it holds the packages' archives afterwards. */
  cache: string
  signal: AbortSignal
  note: (line: string) => void
  /** Called now and then while npm works, with how long it has. */
  onProgress?: (seconds: number) => void
}

const lockSchema = z.looseObject({ packages: z.record(z.string(), z.unknown()) })

/**
 * Installs what the tree's lock file names into its node_modules, with the npm of this machine: what a release runs, without what only
 * building and testing need. No package's own script is run, whatever the version of npm: what lies there is what the archives hold.
 * @throws CouldNotError NPM_MISSING, NPM_FAILED with npm's last words; what `signal` was aborted with, after npm has ended
 */
export async function installDependencies(tree: string, installing: Installing): Promise<void> {
  const { cache, signal, note } = installing
  signal.throwIfAborted()
  await endLeftOverNpm(cache)
  if (!namesPackages(path.join(tree, 'package-lock.json'))) return
  note('Installing the packages …')
  mkdirSync(cache, { recursive: true })
  const args = ['ci', '--omit=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund']
  const quiet = ['--loglevel=error', '--no-progress', '--no-update-notifier', '--cache', path.resolve(cache)]
  const npm = spawn('npm', [...args, ...quiet], {
    cwd: tree,
    env: hostEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that all of it can be ended at once, and the terminal's Ctrl-C comes through us alone.
    detached: true,
  })
  const output = await outcomeOf(npm, installing)
  signal.throwIfAborted()
  if (output.code === 0) return
  throw new CouldNotError(
    output.missing ? 'NPM_MISSING' : 'NPM_FAILED',
    output.missing
      ? 'There is no npm on this machine.'
      : `npm could not install the packages (${output.code}): ${output.words || 'it said nothing.'}`,
    {
      hint: output.missing
        ? 'Install Node 20 or later with its npm.'
        : `See whether the disk is full (${await freeSpace(cache)}), and whether the network is there; then run this again.`,
    },
  )
}

/**
 * Ends an npm that an update which was killed has left at work over this cache, before anybody removes or fills what it writes into.
 */
export async function endLeftOverNpm(cache: string): Promise<void> {
  const left = readNote(cache)
  if (left !== undefined && isAlive(left)) {
    endGroup(left.pid)
    if (!(await waitForExit(left, 5_000)))
      throw new CouldNotError('NPM_STUCK', `An npm of an earlier update (process ${left.pid}) does not end.`)
  }
  rmSync(noteFile(cache), { force: true })
}

/** The clock of files may be this far behind. */
const CLOCK_TICK_MS = 100

/** How npm ended, and the end of what it said. */
async function outcomeOf(
  npm: ChildProcess,
  { cache, signal, onProgress }: Installing,
): Promise<{ code: string | number; words: string; missing: boolean }> {
  let said = ''
  for (const stream of [npm.stdout, npm.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-20_000)))
  const { pid } = npm
  if (pid !== undefined) writeNote(cache, pid)
  const end = () => pid !== undefined && endGroup(pid)
  signal.addEventListener('abort', end, { once: true })
  const [began, startedAt] = [performance.now(), Date.now() - CLOCK_TICK_MS]
  const beat = setInterval(() => onProgress?.(Math.round((performance.now() - began) / 1000)), 500)
  try {
    return await new Promise((resolve) => {
      npm.once('error', (error) => {
        const missing = 'code' in error && error.code === 'ENOENT'
        resolve({ code: error.message, words: '', missing })
      })
      npm.once('close', (code, name) =>
        resolve({
          ...{ code: code ?? name ?? 1, missing: false },
          words: code === 0 ? '' : endOf(said) || logWords(cache, startedAt) || errnoOf(code),
        }),
      )
    })
  } finally {
    clearInterval(beat)
    signal.removeEventListener('abort', end)
    rmSync(noteFile(cache), { force: true })
  }
}

function endGroup(pid: number): void {
  try {
    // npm ci goes on for a while after SIGTERM, and what it leaves is thrown away.
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** npm belongs to the machine's own Node: the one in a release's node_modules is about to be written. */
function hostEnvironment(): NodeJS.ProcessEnv {
  const folders = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes('node_modules'))
  const kept = Object.entries(process.env).filter(
    // What an npm that started us has set is about another project; the user's own npm_config_* are kept.
    ([name]) =>
      !/^npm_(?!config_)|^npm_config_(?:prefix|local_prefix|global_prefix|cache|userconfig)$|^INIT_CWD$|^NODE_OPTIONS$|^NODE_ENV$/i.test(
        name,
      ),
  )
  return { ...Object.fromEntries(kept), PATH: folders.join(path.delimiter) }
}

function namesPackages(lockFile: string): boolean {
  if (!existsSync(lockFile))
    throw new CouldNotError(
      'LOCK_MISSING',
      `There is no ${lockFile}: nothing says which packages belong there.`,
    )
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(lockFile, 'utf8')))
  return Object.keys(packages).some((name) => name !== '')
}

/** npm exits with the number of the system error that ended it (228 is -28, ENOSPC). */
function errnoOf(code: number | null): string {
  return code !== null && code > 128 ? getSystemErrorName(code - 256) : ''
}

/** In words. */
async function freeSpace(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder)
  return `${Math.floor((bavail * bsize) / 1_000_000)} MB free at ${folder}`
}

/** Why npm failed, as its own log of that run says it: with a full disk npm writes nothing else, or not to the end. */
function logWords(cache: string, since: number): string {
  const folder = path.join(cache, '_logs')
  if (!existsSync(folder)) return ''
  const logs = readdirSync(folder).filter(
    (name) => name.endsWith('-debug-0.log') && statSync(path.join(folder, name)).mtimeMs >= since,
  )
  const lines = logs.sort().flatMap((name) => readFileSync(path.join(folder, name), 'utf8').split('\n'))
  return endOf(lines.flatMap((line) => /^\d+ error (.*)$/.exec(line)?.[1] ?? []).join('\n'))
}

function endOf(said: string): string {
  return said
    .split('\n')
    .map((line) => line.replace(/^npm (?:error|ERR!)\s?/, '').trim())
    .filter((line) => line !== '' && !/A complete log of this run/.test(line) && !/_logs\//.test(line))
    .slice(-12)
    .join('\n')
}

const noteSchema = z.object({ pid: z.number().int().positive(), startTime: z.string() })

function noteFile(cache: string): string {
  return path.join(cache, 'npm-at-work.json')
}

function readNote(cache: string) {
  // Torn is none: the crash came before npm did anything.
  return noteSchema.safeParse(parseJson(readIfThere(noteFile(cache)) ?? '')).data
}

function writeNote(cache: string, pid: number): void {
  const file = noteFile(cache)
  const identity = identityOf(pid)
  // It has ended already: nobody needs to end it.
  if (identity === undefined) return
  writeFileSync(`${file}.next`, JSON.stringify(identity))
  renameSync(`${file}.next`, file)
}
