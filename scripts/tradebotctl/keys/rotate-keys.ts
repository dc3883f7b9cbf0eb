import { masterKeyFingerprint } from '#trading/config/secrets.ts'
import { readMasterKeyState } from '#trading/store/master-key.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { RotateInput, RotateResult } from '../commands/keys-rotate.ts'
import { hasDatabase, withDatabase, type OpenedDatabase } from '../database/open-database.ts'
import { settingsOf } from '../place/settings.ts'
import type { Context } from '../frame/context.ts'
import { asKnown, CouldNotError, InterruptedError, RefusedError, UsageError } from '../frame/errors.ts'
import { confirm } from '../frame/secrets.ts'
import {
  chooseKeys,
  keysInFolder,
  keysOfVariable,
  notHere,
  type Choice,
  type KeySource,
} from './key-source.ts'
import { holdSupervisor, refuseWhileInUse } from './refuse-while-running.ts'
import {
  lookAtSecrets,
  makeFinal,
  moveSecrets,
  nameOf,
  noteBegin,
  refuseUnreadable,
  takeBack,
} from './rotation.ts'
import type { KeyPair, Tally, Unreadable } from './re-encrypt.ts'
import { rotationText } from './rotation-text.ts'

type Ended = { exitCode: 0; result: RotateResult; text: string }

/** `keys rotate`: every secret under a new master key; goes on where a killed run stopped. */
export async function runKeysRotate(input: RotateInput, context: Context): Promise<Ended> {
  if (input.newKeyFile !== undefined && input.generateTo !== undefined)
    throw new UsageError('--new-key-file and --generate-to exclude each other.')
  const settings = settingsOf(context)
  // Without a database there is nothing to hold, and withDatabase says so.
  const lock = hasDatabase(settings) ? holdSupervisor(settings.dataDir) : undefined
  try {
    return await withDatabase(context, async (database) => {
      await refuseWhileInUse(database.pool, settings)
      const source =
        settings.masterKey === undefined
          ? keysInFolder(settings.dataDir, input)
          : await keysOfVariable(context, settings.masterKey, input)
      return alone(database.pool, () => rotate(database, source, input, context))
    })
  } finally {
    lock?.release()
  }
}

async function rotate(
  { pool, settings }: OpenedDatabase,
  source: KeySource,
  input: RotateInput,
  context: Context,
): Promise<Ended> {
  const state = await readMasterKeyState(pool)
  const choice = await settle(pool, chooseKeys(source, state))
  if (choice.stage === 'PUT_IN_USE') {
    const tally = await lookAtSecrets(pool, choice)
    source.putInUse(choice.from, choice.to)
    return ended('FINISHED', choice, tally, source)
  }
  if (choice.stage === 'BEGIN' && input.resume && state.rotation?.finishedAt !== null) {
    const tally = await lookAtSecrets(pool, { from: choice.from, to: choice.from })
    return ended('NOTHING', { from: choice.from, to: choice.from }, tally, source)
  }
  const before = await lookAtSecrets(pool, {
    from: choice.from,
    to: choice.stage === 'BEGIN' ? choice.from : choice.to,
  })
  if (!input.leaveUnreadable) refuseUnreadable(before.unreadable, [])
  const total = before.rotated + before.already + before.unreadable.length
  const keys =
    choice.stage === 'RESUME' ? choice : await begin(pool, choice.from, source, total, input, context)
  const tally = await change(pool, keys, before, settings, context).catch(async (error: unknown) => {
    throw await afterFailure(error, pool, keys, source, context)
  })
  // From here on there is no way back: what fails now, the next run does.
  source.putInUse(keys.from, keys.to)
  return ended(choice.stage === 'RESUME' ? 'FINISHED' : 'ROTATED', keys, tally, source)
}

