import { createRequire } from 'node:module'
import path from 'node:path'
import type { Settings } from '#trading/config/env.ts'
import type { ChildPlan } from './child.ts'

export type PlanFacts = {
  settings: Settings
  instanceId: string
  databaseUrl: string
  masterKey: Buffer
  signupCode: string | null
  /** Undefined when TRADEBOT_EXCHANGE_SANDBOX_URL names another one: then none is started. */
  sandboxUrl: string | undefined
  sandboxArgs: string[]
  dev: boolean
}

/** The processes of one machine, in the order in which they start; they stop in the opposite one, workers first. */
export function planChildren(facts: PlanFacts): ChildPlan[] {
  const { settings, dev } = facts
  const base: NodeJS.ProcessEnv = {
    ...process.env,
    TRADEBOT_DATA_DIR: settings.dataDir,
    TRADEBOT_INSTANCE_ID: facts.instanceId,
    // Halves what a start costs; Node checks what it finds there.
    NODE_COMPILE_CACHE: path.join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'node'),
  }
  const withDatabase = {
    ...base,
    DATABASE_URL: facts.databaseUrl,
    TRADEBOT_MASTER_KEY: facts.masterKey.toString('base64'),
    TRADEBOT_EXCHANGE_SANDBOX_URL: settings.exchangeUrls['sandbox'],
    TRADEBOT_SIGNUP_CODE: facts.signupCode ?? undefined,
  }
  // The exchange has no business with the database or the master key.
  const withoutDatabase = { ...base, DATABASE_URL: undefined, TRADEBOT_MASTER_KEY: undefined }
  const watch = dev ? ['--watch', '--watch-preserve-output'] : []
  const plan = (name: string, args: string[], env: NodeJS.ProcessEnv, drainMs: number): ChildPlan => ({
    name,
    args,
    env,
    drainMs,
    logFile: path.join(settings.dataDir, 'logs', `${name}.log`),
  })
  const sandbox = plan('sandbox', [...watch, 'sandbox/main.ts', ...facts.sandboxArgs], withoutDatabase, 1_000)
  const server = plan('server', [...watch, 'server/main.ts'], withDatabase, 1_500)
  const worker = plan('worker', [...watch, 'worker/main.ts'], withDatabase, 6_000)
  const vite = plan(
    'vite',
    [viteCli(), 'app', '--port', devPort, '--strictPort'],
    { ...base, TRADEBOT_DEV_SERVER: serverUrl(settings) },
    500,
  )
  return [...(facts.sandboxUrl ? [sandbox] : []), ...(dev ? [vite] : []), server, worker]
}

export const devPort = '5173'

/** Where the server answers on this machine. */
export function serverUrl({ host, port }: Pick<Settings, 'host' | 'port'>): string {
  const wildcard = host === '0.0.0.0' || host === '::'
  const name = wildcard ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function viteCli(): string {
  return path.join(
    path.dirname(createRequire(import.meta.url).resolve('vite/package.json')),
    'bin',
    'vite.js',
  )
}
