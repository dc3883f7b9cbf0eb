import { mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import type { CheckedPackage } from '../archive/open-package.ts'
import type { TrustedKey } from '../archive/keys.ts'
import { pinKey, readTrusted } from '../archive/trusted.ts'
import type { InstallInput, InstallResult } from '../commands/install.ts'
import { syncFolder, writeAtomically } from '../files/write-atomically.ts'
import type { Context } from '../frame/context.ts'
import { LAYOUT, PROGRAM } from '../place/layout.ts'
import { ENV_TEMPLATE } from './env-template.ts'
import { releaseFolders, statAt } from './folders.ts'
import { checkPrefix, refusePlaceFor } from './install-prefix.ts'
import { writeJournal, type Journal } from './journal.ts'
import { underLock } from './lock.ts'
import { writeMarker } from './marker.ts'
import { openForPlace } from './open-for-place.ts'
import { prove, recover, type Recovery } from './recover.ts'
import { recoverFrom } from './recover-from.ts'
import { sayRecovery } from './say-recovery.ts'
import { stage } from './stage.ts'
import { makeFolder, placeProgram, switchTo } from './switch.ts'
import { removeEmpty } from './undo-install.ts'
import type { Work } from './work.ts'

type Done = { exitCode: 0; result: InstallResult; text: string }

/** A new installation: all of it, or nothing. */
export async function runInstall(input: InstallInput, context: Context): Promise<Done> {
  const root = path.resolve(input.prefix)
  refusePlaceFor(root, context.env)
  const checked = await openForPlace(undefined, context, input)
  const isNew = statAt(root) === undefined
  let done = false
  try {
    mkdirSync(root, { recursive: true })
    const outcome = await underLock(root, () => install({ root, context }, checked, input))
    done = true
    return outcome
  } finally {
    await checked.close()
    if (isNew && !done) removeEmpty(root)
  }
}

async function install(work: Work, checked: CheckedPackage, input: InstallInput): Promise<Done> {
  const { root } = work
  const to = checked.manifest.release
  const keys = await readTrusted(undefined, input.trust)
  const trusted = keys.map(({ keyId }) => keyId).sort()
  const result = { root, version: to, signedBy: checked.keyId, trusted }
  const recovery = await recover(work)
  sayRecovery(work, recovery)
  if (recovery.outcome === 'finished' && recovery.journal.to === to)
    return outcomeOf(work, { ...result, completed: true })
  // Once more, now that nobody else is at it and what was left half done is gone.
  checkPrefix(root, recovery.outcome === 'undone')

  const journal: Journal = {
    ...{ format: 1, kind: 'install', phase: 'staging', from: null, to, replaces: false },
    ...{ running: false, keep: 2, startedAt: new Date().toISOString() },
  }
  try {
    writeJournal(root, journal)
    for (const folder of [LAYOUT.releases, LAYOUT.bin, LAYOUT.trusted])
      makeFolder(path.join(root, folder), 0o755)
    const { partial } = releaseFolders(root, to)
    await stage(work, checked, partial)
    await furnish(root, keys)
    await switchOver(work, { ...journal, phase: 'switching' })
  } catch (error) {
    await recoverFrom(work, error)
  }
  return outcomeOf(work, { ...result, completed: false })
}

/** What is there once and outlives every release. */
async function furnish(root: string, keys: readonly TrustedKey[]): Promise<void> {
  makeFolder(path.join(root, LAYOUT.data), 0o700)
  if (statAt(path.join(root, LAYOUT.env)) === undefined)
    writeAtomically(path.join(root, LAYOUT.env), ENV_TEMPLATE, 0o600)
  for (const key of keys) await pinKey(path.join(root, LAYOUT.trusted), key)
}

async function switchOver(work: Work, journal: Journal): Promise<Recovery> {
  const { root } = work
  const { release, partial } = releaseFolders(root, journal.to)
  writeJournal(root, journal)
  renameSync(partial, release)
  placeProgram(root, journal.to)
  writeMarker(root, { product: 'tradebot', format: 1, installedAt: new Date().toISOString(), previous: null })
  syncFolder(path.join(root, LAYOUT.releases))
  switchTo(root, journal.to)
  return prove(work, journal)
}

function outcomeOf({ context }: Work, result: InstallResult): Done {
  const { root, version, trusted, completed } = result
  const program = path.join(root, LAYOUT.bin, PROGRAM.link)
  const lines = [
    context.paint.good(`TradeBot ${version} is installed in ${root}.`),
    ...(completed ? ['It had been interrupted, and is complete now.'] : []),
    trusted.length === 0
      ? `No key is trusted: an update must be told to take its package. Pin one: ${program} trust add FILE.pub`
      : `Updates are accepted from ${trusted.length === 1 ? 'the key' : 'the keys'} ${trusted.join(', ')}.`,
    `Settings: ${path.join(root, LAYOUT.env)}`,
    `Start it: ${program} run`,
  ]
  return { exitCode: 0, result, text: lines.join('\n') }
}
