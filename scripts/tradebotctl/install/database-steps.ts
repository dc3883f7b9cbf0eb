import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { CouldNotError, EXIT, InterruptedError, RefusedError } from '../frame/errors.ts'
import { environmentOf } from '../place/environment.ts'
import type { Installation } from '../place/find-place.ts'

/** Whether there is a database at all: one is named, or the embedded one has been made. */
export function hasDatabase(installation: Installation): boolean {
  const { env, dataDir } = environmentOf('installation', installation.root, process.env)
  return Boolean(env['DATABASE_URL']) || existsSync(path.join(dataDir, 'postgres.json'))
}

const kept = 5

/**
 * A backup of the database under its own master key, made by the release in `tree`; answers the file. Of those made before updates the
 * last five are kept. Works while TradeBot runs and while it is stopped.
 */
export async function backUpBefore(
  installation: Installation,
  tree: string,
  version: string,
  signal: AbortSignal,
): Promise<string> {
  const folder = path.join(installation.dataDir, 'backups')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const file = path.join(folder, `before-${version}-${time}.backup`)
  await askRelease(installation, tree, ['backup', '--under-master-key', '--out', file], z.unknown(), signal)
  const made = readdirSync(folder).filter((name) => /^before-.*\.backup$/.test(name))
  const byTime = made.toSorted((one, other) => (timeIn(one) < timeIn(other) ? -1 : 1))
  for (const name of byTime.slice(0, -kept)) rmSync(path.join(folder, name))
  return file
}

const migratedSchema = z.looseObject({ applied: z.array(z.string()) })

/**
 * Applies the migrations of the release in `tree`, if they only expand; answers the names of those that it applied.
 * @throws RefusedError MIGRATION_CONTRACTS, and nothing was applied
 */
export async function migrateTo(
  installation: Installation,
  tree: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { applied } = await askRelease(
    installation,
    tree,
    ['migrate', '--expand-only'],
    migratedSchema,
    signal,
  )
  return applied
}

function timeIn(name: string): string {
  return /-(\d{8}T\d{6}Z)\.backup$/.exec(name)?.[1] ?? ''
}

const documentSchema = z.object({
  exitCode: z.number(),
  result: z.unknown(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
})

/** A command of the program that belongs to `tree`, in a process of its own with its own packages. */
async function askRelease<T>(
  installation: Installation,
  tree: string,
  args: string[],
  result: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted()
  const node = path.join(tree, 'node_modules', '.bin', 'node')
  const main = path.join(tree, 'scripts', 'tradebotctl', 'main.ts')
  const child = spawn(node, [main, ...args, '--root', installation.root, '--json'], {
    cwd: tree,
    env: { ...process.env, NODE_OPTIONS: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The terminal's Ctrl-C comes through us alone.
    detached: true,
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err = (err + text).slice(-8_000)))
  const interrupt = () => child.kill('SIGTERM')
  signal.addEventListener('abort', interrupt, { once: true })
  const [code, name] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...ending) => resolve(ending))
  }).finally(() => signal.removeEventListener('abort', interrupt))

  const words = err.trim().split('\n').slice(-5).join('\n')
  const document = documentSchema.safeParse(parse(out)).data
  if (code === EXIT.ok && document) return result.parse(document.result)
  if (code === EXIT.interrupted || signal.aborted) throw new InterruptedError()
  if (!document?.error)
    throw new CouldNotError(
      'RELEASE_FAILED',
      `${args[0]} of the release ended with ${name ?? code}: ${words}`,
    )
  const options = document.error.hint === null ? {} : { hint: document.error.hint }
  const Kind = code === EXIT.refused ? RefusedError : CouldNotError
  throw new Kind(document.error.code, document.error.message, options)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // It ended before it could say anything.
  }
}
