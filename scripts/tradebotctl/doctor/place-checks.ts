import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { readRunFile } from '#trading/config/run-file.ts'
import { isAlive } from '../../process-identity.ts'
import { readJournal } from '../install/journal.ts'
import { startAdvice } from './advice.ts'
import { bad, ok, warning, type Check } from './check.ts'
import type { Told } from './told.ts'

/** Which TradeBot this is, and whether an update of it was interrupted. */
export function checkPlace({ place }: Told): Check[] {
  const version = treeVersion(place.tree)
  if (place.kind === 'clone')
    return [ok('place', `a clone at ${place.root}, version ${version ?? 'unknown'}`)]
  const where = `an installation at ${place.root}`
  const release =
    place.tree === undefined || version === null
      ? bad(
          'place',
          `${where} whose release is missing or broken`,
          'See with tradebotctl verify, and mend it with tradebotctl repair PACKAGE.',
        )
      : ok('place', `${where}, version ${version}`)
  const journal = readJournal(place.root)
  if (journal === undefined) return [release, ok('update', 'none is under way')]
  return [
    release,
    warning(
      'update',
      `${journal.kind} to ${journal.to} began at ${journal.startedAt} and is under way or was interrupted (${journal.phase})`,
      'Wait for it; if nothing does it any more, run any of update, rollback or repair: they finish or undo it first.',
    ),
  ]
}

/** package.json's; null when it cannot be read. */
export function treeVersion(tree: string | undefined): string | null {
  if (tree === undefined) return null
  try {
    const text = readFileSync(path.join(tree, 'package.json'), 'utf8')
    return z.object({ version: z.string() }).parse(JSON.parse(text)).version
  } catch {
    return null // Told as "unknown" or "broken" by who asked.
  }
}

export function checkSettings({ problems }: Told): Check[] {
  if (problems.length === 0) return [ok('settings', 'can be read')]
  return problems.map((problem) =>
    bad('settings', problem, 'Mend it; until then no part of TradeBot starts.'),
  )
}

/** What `npm start` or `tradebotctl run` notes of itself. */
export function checkSupervisor(told: Told): Check[] {
  const run = readRunFile(told.settings.dataDir)
  if (run === undefined)
    return told.settings.databaseUrl === undefined
      ? [bad('supervisor', 'TradeBot does not run here', startAdvice(told))]
      : [ok('supervisor', 'none here; parts that run elsewhere are told of below')]
  if (!isAlive(run.supervisor))
    return [
      bad(
        'supervisor',
        `process ${run.supervisor.pid}, which started TradeBot here, is gone without having stopped it`,
        startAdvice(told),
      ),
    ]
  const dead = Object.entries(run.children).filter(([, child]) => !isAlive(child))
  if (run.state !== 'ready')
    return [warning('supervisor', `TradeBot is ${run.state}`, 'Wait a moment, and run doctor again.')]
  if (dead.length > 0)
    return [
      warning(
        'supervisor',
        `${dead.map(([name]) => name).join(', ')} ended, and is being started again`,
        `See ${path.join(told.settings.dataDir, 'logs')}.`,
      ),
    ]
  return [ok('supervisor', `process ${run.supervisor.pid} runs ${Object.keys(run.children).join(', ')}`)]
}