async function change(
  pool: Pool,
  keys: KeyPair,
  before: Tally,
  settings: OpenedDatabase['settings'],
  context: Context,
): Promise<Tally> {
  const total = before.rotated + before.already + before.unreadable.length
  const moved = await moveSecrets(pool, keys, context.signal, (done) =>
    context.progress.show('Re-encrypting', done, total),
  )
  const last = await makeFinal(pool, keys, before.unreadable, (tx) => refuseWhileInUse(tx, settings))
  return { ...last, rotated: moved.rotated + last.rotated, already: moved.already }
}

/** A change whose new key is gone can be begun anew as long as nothing is under that key. */
async function settle(pool: Pool, choice: Choice): Promise<Exclude<Choice, { stage: 'LOST' }>> {
  if (choice.stage !== 'LOST') return choice
  const { from, to } = choice
  const tally = await lookAtSecrets(pool, { from, to: from })
  if (tally.unreadable.length > 0) throw notHere('new', to)
  return { stage: 'BEGIN', from }
}

async function begin(
  pool: Pool,
  from: Buffer,
  source: KeySource,
  total: number,
  input: RotateInput,
  context: Context,
): Promise<KeyPair> {
  const question = `This puts ${total} ${total === 1 ? 'secret' : 'secrets'} under a new master key; TradeBot stays stopped meanwhile. Go on?`
  if (!(await confirm(context, input.yes, question))) throw new InterruptedError()
  context.signal.throwIfAborted()
  const keys = { from, to: source.makeNew() }
  await noteBegin(pool, keys)
  return keys
}

/** Asked to stop, or not allowed to finish: back to the old key. Anything else is gone on with by the next run. */
async function afterFailure(
  error: unknown,
  pool: Pool,
  keys: KeyPair,
  source: KeySource,
  context: Context,
): Promise<unknown> {
  const known = asKnown(error)
  try {
    if (known instanceof InterruptedError || known instanceof RefusedError) {
      context.progress.clear()
      context.note('Putting every secret back under the old master key …')
      await takeBack(pool, keys)
      source.forgetNew()
      return error
    }
  } catch (undoing) {
    return stopped(undoing)
  }
  return stopped(error)
}

function stopped(cause: unknown): CouldNotError {
  const words = cause instanceof Error ? cause.message : String(cause)
  return new CouldNotError('ROTATION_STOPPED', `The change of the master key stopped half-way: ${words}`, {
    cause,
    hint: 'No secret is lost, and TradeBot does not start until it is finished: run tradebotctl keys rotate again.',
  })
}

function ended(state: RotateResult['state'], keys: KeyPair, tally: Tally, source: KeySource): Ended {
  const { oldKey, newKey, next } = source.says(keys.from)
  const changed = state !== 'NOTHING'
  const result: RotateResult = {
    state,
    rotated: tally.rotated,
    already: tally.already,
    unreadable: tally.unreadable.map((secret: Unreadable) => ({ ...secret, says: nameOf(secret) })),
    oldFingerprint: masterKeyFingerprint(keys.from),
    newFingerprint: masterKeyFingerprint(keys.to),
    oldKey: changed ? oldKey : null,
    newKey: changed ? newKey : null,
    next: changed ? next : null,
  }
  return { exitCode: 0, result, text: rotationText(result) }
}

/** One rotation at a time over a database, from whatever machine. The lock goes with the session, however the process ends. */
async function alone<T>(pool: Pool, work: () => Promise<T>): Promise<T> {
  const holder = await pool.connect()
  let broken: Error | undefined
  holder.on('error', (error) => (broken = error)) // The work's own queries fail as well, and say so.
  try {
    await holder.query('SELECT pg_advisory_lock($1)', [LOCK]).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === '55P03')) throw error
      throw new RefusedError('ROTATION_RUNNING', 'Another keys rotate is at work on this database.', {
        cause: error,
        hint: 'Wait for it to end.',
      })
    })
    return await work()
  } finally {
    // Not back into the pool: the lock is the session's.
    holder.release(broken ?? true)
  }
}

/** "TBky" in ASCII. */
const LOCK = 0x54426b79
