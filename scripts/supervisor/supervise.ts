import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { migrate } from '#prisma/migrate.ts'
import type { loadSettings, Settings } from '#trading/config/env.ts'
import { readMasterKeyFile } from '#trading/config/master-key.ts'
import { readRunFile, writeRunFile, type RunFile } from '#trading/config/run-file.ts'
import { identify } from '../process-identity.ts'
import { startChild, type Child, type ChildPlan } from './child.ts'
import { chooseSignupCode, openDatabase, type Database } from './database.ts'
import { endOrphans } from './orphans.ts'
import { devPort, planChildren, serverUrl } from './plans.ts'
import { whyPortIsTaken } from './ports.ts'
import { waitUntilReady } from './readiness.ts'
import type { Terminal } from './terminal.ts'

/** Somebody asked us to end: not a failure. */
export class StopRequested extends Error {}

export type Supervision = {
  settings: ReturnType<typeof loadSettings>
  terminal: Terminal
  dev: boolean
  sandboxArgs: string[]
  stopRequested: AbortSignal
  /** Is given what to do when asked to stop a second time. */
  onHurry: (react: () => void) => void
}

/** What is open, in the order of opening; it is closed in the opposite one: workers, server, sandbox, PostgreSQL. */
type Closers = (() => Promise<unknown> | void)[]

/**
 * Starts everything, says so when it answers, keeps it running until a stop is requested, and ends it in order.
 * @throws StopRequested in the end; Error when it cannot be started
 */
export async function supervise(supervision: Supervision): Promise<never> {
  const { terminal, stopRequested } = supervision
  const closers: Closers = []
  try {
    return await run(supervision, closers)
  } finally {
    if (stopRequested.aborted) terminal.note('Stopping …')
    for (const close of closers.toReversed()) {
      try {
        await close()
      } catch (error) {
        // What remains must be closed all the same; the next start ends what is left.
        terminal.note(`While stopping: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    if (stopRequested.aborted) terminal.note('Stopped.')
  }
}

async function run(supervision: Supervision, closers: Closers): Promise<never> {
  const { settings, terminal, dev } = supervision
  const stopped = rejectionOf(supervision.stopRequested)
  await endWhatIsLeft(settings.dataDir, terminal)
  const sandboxUrl = ownSandboxUrl(settings)
  await checkPorts(settings, sandboxUrl)
  const masterKey = settings.masterKey ?? readMasterKeyFile(settings.dataDir)
  closers.push(() => rmSync(path.join(settings.dataDir, 'run.json'), { force: true }))

  const state: RunFile = {
    instanceId: randomUUID(),
    state: 'starting',
    url: settings.publicUrl,
    databaseUrl: '',
    supervisor: identify(process.pid),
    children: {},
  }
  const note = (change: Partial<RunFile>) => writeRunFile(settings.dataDir, Object.assign(state, change))

  const opening = openDatabase(settings, terminal.note, (postgres) => note({ postgres }))
  closers.push(() => closeDatabase(opening))
  const database = await Promise.race([opening, stopped])
  if (database.elsewhere)
    terminal.note(
      `PostgreSQL does not run as root and cannot enter this folder: its data is in ${database.elsewhere}.`,
    )
  note({ databaseUrl: database.url, postgres: database.postgres })
  await Promise.race([migrate(database.url), stopped])
  const signupCode = await Promise.race([chooseSignupCode(settings, database.url), stopped])

  const { instanceId } = state
  const facts = { settings, instanceId, databaseUrl: database.url, masterKey, signupCode, sandboxUrl, dev }
  const plans = planChildren({ ...facts, sandboxArgs: supervision.sandboxArgs })
  const { children, failed } = startChildren(plans, state, note, terminal)
  closers.push(...children.map((child) => () => child.stop()))
  closers.push(() => note({ state: 'stopping' }))
  supervision.onHurry(() => children.forEach((child) => child.kill()))

  const ready = waitUntilReady(serverUrl(settings), instanceId, sandboxUrl, supervision.stopRequested)
  await Promise.race([ready, failed, stopped])
  note({ state: 'ready' })
  terminal.announce(`TradeBot is ready at ${dev ? `http://127.0.0.1:${devPort}` : settings.publicUrl}`)
  if (signupCode !== null) terminal.announce(`The first account needs this code to sign up: ${signupCode}`)
  return await stopped
}

/** `failed` rejects when a child does not start, as long as nothing was ready yet; later they are restarted for ever. */
function startChildren(
  plans: ChildPlan[],
  state: RunFile,
  note: (change: Partial<RunFile>) => void,
  terminal: Terminal,
): { children: Child[]; failed: Promise<never> } {
  const failed = Promise.withResolvers<never>()
  const children = plans.map((plan) =>
    startChild(plan, {
      onLine: terminal.line,
      onProcess: (name, identity) => {
        if (identity) state.children[name] = identity
        else delete state.children[name]
        note({})
      },
      onExit: (name, how, failures, words) => {
        terminal.note(`The ${name} ended by itself (${how}); starting it again.`)
        if (state.state === 'starting' && failures >= 3)
          failed.reject(new Error(`The ${name} does not start: ${reasonIn(words)}`))
      },
    }),
  )
  return { children, failed: failed.promise }
}

/** The last error that a process spoke of, with the place it came from; else its last lines. A stack alone tells nobody anything. */
function reasonIn(words: readonly string[]): string {
  const at = words.findLastIndex((line) => /^(\w+ )?[A-Z]?\w*Error\b/.test(line))
  return (at < 0 ? words.slice(-5) : words.slice(at, at + 2)).map((line) => line.trim()).join(' ')
}

/** Ends what a killed supervisor left, but for PostgreSQL, which is adopted. */
async function endWhatIsLeft(dataDir: string, terminal: Terminal): Promise<void> {
  const previous = readRunFile(dataDir)
  const ended = previous ? await endOrphans(previous) : []
  if (ended.length > 0) terminal.note(`Ended what the last start left running: ${ended.join(', ')}.`)
}

/** Undefined when none of ours is wanted: another one is named, or the sandbox is not among the exchanges. */
function ownSandboxUrl(settings: Settings): string | undefined {
  const own = `http://127.0.0.1:${settings.sandboxPort}`
  return settings.exchanges.includes('sandbox') && settings.exchangeUrls['sandbox'] === own ? own : undefined
}

async function checkPorts(settings: Settings, sandboxUrl: string | undefined): Promise<void> {
  const reasons = await Promise.all([
    whyPortIsTaken(settings.host, settings.port, 'PORT'),
    sandboxUrl === undefined ? undefined : whyPortIsTaken('127.0.0.1', settings.sandboxPort, 'SANDBOX_PORT'),
  ])
  const taken = reasons.filter((reason) => reason !== undefined)
  if (taken.length > 0) throw new Error(taken.join('\n'))
}

/** One that is still recovering from a crash is left at it; the next start adopts it. */
async function closeDatabase(opening: Promise<Database>): Promise<void> {
  const patience = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 5_000).unref())
  const database = await Promise.race([opening.catch(() => undefined), patience])
  await database?.stop()
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  promise.catch(() => undefined) // It may come while nobody waits; each wait below sees it.
  return promise
}
