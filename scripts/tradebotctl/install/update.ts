import { existsSync, renameSync } from 'node:fs'
import path from 'node:path'
import type { CheckedPackage } from '../archive/open-package.ts'
import type { UpdateInput, UpdateResult } from '../commands/update.ts'
import { syncFolder } from '../files/write-atomically.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { LAYOUT } from '../place/layout.ts'
import { compareReleases } from '../tree/release.ts'
import { backUpBefore, hasDatabase, migrateTo } from './database-steps.ts'
import { refuseLinkedFolders, releaseFolders, statAt } from './folders.ts'
import { readJournal, writeJournal, type Journal } from './journal.ts'
import { underLock } from './lock.ts'
import { openForPlace } from './open-for-place.ts'
import { manifestOf, planBetween, planText, type Plan } from './plan.ts'
import { prove, recover, type Recovery } from './recover.ts'
import { recoverFrom } from './recover-from.ts'
import { refuseReturned, sayRecovery } from './say-recovery.ts'
import { serviceState } from './service.ts'
import { stage } from './stage.ts'
import { currentVersion, switchTo } from './switch.ts'
import { installationHere, installationOf, type Work } from './work.ts'

type Done = { exitCode: 0; result: UpdateResult; text: string }

/** The release of a package becomes the current one, or everything stays as it is. */
export async function runUpdate(input: UpdateInput, context: Context): Promise<Done> {
  const place = installationHere(context, 'update')
  const { root } = place
  const work = { root, context }
  refuseLinkedFolders(root)
  const checked = await openForPlace(place, context, input)
  try {
    if (input.dryRun) return planOnly(work, checked, input)
    return await underLock(root, () => update(work, checked, input))
  } finally {
    await checked.close()
  }
}

function planOnly(work: Work, checked: CheckedPackage, input: UpdateInput): Done {
  if (readJournal(work.root) !== undefined)
    work.context.note('An earlier command was interrupted; the next one finishes or undoes it first.')
  const { from, plan } = prepare(work, checked, input)
  const result = { ...resultOf(checked, from, plan), dryRun: true }
  const text = `${work.context.paint.strong(`${from} → ${result.to}`)}: ${planText(plan, work.context.paint, input.names)}\nNothing was changed.`
  return { exitCode: 0, result, text }
}

async function update(work: Work, checked: CheckedPackage, input: UpdateInput): Promise<Done> {
  const to = checked.manifest.release
  const recovery = await recover(work)
  sayRecovery(work, recovery)
  if (recovery.outcome === 'finished' && recovery.journal.to === to) return completed(checked, recovery)
  const { from, plan } = prepare(work, checked, input)
  work.context.note(`${from} → ${to}: ${planText(plan, work.context.paint, input.names)}`)

  const replaces = statAt(releaseFolders(work.root, to).release) !== undefined
  const begun: Journal = {
    ...{ format: 1, kind: 'update', phase: 'staging', from, to, replaces, running: false },
    ...{ keep: input.keep, startedAt: new Date().toISOString() },
  }
  let steps: { backup: string | null; migrations: string[] } | undefined
  let ended: Recovery
  try {
    writeJournal(work.root, begun)
    await stage(work, checked, releaseFolders(work.root, to).partial)
    steps = await bringDatabase(work, to)
    ended = await switchOver(work, begun)
  } catch (error) {
    ended = await recoverFrom(work, error)
  }
  refuseReturned(ended)
  if (ended.outcome !== 'finished') throw new Error(`an update ends by its end, not ${ended.outcome}`)
  return outcomeOf(work, {
    ...resultOf(checked, from, plan),
    ...steps,
    restarted: ended.journal.running,
    removedReleases: ended.removed,
  })
}

