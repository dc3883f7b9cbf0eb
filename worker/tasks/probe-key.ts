import { VenueError, type KeyRights, type VenueErrorKind } from '#trading/domain/exchange.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { readKey } from '../exchange/accounts.ts'

type Deps = Pick<WorkerDeps, 'pool' | 'venues' | 'logger' | 'env'>

/** Asks the exchange what a key may do, and writes it to the key's row; what went wrong is in `check_error`, for who asked. */
export const probeKey: TaskHandler<'probe_key', Deps> = async ({ apiKeyId }, deps) => {
  try {
    const key = await readKey(deps.pool, deps.env.masterKey, apiKeyId)
    const rights = await deps.venues.keyRights(key.exchange, key.credentials, apiKeyId)
    const problem = rights?.canTrade === false ? mayNotTrade(key.exchange) : null
    await record(deps, apiKeyId, key.version, rights, problem, false)
    return problem === null ? 'Checked' : 'Checked (may not trade)'
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    deps.logger.warn({ err: error, apiKeyId }, 'the rights of an API key could not be read')
    await record(deps, apiKeyId, null, null, withHint(error), PASSING.has(error.kind))
    return `Failed (${error.kind})`
  }
}

/** These say nothing of the key. */
const PASSING: ReadonlySet<VenueErrorKind> = new Set<VenueErrorKind>([
  'UNREACHABLE',
  'RATE_LIMITED',
  'UNREADABLE',
])

function mayNotTrade(exchange: string): string {
  return `The key may not trade: give it the right to trade (spot, or futures for futures bots) in the key's settings at ${exchange}, or make another key.`
}

/** Binance says the same of a wrong key and of a right one that is asked from an address which it is not allowed for. */
function withHint({ message }: VenueError): string {
  return message.includes('(-2015)')
    ? `${message} If the key is right, see in its settings at the exchange whether it is restricted to other IP addresses than this machine's.`
    : message
}

/** `version`: the credentials that were asked about; others may have been entered meanwhile. A failure leaves the rights as they were. */
async function record(
  deps: Deps,
  apiKeyId: string,
  version: string | null,
  rights: KeyRights | null,
  error: string | null,
  passes: boolean,
): Promise<void> {
  await deps.pool.query(
    `UPDATE api_keys SET
       can_trade = CASE WHEN $6 THEN $2 ELSE can_trade END,
       can_transfer = CASE WHEN $6 THEN $3 ELSE can_transfer END,
       can_withdraw = CASE WHEN $6 THEN $4 ELSE can_withdraw END,
       checked_at = tradebot_now(), check_error = $5, check_passes = $8
     WHERE id = $1 AND deleted_at IS NULL AND ($7::text IS NULL OR updated_at::text = $7)`,
    [
      apiKeyId,
      rights?.canTrade ?? null,
      rights?.canTransfer ?? null,
      rights?.canWithdraw ?? null,
      error,
      error === null || rights !== null,
      version,
      passes,
    ],
  )
}
