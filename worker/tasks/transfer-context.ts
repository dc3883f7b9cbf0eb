import { plain } from '#trading/domain/money.ts'
import type { Order } from '#trading/domain/order.ts'
import type { Transfer, TransferStatus } from '#trading/domain/transfer.ts'
import { enqueue } from '#trading/jobs/enqueue.ts'
import { lockBot, type LockedBot } from '#trading/store/bots.ts'
import { writeEvents } from '#trading/store/events.ts'
import { lockOrder } from '#trading/store/orders.ts'
import type { Tx } from '#trading/store/pool.ts'
import { retellShortage } from '#trading/store/retell-shortage.ts'
import { lockTransfer, lookAgainAlike, markMoved, markTransfer } from '#trading/store/transfers.ts'
import { deny } from './claim-order.ts'

export type TransferContext = { locked: LockedBot; order: Order | null; transfer: Transfer }

/**
 * Locks bot, then the entry that waits for it, then the transfer. `between` runs where account_balances stand in the order of locks. The bot may
 * have been deleted meanwhile: its transfers are settled all the same.
 */
export async function lockTransferContext(
  tx: Tx,
  seen: Transfer,
  between: (() => Promise<void>) | null = null,
): Promise<TransferContext> {
  const locked = await lockBot(tx, seen.botId, { deletedToo: true })
  const order = seen.orderId === null ? null : await lockOrder(tx, seen.orderId)
  await between?.()
  return { locked, order, transfer: await lockTransfer(tx, seen.id) }
}

/** "100 USDT from SPOT to FUTURES for ENTRY order 7" */
export function describeTransfer(transfer: Transfer): string {
  const { amount, currency, from, to, orderId, day } = transfer
  const what = orderId === null ? `as profit of ${day}` : `for ENTRY order ${orderId}`
  return `Transfer ${transfer.id} of ${plain(amount)} ${currency} from ${from} to ${to} ${what}`
}

/** The evidence shows that it was made, whatever was thought before: booked once, and the entry that waits is tried again at once. */
export async function bookMoved(
  tx: Tx,
  { transfer, order, locked }: TransferContext,
  exchangeTransferId: string,
): Promise<string> {
  if (transfer.status === 'DONE') {
    // The venue's answer came after its history had been read: its own number is the better one.
    if (transfer.exchangeTransferId !== exchangeTransferId)
      await markMoved(tx, transfer.id, exchangeTransferId)
    return 'Moved (known)'
  }
  await markMoved(tx, transfer.id, exchangeTransferId)
  await lookAgainAlike(tx, transfer)
  const waits = order !== null && order.status === 'INTENDED'
  if (waits) await enqueue(tx, 'execute_order', { orderId: order.id }, ['entry'])
  const late =
    transfer.status === 'NOT_PLACED' || transfer.status === 'REFUSED'
      ? ', though it was thought not to be made'
      : ''
  await tell(
    tx,
    transfer,
    'TRANSFER_DONE',
    `${describeTransfer(transfer)} was made${late} (number ${exchangeTransferId} at ${transfer.exchange}). It is no part of profit.${nowOf(order, transfer)}`,
  )
  if (order !== null)
    await retellShortage(
      tx,
      { order, state: locked.state },
      `Margin was short when ENTRY order ${order.id} was to go out. Transfer ${transfer.id} of ${plain(transfer.amount)} ${transfer.currency} came too late for it and stays in ${transfer.to} for the next.`,
    )
  return 'Moved'
}

/** What becomes of the entry that it was for. One that has gone out meanwhile found the money there: its own events tell of it. */
function nowOf(order: Order | null, { to }: Transfer): string {
  if (order?.status === 'INTENDED') return ' The entry is tried again.'
  if (order?.status !== 'NOT_PLACED') return ''
  return ` The entry is not sent any more: the money stays in ${to} for the next.`
}

export type TransferEnd = {
  status: Extract<TransferStatus, 'REFUSED' | 'NOT_PLACED'>
  code: string
  /** Why, as a sentence. */
  message: string
  /** What a person can do, or what happens next. */
  advice: string
  settleInMs?: number | null
  notFoundCount?: number
}

/** It ends without money moved, as far as can be known: told, and the entry that waits for it is refused for want of margin. */
export async function endTransfer(
  tx: Tx,
  { transfer, order, locked }: TransferContext,
  end: TransferEnd,
): Promise<void> {
  await markTransfer(tx, transfer.id, {
    status: end.status,
    code: end.code,
    message: end.message,
    settleInMs: end.settleInMs ?? null,
    ...(end.notFoundCount === undefined ? {} : { notFoundCount: end.notFoundCount }),
  })
  await lookAgainAlike(tx, transfer)
  const how = end.status === 'REFUSED' ? `was refused by ${transfer.exchange}` : 'was not made'
  await tell(
    tx,
    transfer,
    end.status === 'REFUSED' ? 'TRANSFER_REFUSED' : 'TRANSFER_NOT_PLACED',
    `${describeTransfer(transfer)} ${how} (${end.code}): ${end.message} ${end.advice}`.trim(),
  )
  if (order === null) return
  const message = `Margin is short, and transfer ${transfer.id} of ${plain(transfer.amount)} ${transfer.currency} ${how}: ${end.message}`
  if (order.status === 'INTENDED')
    await deny(tx, { order, locked }, { code: 'BALANCE_INSUFFICIENT', message })
  else await retellShortage(tx, { order, state: locked.state }, message)
}

export async function tell(tx: Tx, transfer: Transfer, type: string, message: string): Promise<void> {
  await writeEvents(tx, { userId: transfer.userId, label: 'worker' }, [
    { botId: transfer.botId, type, message },
  ])
}
