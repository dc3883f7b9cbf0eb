import type { Actor } from '../domain/actor.ts'
import { InvalidTransitionError, NotFoundError, ValidationError } from '../domain/errors.ts'
import { plain } from '../domain/money.ts'
import type { Transfer } from '../domain/transfer.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { lockBot } from './bots.ts'
import { writeEvents } from './events.ts'
import { lockOrder } from './orders.ts'
import type { Tx } from './pool.ts'
import { retellShortage } from './retell-shortage.ts'
import { loadTransfer, lockTransfer, lookAgainAlike, markTransfer } from './transfers.ts'

export type TransferResolution = {
  id: string
  outcome: 'PLACED' | 'NOT_PLACED'
  exchangeTransferId: string | null
}

const NOT_MADE = 'A person looked at the exchange and found it not made.'

/**
 * A person says what a transfer in UNKNOWN became. PLACED needs the venue's own number, by which the next look finds it in the venue's history:
 * nothing is booked that is not there. NOT_PLACED ends it; should it be found all the same, and nothing else that looks like it, the evidence
 * wins.
 * @throws NotFoundError, ValidationError, InvalidTransitionError
 */
export async function resolveTransfer(tx: Tx, actor: Actor, resolution: TransferResolution): Promise<void> {
  const found = /^\d{1,18}$/.test(resolution.id) ? await loadTransfer(tx, resolution.id) : null
  if (found === null || found.userId !== actor.userId) throw new NotFoundError('transfer')
  const { state } = await lockBot(tx, found.botId, { userId: actor.userId, deletedToo: true })
  const order = found.orderId === null ? null : await lockOrder(tx, found.orderId)
  const transfer = await lockTransfer(tx, found.id)
  if (transfer.status !== 'UNKNOWN')
    throw new InvalidTransitionError(
      state.status,
      'UPDATE',
      `Transfer ${transfer.id} is ${transfer.status}; only one in UNKNOWN can be resolved.`,
    )
  const number = resolution.exchangeTransferId?.trim() ?? ''
  if (resolution.outcome === 'PLACED') {
    if (number === '')
      throw refusal(
        "exchangeTransferId is needed for PLACED: it is the exchange's own number of the transfer.",
      )
    await refuseKnownNumber(tx, transfer, number)
    await markTransfer(tx, transfer.id, {
      status: 'UNKNOWN',
      exchangeTransferId: number,
      settleInMs: 0,
      notFoundCount: 0,
    })
    await enqueue(tx, 'settle_transfer', { transferId: transfer.id })
  } else {
    if (number !== '')
      throw refusal('exchangeTransferId goes with PLACED only: a transfer that has a number was made.')
    await markTransfer(tx, transfer.id, {
      status: 'NOT_PLACED',
      code: 'RESOLVED_BY_PERSON',
      message: NOT_MADE,
      settleInMs: 60_000,
    })
    await lookAgainAlike(tx, transfer)
    if (order !== null) {
      const what = `transfer ${transfer.id} of ${plain(transfer.amount)} ${transfer.currency}`
      await retellShortage(tx, { order, state }, `Margin is short, and ${what} was not made: ${NOT_MADE}`)
      // Should its entry still wait, it is told so there.
      await enqueue(tx, 'execute_order', { orderId: order.id }, ['entry'])
    }
  }
  const said = resolution.outcome === 'PLACED' ? `made as ${number}` : 'not made'
  await writeEvents(tx, actor, [
    {
      botId: transfer.botId,
      type: 'TRANSFER_RESOLVED',
      message: `A person answered: transfer ${transfer.id} was ${said}.`,
    },
  ])
}

function refusal(message: string): ValidationError {
  return new ValidationError([{ path: ['exchangeTransferId'], message }])
}

async function refuseKnownNumber(tx: Tx, transfer: Transfer, number: string): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `SELECT t.id FROM transfers t JOIN bot_configs b ON b.id = t.bot_id
     WHERE t.exchange_transfer_id = $2 AND b.exchange = $3 AND b.user_id = $4 AND t.id <> $1`,
    [transfer.id, number, transfer.exchange, transfer.userId],
  )
  if (rows[0] !== undefined)
    throw refusal(`exchangeTransferId ${number} belongs to another transfer in the books (${rows[0].id}).`)
}
