import { NotFoundError, ValidationError } from '#trading/domain/errors.ts'
import type { Credentials } from '#trading/domain/exchange.ts'
import {
  checkApiKey,
  discardApiKey,
  findApiKey,
  insertApiKey,
  type KeyCheck,
  type NewApiKey,
  overwriteApiKey,
  readKeyCheck,
} from '#trading/store/api-keys.ts'
import { enqueue } from '#trading/jobs/enqueue.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { askWorker, DataUnavailableError } from '#trading/store/wanted-data.ts'
import type { Services } from '../context.ts'

type Needs = Pick<Services, 'env' | 'pool'>

/**
 * Saves a key and has a worker ask the exchange what it may do. A key that the exchange refuses, or that may withdraw against the user's
 * wish, is taken back. With no worker alive it is kept unchecked, and the job waits for one. Answers the key's id.
 * @throws ValidationError
 */
export async function addApiKey(needs: Needs, userId: string, key: NewApiKey): Promise<string> {
  const issues = checkApiKey(key)
  if (!needs.env.exchanges.includes(key.exchange)) {
    issues.push({ path: ['exchange'], message: `The exchange "${key.exchange}" is not offered here.` })
  }
  if (issues.length > 0) throw new ValidationError(issues)
  const id = await inTransaction(needs.pool, (tx) => insertApiKey(tx, needs.env.masterKey, userId, key))
  await probe(needs, id, key.acceptWithdraw)
  return id
}

/**
 * Gives a key new credentials. They are tried first under a key of their own beside it, so that a typing error does not take the
 * bots' access away; only what the exchange accepts overwrites the old ones. With no worker alive they are overwritten unchecked.
 * @throws NotFoundError, ValidationError
 */
export async function replaceApiKey(
  needs: Needs,
  userId: string,
  id: string,
  credentials: Credentials,
): Promise<void> {
  const { pool, env } = needs
  const old = await findApiKey(pool, userId, id)
  if (old === null) throw new NotFoundError('API key')
  const issues = checkApiKey({ credentials })
  if (issues.length > 0) throw new ValidationError(issues)
  const label = `${old.label.slice(0, 60)} (new, being checked ${Date.now()})`
  const candidate = await inTransaction(pool, (tx) =>
    insertApiKey(tx, env.masterKey, userId, { ...old, label, credentials }),
  )
  let check: KeyCheck | null
  try {
    check = await probe(needs, candidate, old.acceptWithdraw)
  } finally {
    await inTransaction(pool, (tx) => discardApiKey(tx, candidate))
  }
  await inTransaction(pool, async (tx) => {
    await overwriteApiKey(tx, env.masterKey, userId, id, credentials, check ?? UNCHECKED)
    if (check?.checkedAt == null) await enqueue(tx, 'probe_key', { apiKeyId: id })
  })
}

const UNCHECKED: KeyCheck = {
  checkedAt: null,
  checkError: null,
  canTrade: null,
  canTransfer: null,
  canWithdraw: null,
}

/** What a worker found out within 10 s, or null; a refused key is discarded before this throws. */
async function probe({ pool, env }: Needs, id: string, acceptWithdraw: boolean): Promise<KeyCheck | null> {
  const isChecked = async () => (await readKeyCheck(pool, id))?.checkedAt != null
  try {
    await askWorker(pool, 'probe_key', { apiKeyId: id }, isChecked, { deadAfterMs: env.timing.deadAfterMs })
  } catch (error) {
    if (!(error instanceof DataUnavailableError)) throw error
    await enqueue(pool, 'probe_key', { apiKeyId: id })
  }
  const check = await readKeyCheck(pool, id)
  if (check === null || check.checkedAt === null) return check
  const refusal =
    check.checkError !== null
      ? { path: ['apiKey'], message: `The key could not be confirmed at the exchange: ${check.checkError}` }
      : check.canWithdraw === true && !acceptWithdraw
        ? {
            path: ['acceptWithdraw'],
            message:
              'The key may withdraw money, which TradeBot never needs: make one without that right, or set acceptWithdraw to true.',
          }
        : null
  if (refusal === null) return check
  await inTransaction(pool, (tx) => discardApiKey(tx, id))
  throw new ValidationError([refusal])
}
