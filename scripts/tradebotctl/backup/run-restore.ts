import path from 'node:path'
import { runMigrations } from 'graphile-worker'
import { EnvError } from '#trading/config/env-error.ts'
import { loadDatabaseUrl, loadSettings } from '#trading/config/env.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, InterruptedError, RefusedError } from '../frame/errors.ts'
import { confirm } from '../frame/secrets.ts'
import { holdSupervisor } from '../keys/refuse-while-running.ts'
import { environmentOf } from '../place/environment.ts'
import { loadBackup } from './load.ts'
import { withBackup } from './read-backup.ts'
import { finishKey, type KeyStep, planKey } from './restore-key.ts'
import type { RestoreResult } from './result-shape.ts'
import { openTarget, type Target } from './target.ts'
import { unlockFor } from './unlock.ts'

export type RestoreInput = {
  file: string
  passphraseFile?: string | undefined
  masterKeyOut?: string | undefined
  replace?: boolean | undefined
  yes?: boolean | undefined
}

/** `tradebotctl restore`: the books and the master key of a backup, into an empty database or, with --replace, beside the old one. */
export async function runRestore(
  input: RestoreInput,
  context: Context,
): Promise<{ exitCode: 0; result: RestoreResult; text: string }> {
  const settings = settingsFor(context)
  const lock = holdSupervisor(settings.dataDir)
  try {
    const result = await restore(input, context, settings)
    return { exitCode: 0, result, text: textOf(result) }
  } catch (error) {
    // What was under way broke off because it was told to.
    if (context.signal.aborted) throw new InterruptedError()
    throw error
  } finally {
    lock.release()
  }
}

type RestoreSettings = ReturnType<typeof settingsFor>

async function restore(
  input: RestoreInput,
  context: Context,
  settings: RestoreSettings,
): Promise<RestoreResult> {
  const { dataDir, timing, masterKey, databaseUrl } = settings
  const file = path.resolve(input.file)
  let target: Target | undefined
  let key: KeyStep | undefined
  let settled = false
  try {
    return await withBackup(file, async (backup) => {
      const unlock = await unlockFor(context, backup.envelope, settings, input.passphraseFile)
      const loaded = await loadBackup({
        backup,
        unlock,
        timing,
        signal: context.signal,
        onProgress: context.progress.show,
        open: async (manifest) => {
          target = await openTarget({
            databaseUrl,
            dataDir,
            timing,
            signal: context.signal,
            onOpened: (fingerprint) => {
              if (finishKey(dataDir, fingerprint))
                context.note('The master key of a restore that was killed has been put into place.')
              key = planKey(manifest, {
                dataDir,
                fromEnvironment: masterKey,
                elsewhere: databaseUrl !== undefined,
                out: input.masterKeyOut === undefined ? undefined : path.resolve(input.masterKeyOut),
                replace: input.replace === true,
              })
            },
            approveReplacing: (name) => approve(input, context, name, manifest.createdAt),
          })
          return target.session
        },
        beforeCommit: () => key?.prepare(),
      })
      if (target === undefined || key === undefined) throw new Error('a backup was loaded into no database')
      // The queue's own tables; should this be cut off, the next start makes them.
      await runMigrations({ connectionString: target.url })
      const previousDatabase = await target.takePlace()
      key.finish()
      settled = true
      if (context.signal.aborted)
        context.note('Ctrl-C came when the restored books were in place already: the restore was finished.')
      return {
        file,
        createdAt: loaded.manifest.createdAt,
        tradebotVersion: loaded.manifest.tradebotVersion,
        database: target.name,
        previousDatabase,
        tables: loaded.tables,
        rows: loaded.rows,
        migrated: loaded.migrated,
        ...key.told,
        usersHalted: loaded.usersHalted,
        ordersToLookUp: loaded.ordersToLookUp,
        transfersToLookUp: loaded.transfersToLookUp,
        accountsToReconcile: loaded.accountsToReconcile,
        sessionsEnded: loaded.sessionsEnded,
        next: nextSteps(key.told, previousDatabase),
      }
    })
  } finally {
    if (!settled) key?.undo()
    await target?.close()
  }
}

async function approve(
  input: RestoreInput,
  context: Context,
  name: string,
  createdAt: string,
): Promise<void> {
  if (input.replace !== true)
    throw new RefusedError(
      'DATABASE_NOT_EMPTY',
      `The database "${name}" is not empty; nothing was changed.`,
      {
        hint: 'With --replace the backup takes its place, and the old database is kept under another name.',
      },
    )
  const question = `Put the books of ${createdAt} in the place of the database "${name}"? What happened since is missing in them.`
  if (await confirm(context, input.yes === true, question)) return
  throw new RefusedError('NOT_CONFIRMED', 'Nothing was changed.')
}

/** As the settings of TradeBot, but where TRADEBOT_MASTER_KEY is not set: it may be in the backup alone. */
function settingsFor(context: Context) {
  const place = context.place()
  const { env } = environmentOf(place.kind, place.root, context.env)
  try {
    const { DATABASE_URL: url, ...rest } = env
    return { ...loadSettings(rest), databaseUrl: url ? loadDatabaseUrl(env) : undefined }
  } catch (error) {
    if (error instanceof EnvError)
      throw new CouldNotError('SETTINGS_WRONG', error.problems.join('\n'), { cause: error })
    throw error
  }
}

function nextSteps(told: KeyStep['told'], previous: string | null): string[] {
  return [
    ...(told.masterKey === 'OUT' ? [`Set TRADEBOT_MASTER_KEY to what is in ${told.masterKeyFile}.`] : []),
    'Start TradeBot; it looks up what may have been sent, and compares the books with each account before it sends anything.',
    'See what differs: tradebotctl reconcile --plan',
    'Then let bots open positions again: tradebotctl resume-trading',
    ...(previous === null ? [] : [`When all is well, the old database can go: DROP DATABASE "${previous}".`]),
  ]
}

function textOf(result: RestoreResult): string {
  const { previousDatabase, migrated, masterKeyFile, retiredKeyFile } = result
  const key = {
    NONE: 'the backup has none',
    KEPT: 'the one here is the right one',
    WRITTEN: `written to ${masterKeyFile}`,
    REPLACED: `written to ${masterKeyFile}; the one that was there is ${retiredKeyFile}`,
    OUT: `written to ${masterKeyFile}`,
  }[result.masterKey]
  return [
    `Restored ${result.rows} rows of ${result.tables} tables into the database "${result.database}", as of ${result.createdAt}.`,
    ...(previousDatabase === null ? [] : [`  old database      kept as "${previousDatabase}"`]),
    ...(migrated.length === 0 ? [] : [`  migrated          ${migrated.join(', ')}`]),
    `  master key        ${key}`,
    `  trading           halted for every user (${result.usersHalted} were not before); bots keep their status`,
    `  orders            ${result.ordersToLookUp} are looked up at their exchange; none is sent again`,
    `  transfers         ${result.transfersToLookUp} likewise`,
    `  accounts          ${result.accountsToReconcile} are compared before anything is sent`,
    `  sign-ins          ${result.sessionsEnded} ended; API tokens stay as they were then`,
    'Next:',
    ...result.next.map((step, index) => `  ${index + 1}. ${step}`),
  ].join('\n')
}
