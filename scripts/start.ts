import { EnvError } from '#trading/config/env-error.ts'
import { loadSettings, readEnvOrExit } from '#trading/config/env.ts'
import { readRunFile } from '#trading/config/run-file.ts'
import { sentenceOf } from './exit-with-sentence.ts'
import { waitForExit } from './process-identity.ts'
import { takeLock, type Lock } from './supervisor/lock.ts'
import { StopRequested, supervise } from './supervisor/supervise.ts'
import { openTerminal } from './supervisor/terminal.ts'

// `npm start`: all of TradeBot on one machine. `--dev` restarts parts when their files change; other arguments go to the sandbox.
const settings = readEnvOrExit(loadSettings)
const stop = new AbortController()
let hurry: (() => void) | undefined
listenForSignals()

const lock = await takeLockOrExit()
const terminal = openTerminal(settings.dataDir)
try {
  await supervise({
    settings,
    terminal,
    dev: process.argv.includes('--dev'),
    sandboxArgs: process.argv.slice(2).filter((argument) => argument !== '--dev'),
    stopRequested: stop.signal,
    onHurry: (react) => (hurry = react),
  })
} catch (error) {
  if (!(error instanceof StopRequested)) {
    process.exitCode = 1
    terminal.note(
      error instanceof EnvError ? error.problems.join('\n') : sentenceOf(error, settings.databaseUrl),
    )
  }
} finally {
  lock.release()
}
process.exit()

/** Ctrl-C arrives twice, from the terminal's group and from npm: what comes within a second is one. A later one makes us hurry. */
function listenForSignals(): void {
  let first: number | undefined
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      first ??= performance.now()
      if (performance.now() - first > 1_000) hurry?.()
      stop.abort(new StopRequested())
    })
}

async function takeLockOrExit(): Promise<Lock> {
  let taken = takeLock(settings.dataDir)
  if ('holder' in taken && readRunFile(settings.dataDir)?.state === 'stopping') {
    process.stderr.write('Another TradeBot is just stopping here; waiting for it …\n')
    await waitForExit(taken.holder, 15_000)
    taken = takeLock(settings.dataDir)
  }
  if ('release' in taken) return taken
  const run = readRunFile(settings.dataDir)
  process.stderr.write(
    run?.supervisor.pid === taken.holder.pid
      ? `TradeBot is already running at ${run.url} (process ${taken.holder.pid}).\n`
      : `TradeBot is already being started here by process ${taken.holder.pid}.\n`,
  )
  process.exit(1)
}
