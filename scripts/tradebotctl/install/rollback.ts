import type { RollbackInput, RollbackResult } from '../commands/rollback.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { compareReleases } from '../tree/release.ts'
import { checkRelease } from './check-release.ts'
import { isFolder, refuseLinkedFolders, releaseFolders } from './folders.ts'
import { writeJournal, type Journal } from './journal.ts'
import { underLock } from './lock.ts'
import { readMarker } from './marker.ts'
import { manifestOf } from './plan.ts'
import { prove, recover, type Recovery } from './recover.ts'
import { recoverFrom } from './recover-from.ts'
import { refuseReturned, sayRecovery } from './say-recovery.ts'
import { serviceState } from './service.ts'
import { currentVersion, switchTo } from './switch.ts'
import { installationHere, installationOf, type Work } from './work.ts'

type Done = { exitCode: 0; result: RollbackResult; text: string }

/** The release before, or a named one that is still here, becomes the current one. The database keeps its newer schema. */
export async function runRollback(input: RollbackInput, context: Context): Promise<Done> {
  const { root } = installationHere(context, 'rollback')
  refuseLinkedFolders(root)
  if (input.dryRun) {
    const work = { root, context }
    const { from, to } = await prepare(work, input)
    const result = { from, to, dryRun: true, restarted: false }
    return {
      exitCode: 0,
      result,
      text: `${to} is whole and would take the place of ${from}. Nothing was changed.`,
    }
  }
  return underLock(root, () => rollback({ root, context }, input))
}

async function rollback(work: Work, input: RollbackInput): Promise<Done> {
  const { root, context } = work
  sayRecovery(work, await recover(work))
  const { from, to } = await prepare(work, input)
  context.signal.throwIfAborted()
  const journal: Journal = {
    ...{ format: 1, kind: 'rollback', phase: 'switching', from, to, replaces: false },
    running: serviceState(installationOf(work)).by !== 'nobody',
    ...{ keep: 2, startedAt: new Date().toISOString() },
  }
  let ended: Recovery
  try {
    writeJournal(root, journal)
    switchTo(root, to)
    ended = await prove(work, journal)
  } catch (error) {
    ended = await recoverFrom(work, error)
  }
  refuseReturned(ended)
  const result = { from, to, dryRun: false, restarted: journal.running }
  const runs = journal.running
    ? `TradeBot ${to} runs and is healthy.`
    : 'TradeBot did not run, and was not started: tradebotctl run.'
  const text = [
    context.paint.good(`${from} → ${to}.`),
    runs,
    ...(compareReleases(to, from) < 0 ? [`The database keeps what ${from} has added to it.`] : []),
  ]
  return { exitCode: 0, result, text: text.join('\n') }
}

async function prepare(work: Work, input: RollbackInput): Promise<{ from: string; to: string }> {
  const from = currentVersion(work.root)
  if (from === undefined)
    throw new CouldNotError('CURRENT_MISSING', 'There is no current release to go back from.', {
      hint: 'tradebotctl repair with the package of the release that was current puts the link back.',
    })
  const to = input.to ?? readMarker(work.root).previous
  if (to === null)
    throw new CouldNotError(
      'PREVIOUS_NONE',
      `${from} is the first release here; there is none to go back to.`,
    )
  if (to === from) throw new RefusedError('VERSION_SAME', `${to} is the current release already.`)
  const { release } = releaseFolders(work.root, to)
  if (!isFolder(release))
    throw new CouldNotError('RELEASE_MISSING', `${to} is not here any more.`, {
      hint: `Install it again: tradebotctl update PACKAGE --allow-downgrade.`,
    })
  const manifest = manifestOf(release)
  if (manifest === undefined)
    throw new RefusedError('RELEASE_DAMAGED', `The manifest of ${to} is missing or damaged.`, {
      hint: `Mend it with tradebotctl repair and the package of ${to}.`,
    })
  work.context.note(`Verifying ${to} …`)
  await checkRelease(work, release, manifest, { unproven: false })
  return { from, to }
}
