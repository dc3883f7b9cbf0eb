import { randomBytes } from 'node:crypto'
import { type Env, readEnvOrExit } from '#trading/config/env.ts'
import { makeLogger } from '#trading/config/logger.ts'
import { hasAccounts } from '#trading/store/accounts.ts'
import { whyUnusable } from '#trading/store/database-check.ts'
import { makePool } from '#trading/store/pool.ts'
import { isLoopbackHost } from './http/origins.ts'
import { startServer, type RunningServer } from './server.ts'

const given = readEnvOrExit()
const logger = makeLogger('server', given.logLevel)
const env = await checkDatabase(given)
const server = await listen(env)
logger.info({ port: server.port, pid: process.pid }, `listening on ${env.publicUrl}`)

let stopping = false
const stop = (signal: string) => {
  // Ctrl-C can arrive twice, from the terminal and from npm: both mean one thing.
  if (stopping) return
  stopping = true
  logger.info({ signal }, 'stopping')
  // Whatever hangs, the process is gone within 3 seconds.
  setTimeout(() => process.exit(1), 3_000).unref()
  server.close().then(
    () => process.exit(0),
    (error: unknown) => {
      logger.error({ err: error }, 'could not stop in order')
      process.exit(1)
    },
  )
}
process.on('SIGTERM', () => stop('SIGTERM'))
process.on('SIGINT', () => stop('SIGINT'))
process.on('unhandledRejection', (error) => {
  logger.fatal({ err: error }, 'a promise was rejected and nobody heard it')
  process.exitCode = 1
  stop('unhandledRejection')
})

/** The database is there, migrated, and of this master key; where a sign-up code is needed and none is given, one is made. */
async function checkDatabase(env: Env): Promise<Env> {
  const pool = makePool(env.databaseUrl, { max: 1, applicationName: 'tradebot-server', logger })
  try {
    const problem = await whyUnusable(pool, env.masterKey)
    if (problem !== null) return exit(problem)
    if (isLoopbackHost(env.host) || env.signupCode !== null || (await hasAccounts(pool))) return env
    const signupCode = randomBytes(6).toString('base64url')
    process.stdout.write(`To sign up first you need this code: ${signupCode}\n`)
    return { ...env, signupCode }
  } finally {
    await pool.end()
  }
}

async function listen(env: Env): Promise<RunningServer> {
  try {
    return await startServer(env, logger)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE') return exit(`PORT ${env.port} on ${env.host} is in use by another program.`)
    if (code === 'EACCES') return exit(`PORT ${env.port} needs rights that this user does not have.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      return exit(`HOST ${env.host} is not an address of this machine.`)
    }
    throw error
  }
}

function exit(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}
