import { existsSync } from 'node:fs'
import path from 'node:path'
import { readRunFile } from '#trading/config/run-file.ts'
import { isAlive } from '../../process-identity.ts'
import { nextKeyFile } from '../keys/key-files.ts'
import type { Told } from './told.ts'

/** What to do where TradeBot does not run. */
export function startAdvice(told: Told): string {
  const start = told.place.kind === 'clone' ? 'npm start' : 'tradebotctl run, or its service'
  return rotationLeft(told) === undefined
    ? `Start TradeBot: ${start}.`
    : `Finish the change of the master key first (tradebotctl keys rotate), then start TradeBot: ${start}.`
}

/** What to do where a part of TradeBot is missing: start it, or start it again. `log`: of the part, in the data dir. */
export function missingAdvice(told: Told, log: string): string {
  if (!runsHere(told)) return startAdvice(told)
  const restart =
    told.place.kind === 'clone'
      ? 'Ctrl-C where npm start runs, then npm start'
      : 'tradebotctl stop, then tradebotctl run; or restart its service'
  return `Restart TradeBot: ${restart}. See ${path.join(told.settings.dataDir, log)}.`
}

function runsHere({ settings }: Told): boolean {
  const run = readRunFile(settings.dataDir)
  return run !== undefined && isAlive(run.supervisor)
}

/** The new key of a rotation that has not put it into use; where a variable gives the key, only the database knows. */
export function rotationLeft({ settings }: Told): string | undefined {
  if (settings.masterKey !== undefined || settings.databaseUrl !== undefined) return undefined
  const file = nextKeyFile(settings.dataDir)
  return existsSync(file) ? file : undefined
}
