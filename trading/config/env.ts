import path from 'node:path'
import { z } from 'zod'
import { EnvError } from './env-error.ts'
import { readMasterKeyFile } from './master-key.ts'
import { readRunFile } from './run-file.ts'
import { originOf, variablePatterns, variables } from './variables.ts'

/** What a process is told from outside, all but where the database is and the master key. */
export type Settings = {
  dataDir: string
  host: string
  port: number
  signup: 'first' | 'open' | 'closed'
  signupCode: string | null
  exchanges: string[]
  /** By ccxt id, in lower case; `sandbox` is always there. Scheme, host and port only. */
  exchangeUrls: Record<string, string>
  publicUrl: string
  origins: string[]
  trustProxy: boolean
  /** Whether a user's webhook may lead to a private address. */
  alertPrivate: boolean
  telegramUrl: string
  sandboxPort: number
  workerConcurrency: number
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  instanceId: string | null
  timing: Timing
}

/** All in milliseconds. Settings, so that a chaos run can shrink them. */
export type Timing = {
  httpTimeoutMs: number
  sendBudgetMs: number
  recvWindowMs: number
  settleSkewMs: number
  heartbeatMs: number
  deadAfterMs: number
  dispatchMs: number
  unknownErrorMs: number
  reconcileMs: number
}

export type Env = Settings & { databaseUrl: string; masterKey: Buffer }

type Source = Record<string, string | undefined>

/**
 * Everything that the server or a worker needs. Without DATABASE_URL the database is the embedded one that `npm start` noted in
 * `<dataDir>/run.json`, and the master key is the one in `<dataDir>/master.key`, made when missing.
 * @throws EnvError with all problems at once
 */
export function loadEnv(env: Source = process.env): Env {
  const { settings, databaseUrl, masterKey, problems } = parse(env)
  const database = databaseUrl ?? (env['DATABASE_URL'] ? undefined : embeddedDatabase(env, problems))
  if (problems.length > 0 || !settings || database === undefined) throw new EnvError(problems)
  return { ...settings, databaseUrl: database, masterKey: masterKey ?? readMasterKeyFile(settings.dataDir) }
}

/** The settings alone, for the supervisor, which brings its own database. @throws EnvError */
export function loadSettings(env: Source = process.env) {
  const { settings, databaseUrl, masterKey, problems } = parse(env)
  if (problems.length > 0 || !settings) throw new EnvError(problems)
  return { ...settings, databaseUrl, masterKey }
}

/** Where the database is, for what needs nothing else (migrations). @throws EnvError */
export function loadDatabaseUrl(env: Source = process.env): string {
  const names = { DATABASE_URL: variables.DATABASE_URL, TRADEBOT_DATA_DIR: variables.TRADEBOT_DATA_DIR }
  const result = z.object(names).safeParse(withoutEmpty(env))
  const problems = result.success ? [] : result.error.issues.map((issue) => sentence(issue, env))
  const database = result.data?.DATABASE_URL ?? (result.success ? embeddedDatabase(env, problems) : undefined)
  if (database === undefined) throw new EnvError(problems)
  return database
}

/** Runs a loader of this file; prints every problem, one sentence a line, and exits 1 when there are any. */
export function readEnvOrExit<T = Env>(load: (env?: Source) => T): T
export function readEnvOrExit(): Env
export function readEnvOrExit(load: (env?: Source) => unknown = loadEnv): unknown {
  try {
    return load()
  } catch (error) {
    if (!(error instanceof EnvError)) throw error
    for (const problem of error.problems) process.stderr.write(`${problem}\n`)
    process.exit(1)
  }
}

/** The table of the README, in Markdown. */
export function environmentTable(): string {
  const rows = Object.entries(variables).map(([name, schema]) => ({ name, ...metaOf(schema) }))
  const lines = [...rows, ...variablePatterns].map(
    (row) => `| \`${row.name}\` | ${row.fallback} | ${row.meaning} |`,
  )
  return ['| variable | default | meaning |', '|---|---|---|', ...lines].join('\n')
}

const schema = z.object(variables)

