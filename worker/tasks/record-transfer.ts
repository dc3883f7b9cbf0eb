import { assertNever } from '#trading/domain/assert-never.ts'
import type { RefusalCode, TransferResult } from '#trading/domain/exchange.ts'
import { keyMayNot, type Transfer } from '#trading/domain/transfer.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { markTransfer } from '#trading/store/transfers.ts'
import type { WorkerDeps } from '../deps.ts'
import { bookMoved, endTransfer, lockTransferContext } from './transfer-context.ts'

/** One transaction records what came of sending: an answer is evidence, a proven refusal ends the transfer, anything else is UNKNOWN. */
export async function recordTransfer(
  deps: Pick<WorkerDeps, 'pool'>,
  seen: Transfer,
  result: TransferResult,
): Promise<string> {
  return inTransaction(deps.pool, async (tx) => {
    const context = await lockTransferContext(tx, seen)
    const { transfer } = context
    switch (result.kind) {
      case 'ACCEPTED':
        return bookMoved(tx, context, result.transferId)
      case 'REFUSED': {
        if (transfer.status !== 'SUBMITTING' && transfer.status !== 'UNKNOWN') return 'Settled meanwhile'
        const { code, message } = result
        await endTransfer(tx, context, {
          status: code === 'NOT_SENT' ? 'NOT_PLACED' : 'REFUSED',
          code,
          message,
          advice: adviceFor(transfer, code),
        })
        return `${code === 'NOT_SENT' ? 'Not sent' : 'Refused'} (${code})`
      }
      case 'UNKNOWN':
        // settle_transfer may have found it meanwhile: evidence wins.
        if (transfer.status !== 'SUBMITTING') return 'Settled meanwhile'
        await markTransfer(tx, transfer.id, {
          status: 'UNKNOWN',
          code: 'OUTCOME_UNKNOWN',
          message: `${result.message} It is being looked up in the history of ${transfer.exchange}.`,
          settleInMs: 0,
        })
        return 'Unknown'
      default:
        return assertNever(result)
    }
  })
}

function adviceFor({ purpose, exchange, from, currency }: Transfer, code: RefusalCode): string {
  if (code === 'KEY_REFUSED') return keyMayNot(exchange)
  if (code === 'BALANCE_INSUFFICIENT' && purpose === 'ENTRY')
    return `Put ${currency} into the ${from} wallet, or lower transferAmount.`
  return purpose === 'ENTRY'
    ? 'Nothing was moved; the next entry that lacks margin tries again.'
    : 'Nothing was moved; it is looked at again at the next end of a day.'
}
