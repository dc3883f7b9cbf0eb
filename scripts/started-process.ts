import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readRunFile, type RunFile } from '#trading/config/run-file.ts'
import { freePort } from './free-port.ts'
import { signal } from './process-identity.ts'
import { findPostmaster, stopPostmaster } from './postgres/postmaster.ts'

/** An installation for one process test: a data dir of its own inside a 0700 folder, and free ports. */
export type Installation = {
  dataDir: string
  env: NodeJS.ProcessEnv
  url: string
  /** `npm start`, or the supervisor without npm, in a process group of its own. */
  start: (how?: 'npm' | 'direct', env?: NodeJS.ProcessEnv) => Started
  run: () => RunFile
  health: () => Promise<Record<string, unknown>>
  /** Ends whatever is left, by the identities in run.json, and removes everything. */
  remove: () => Promise<void>
}

export type Started = {
  process: ChildProcess
  pid: number
  out: () => string
  err: () => string
  /** How long it took until the ready line. @throws Error with all output when it ends first or takes over a minute */
  ready: () => Promise<number>
  /** The exit code, and how long it took from this call. */
  exit: () => Promise<{ code: number | null; ms: number }>
}

const root = path.join(import.meta.dirname, '..')

export async function makeInstallation(): Promise<Installation> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tradebot-e2e-'))
  const dataDir = path.join(folder, 'data')
  const [port, sandboxPort] = [await freePort(), await freePort()]
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TRADEBOT_DATA_DIR: dataDir,
    PORT: String(port),
    SANDBOX_PORT: String(sandboxPort),
    LOG_LEVEL: 'info',
    HOST: undefined,
    DATABASE_URL: undefined,
    NODE_OPTIONS: undefined,
  }
  const url = `http://127.0.0.1:${port}`
  const run = () => {
    const noted = readRunFile(dataDir)
    if (!noted) throw new Error('There is no run.json.')
    return noted
  }
  return {
    dataDir,
    env,
    url,
    run,
    start: (how = 'direct', more = {}) => startProcess(how, { ...env, ...more }),
    health: async () =>
      JSON.parse(await (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(3_000) })).text()),
    remove: async () => {
      const noted = readRunFile(dataDir)
      for (const identity of noted ? [noted.supervisor, ...Object.values(noted.children)] : [])
        signal(identity, 'SIGKILL')
      const noteFile = path.join(dataDir, 'postgres.json')
      const data: unknown = existsSync(noteFile)
        ? JSON.parse(readFileSync(noteFile, 'utf8')).folder
        : undefined
      if (typeof data === 'string') {
        const postmaster = findPostmaster(data)
        if (postmaster) await stopPostmaster(postmaster)
        rmSync(data, { recursive: true, force: true })
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function startProcess(how: 'npm' | 'direct', env: NodeJS.ProcessEnv): Started {
  const [command, args] = how === 'npm' ? ['npm', ['start']] : [process.execPath, ['scripts/start.ts']]
  const began = performance.now()
  const child = spawn(command, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} cannot be started.`)
  return {
    process: child,
    pid,
    out: () => out,
    err: () => err,
    ready: async () => {
      await until(
        () => /TradeBot is ready at/.test(out) || child.exitCode !== null,
        60_000,
        () => `${out}\n${err}`,
      )
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${out}\n${err}`)
      return performance.now() - began
    },
    exit: async () => {
      const asked = performance.now()
      const code = await exited
      return { code, ms: performance.now() - asked }
    },
  }
}

/** Polls until it holds. @throws Error with `what` when that takes longer than `timeoutMs` */
export async function until(
  holds: () => boolean | Promise<boolean>,
  timeoutMs: number,
  what: () => string = () => 'it never came true',
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
