import { rmSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { parseJson, readIfThere } from '#trading/config/read-file.ts'
import { syncFolder, writeAtomically } from '../files/write-atomically.ts'
import { CouldNotError } from '../frame/errors.ts'
import { LAYOUT } from '../place/layout.ts'
import { isRelease } from '../tree/release.ts'

/**
 * What is being done to an installation, on disk before it is done. Which release runs is told by `current` alone, and `current` changes by
 * one rename: so whatever moment a process is killed at, the old release or the new one is there whole, and the journal says what is still
 * to be done. recover.ts does it, and may itself be killed and come again.
 *
 * - `staging`: a release is being made in `<version>.partial`; nothing else was touched but the database, whose new columns and tables the old
 *   release does not mind. To recover: remove the partial folder.
 * - `switching`: the staged release is proven; it gets its name, and `current` is led to it. To recover: when `current` still leads to the old
 *   one, undo; when it leads to the new one, finish as if not killed: restart if TradeBot ran, see that it is healthy, go back if not.
 * - `returning`: the new release did not prove healthy. To recover: lead `current` back, restart the old one, remove the new one.
 * - `confirmed`: the new release is the one. To recover: remove what is not needed any more.
 * - `repairing`: files of a release are replaced one by one, each by a rename; half of it is no worse than before. To recover: remove what lies
 *   beside the release; repair goes on when it is run again.
 */
export type Journal = z.infer<typeof journalSchema>

const version = z.string().refine(isRelease)

const journalSchema = z.strictObject({
  format: z.literal(1),
  kind: z.enum(['install', 'update', 'rollback', 'repair']),
  phase: z.enum(['staging', 'switching', 'returning', 'confirmed', 'repairing']),
  /** The release before; null when there was none. */
  from: version.nullable(),
  to: version,
  /** A release of the name `to` was there before and has been made anew; until the end the old copy stands beside it. */
  replaces: z.boolean(),
  /** TradeBot ran when it began, so it is restarted. */
  running: z.boolean(),
  /** How many releases stay. */
  keep: z.number().int().min(1),
  startedAt: z.iso.datetime(),
})

/** @throws CouldNotError when it is there and cannot be read: it is only ever replaced whole, so that was not us */
export function readJournal(root: string): Journal | undefined {
  const file = path.join(root, LAYOUT.journal)
  const text = readIfThere(file)
  if (text === undefined) return undefined
  const journal = journalSchema.safeParse(parseJson(text))
  if (journal.success) return journal.data
  throw new CouldNotError(
    'JOURNAL_UNREADABLE',
    `${file} is not the journal of an update as TradeBot writes it.`,
    {
      cause: journal.error,
      hint: `See with tradebotctl verify whether the release that current leads to is whole; if so, move ${file} away.`,
    },
  )
}

export function writeJournal(root: string, journal: Journal): void {
  writeAtomically(path.join(root, LAYOUT.journal), `${JSON.stringify(journal, null, 2)}\n`, 0o600)
}

/** The work is done, or undone. */
export function removeJournal(root: string): void {
  rmSync(path.join(root, LAYOUT.journal), { force: true })
  syncFolder(root)
}