function parse(env: Source) {
  const given = withoutEmpty(env)
  const result = schema.safeParse(given)
  const problems = result.success ? [] : result.error.issues.map((issue) => sentence(issue, given))
  const exchangeUrls = parseExchangeUrls(given, problems)
  if (given['DATABASE_URL'] && !given['TRADEBOT_MASTER_KEY']) problems.push(masterKeyRequired)
  if (!result.success) return { problems }
  const values = result.data
  if (values.PORT === values.SANDBOX_PORT)
    problems.push(`PORT and SANDBOX_PORT are both ${values.PORT}; give one of them another number.`)
  const publicUrl = values.TRADEBOT_PUBLIC_URL ?? `http://${urlHost(values.HOST)}:${values.PORT}`
  const settings: Settings = {
    dataDir: path.resolve(values.TRADEBOT_DATA_DIR),
    host: values.HOST,
    port: values.PORT,
    signup: values.TRADEBOT_SIGNUP,
    signupCode: values.TRADEBOT_SIGNUP_CODE ?? null,
    exchanges: values.TRADEBOT_EXCHANGES,
    exchangeUrls: { sandbox: `http://127.0.0.1:${values.SANDBOX_PORT}`, ...exchangeUrls },
    publicUrl,
    origins: values.TRADEBOT_ORIGINS,
    trustProxy: ['on', 'true', '1'].includes(values.TRADEBOT_TRUST_PROXY),
    alertPrivate: ['on', 'true', '1'].includes(values.TRADEBOT_ALERT_PRIVATE),
    telegramUrl: values.TRADEBOT_TELEGRAM_URL,
    sandboxPort: values.SANDBOX_PORT,
    workerConcurrency: values.WORKER_CONCURRENCY,
    logLevel: values.LOG_LEVEL,
    instanceId: values.TRADEBOT_INSTANCE_ID ?? null,
    timing: {
      httpTimeoutMs: values.TRADEBOT_HTTP_TIMEOUT_MS,
      sendBudgetMs: values.TRADEBOT_SEND_BUDGET_MS,
      recvWindowMs: values.TRADEBOT_RECV_WINDOW_MS,
      settleSkewMs: values.TRADEBOT_SETTLE_SKEW_MS,
      heartbeatMs: values.TRADEBOT_HEARTBEAT_MS,
      deadAfterMs: values.TRADEBOT_DEAD_AFTER_MS,
      dispatchMs: values.TRADEBOT_DISPATCH_MS,
      unknownErrorMs: values.TRADEBOT_UNKNOWN_ERROR_MS,
      reconcileMs: values.TRADEBOT_RECONCILE_MS,
    },
  }
  return { problems, settings, databaseUrl: values.DATABASE_URL, masterKey: values.TRADEBOT_MASTER_KEY }
}

const masterKeyRequired =
  'TRADEBOT_MASTER_KEY is required with DATABASE_URL: 32 bytes in base64 (make one with: openssl rand -base64 32), the same for every process of one database.'

function embeddedDatabase(env: Source, problems: string[]): string | undefined {
  const dataDir = path.resolve(env['TRADEBOT_DATA_DIR'] || '.tradebot')
  const url = readRunFile(dataDir)?.databaseUrl
  if (url === undefined)
    problems.push(
      `DATABASE_URL is not set and no database is noted in ${path.join(dataDir, 'run.json')}: run npm start first, or set DATABASE_URL.`,
    )
  return url
}

function parseExchangeUrls(given: Record<string, string>, problems: string[]): Record<string, string> {
  const urls: Record<string, string> = {}
  for (const [name, text] of Object.entries(given)) {
    const id = /^TRADEBOT_EXCHANGE_([A-Z0-9]+)_URL$/.exec(name)?.[1]
    if (id === undefined) continue
    const origin = originOf(text)
    if (origin === undefined)
      problems.push(`${name} must be an address like http://127.0.0.1:4010; it is ${JSON.stringify(text)}.`)
    else urls[id.toLowerCase()] = origin
  }
  return urls
}

/** An empty variable is an unset one: `PORT= npm start` and compose files write it so. */
function withoutEmpty(env: Source): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [name, text] of Object.entries(env)) if (text) given[name] = text
  return given
}

function sentence(issue: z.core.$ZodIssue, given: Source): string {
  const name = String(issue.path[0])
  const variable = Object.entries(variables).find(([key]) => key === name)?.[1]
  // A secret that is malformed is often a secret with a typo: never print it.
  const value = variable && metaOf(variable).secret ? '' : `; it is ${JSON.stringify(given[name])}`
  return `${name} ${issue.message}${value}.`
}

const metaSchema = z.object({ fallback: z.string(), meaning: z.string(), secret: z.boolean().optional() })

function metaOf(variable: z.ZodType) {
  return metaSchema.parse(variable.meta())
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
