import { spawn } from 'node:child_process'
import path from 'node:path'
import { z } from 'zod'

/** What a command said and how it ended, through the real process. */
export type Ran = {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** standard output as the --json document. @throws when it is none */
  json: () => Document
}

const root = path.join(import.meta.dirname, '..', '..', '..')
export const MAIN = path.join(root, 'scripts', 'tradebotctl', 'main.ts')
/** Keeps the compiled code of a process, so that the next one starts in a third of the time. */
const NODE_COMPILE_CACHE = path.join(root, 'node_modules', '.cache', 'node')
/** Built by `npm run build`, as pretest does. */
export const BUNDLED = path.join(root, 'scripts', 'dist', 'tradebotctl.mjs')

export type RunOptions = {
  cwd?: string
  env?: NodeJS.ProcessEnv
  stdin?: string | Buffer
  /** Which program runs; main.ts unless given. */
  program?: string
  /** Of Node, before the program: ['--import', file]. */
  nodeArgs?: string[]
  /** The Node to run on; the tests' own (24) unless given. */
  node?: string
  /** Ends it by SIGKILL after this long; 60 s unless given. */
  timeoutMs?: number
}

/** Runs tradebotctl to its end: arguments in, bytes and exit code out. */
export async function tradebotctl(args: string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(
    options.node ?? process.execPath,
    [...(options.nodeArgs ?? []), options.program ?? MAIN, ...args],
    {
      cwd: options.cwd ?? root,
      env: {
        NODE_COMPILE_CACHE,
        ...process.env,
        NODE_OPTIONS: undefined,
        NO_COLOR: undefined,
        FORCE_COLOR: undefined,
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
    },
  )
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined) // It may end without reading what it is given.
  child.stdin.end(options.stdin ?? '')
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...ending) => resolve(ending))
  })
  return { code, signal, stdout, stderr, json: () => documentSchema.parse(JSON.parse(stdout)) }
}

const documentSchema = z.strictObject({
  tradebotctl: z.literal(1),
  command: z.string(),
  exitCode: z.number(),
  result: z.any(),
  error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
})

type Document = z.infer<typeof documentSchema>
