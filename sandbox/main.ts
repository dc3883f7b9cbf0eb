import { pino } from 'pino'
import pretty from 'pino-pretty'
import { startSandbox } from './server.ts'
import { HELP, readSettings } from './settings.ts'

const fail = (error: unknown): never => {
  process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

const main = async (): Promise<void> => {
  const settings = readSettings(process.argv.slice(2), process.env)
  if (settings === 'help') {
    process.stdout.write(HELP)
    return
  }
  const { logLevel, barMs, ...options } = settings
  const stream = process.stdout.isTTY ? pretty({ sync: true }) : pino.destination({ fd: 1, sync: true })
  const log = pino({ name: 'sandbox', level: logLevel }, stream)
  const sandbox = await startSandbox({ ...options, ...(barMs === undefined ? {} : { barMs }), log })

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    // Ctrl-C arrives twice under npm.
    if (stopping) return
    stopping = true
    log.info({ signal }, 'sandbox exchange stops')
    sandbox.close().then(() => process.exit(0), fail)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

main().catch(fail)