/** Nothing was switched yet: from here to the end the journal decides what becomes of it. */
async function switchOver(work: Work, begun: Journal): Promise<Recovery> {
  const { root, context } = work
  const { release, partial, replaced } = releaseFolders(root, begun.to)
  context.signal.throwIfAborted()
  const journal: Journal = {
    ...begun,
    phase: 'switching',
    running: serviceState(installationOf(work)).by !== 'nobody',
  }
  writeJournal(root, journal)
  if (journal.replaces) renameSync(release, replaced)
  renameSync(partial, release)
  syncFolder(path.join(root, LAYOUT.releases))
  switchTo(root, journal.to)
  return prove(work, journal)
}

async function bringDatabase(work: Work, to: string) {
  const { context, root } = work
  const installation = installationOf(work)
  const { partial } = releaseFolders(root, to)
  if (!hasDatabase(installation)) return { backup: null, migrations: [] }
  context.note('Backing up the database …')
  const backup = await backUpBefore(installation, partial, to, context.signal)
  context.signal.throwIfAborted()
  context.note('Migrating the database …')
  const migrations = await migrateTo(installation, partial, context.signal)
  return { backup, migrations }
}

/** What is refused, before anything is written. */
function prepare(work: Work, checked: CheckedPackage, input: UpdateInput): { from: string; plan: Plan } {
  const to = checked.manifest.release
  const from = currentVersion(work.root)
  if (from === undefined)
    throw new CouldNotError('CURRENT_MISSING', `${path.join(work.root, LAYOUT.current)} is missing.`, {
      hint: 'tradebotctl repair with the package of the release that was current puts it back.',
    })
  const order = compareReleases(to, from)
  if (order === 0)
    throw new RefusedError('VERSION_SAME', `${to} is the current release already.`, {
      hint: 'tradebotctl repair PACKAGE puts missing and changed files of it back.',
    })
  if (order < 0 && !input.allowDowngrade)
    throw new RefusedError('VERSION_DOWNGRADE', `${to} is older than the current release, ${from}.`, {
      hint: `Go back with tradebotctl rollback if ${to} is still there; else say --allow-downgrade.`,
    })
  const tree = releaseFolders(work.root, from).release
  if (!existsSync(path.join(tree, 'manifest.json')))
    work.context.note(`${tree} has no manifest: every file counts as new.`)
  return { from, plan: planBetween(manifestOf(tree), checked.manifest) }
}

function resultOf(checked: CheckedPackage, from: string, plan: Plan): UpdateResult {
  const { release } = checked.manifest
  return {
    ...{ from, to: release, dryRun: false, signedBy: checked.keyId, plan, completed: false },
    ...{ backup: null, migrations: [], restarted: false, removedReleases: [] },
  }
}

/** The same command again after it was killed late: all that was missing has been done. */
function completed(checked: CheckedPackage, { journal, removed }: Recovery & { outcome: 'finished' }): Done {
  const plan: Plan = {
    add: [],
    change: [],
    remove: [],
    keep: checked.manifest.files.map(({ path: file }) => file),
  }
  const from = journal.from ?? journal.to
  const result = {
    ...resultOf(checked, from, plan),
    completed: true,
    restarted: journal.running,
    removedReleases: removed,
  }
  return {
    exitCode: 0,
    result,
    text: `${journal.to} is the current release: the update that was interrupted is complete.`,
  }
}

function outcomeOf({ context }: Work, result: UpdateResult): Done {
  const { from, to, backup, migrations, restarted, removedReleases } = result
  const lines = [
    context.paint.good(`Updated ${from} → ${to}.`),
    restarted
      ? `TradeBot ${to} runs and is healthy.`
      : 'TradeBot did not run, and was not started: tradebotctl run.',
    ...(backup === null ? [] : [`The database was backed up to ${backup}.`]),
    ...(migrations.length === 0 ? [] : [`Migrations applied: ${migrations.join(', ')}.`]),
    ...(removedReleases.length === 0 ? [] : [`Older releases removed: ${removedReleases.join(', ')}.`]),
    `tradebotctl rollback goes back to ${from}.`,
  ]
  return { exitCode: 0, result, text: lines.join('\n') }
}
