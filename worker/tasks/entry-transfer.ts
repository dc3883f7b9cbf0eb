import type { Decision, Funds } from '#trading/domain/capital.ts'
import type { Wallet } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { plain } from '#trading/domain/money.ts'
import { isInFlight, keyMayNot, planEntryTransfer } from '#trading/domain/transfer.ts'
import { venueFacts } from '#trading/domain/venues.ts'
import { enqueue } from '#trading/jobs/enqueue.ts'
import { readKeyCheck } from '#trading/store/api-keys.ts'
import { writeEvents } from '#trading/store/events.ts'
import type { Tx } from '#trading/store/pool.ts'
import { insertEntryTransfer, transferOfOrder } from '#trading/store/transfers.ts'
import type { OrderContext } from './order-context.ts'

type Short = Exclude<Decision, { kind: 'RESERVE' }>

/**
 * A LIVE FUTURES entry is short of margin: where the bot transfers by itself, asks for the entry's one transfer (intent and job in the claim's
 * own transaction) and lets the entry wait for it. `decide`: the capital ledger's rule for this order, impatient. An entry that grows too old
 * meanwhile is refused for want of money, and the money stays for the next.
 */
export async function coverByTransfer(
  tx: Tx,
  { order, locked: { bot } }: OrderContext,
  market: Market,
  lack: { wallet: Wallet; funds: Funds; patient: boolean; short: Short; decide(funds: Funds): Decision },
): Promise<Short> {
  const { wallet, funds, patient, short, decide } = lack
  const { transferAmount, autoTransferFunds } = bot
  if (order.mode !== 'LIVE' || market.type !== 'FUTURES' || wallet !== 'FUTURES' || order.apiKeyId === null)
    return short
  const why = short.kind === 'WAIT' ? short.message : short.denial.message
  const existing = await transferOfOrder(tx, order.id)
  if (existing !== null) {
    const what = `Transfer ${existing.id} of ${plain(existing.amount)} ${existing.currency} from SPOT`
    if (isInFlight(existing.status)) return { kind: 'WAIT', message: `${why} ${what} is under way.` }
    // The balance at hand may have been read before it arrived.
    if (existing.status === 'DONE') return { kind: 'WAIT', message: `${why} ${what} was made.` }
    return deny(`${why} ${what} was not made: ${existing.errorMessage ?? existing.status}`)
  }
  if (!autoTransferFunds || transferAmount === null || !venueFacts(order.exchange).transfers) return short
  const plan = planEntryTransfer(transferAmount, funds, patient, decide)
  if (plan.kind === 'PATIENCE') return short
  const amount = `${plain(plan.amount)} ${market.quote}`
  if (plan.kind === 'TOO_SMALL')
    return short.kind === 'WAIT'
      ? short
      : deny(
          `${why} A transfer of transferAmount (${amount}) would not cover it: raise transferAmount, or lower the position size.`,
        )
  const key = await readKeyCheck(tx, order.apiKeyId)
  if (key?.canTransfer === false) return deny(`${why} ${keyMayNot(order.exchange)}`)
  const transferId = await insertEntryTransfer(tx, order, order.apiKeyId, plan.amount, market.quote)
  if (transferId === null)
    return { kind: 'WAIT', message: `${why} Another transfer with this key is under way.` }
  await enqueue(tx, 'execute_transfer', { transferId }, ['entry'])
  await writeEvents(tx, { userId: order.userId, label: 'worker' }, [
    {
      botId: order.botId,
      type: 'TRANSFER_INTENDED',
      message: `Transfer ${transferId} of ${amount} from SPOT to FUTURES intended for ENTRY order ${order.id}, which lacks margin: ${why}`,
    },
  ])
  return { kind: 'WAIT', message: `${why} Transfer ${transferId} of ${amount} from SPOT is under way.` }
}

function deny(message: string): Short {
  return { kind: 'DENY', denial: { code: 'BALANCE_INSUFFICIENT', message } }
}
