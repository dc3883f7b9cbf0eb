import type { BotState } from '../domain/bot.ts'
import type { DenialCode } from '../domain/denials.ts'
import type { Order } from '../domain/order.ts'
import { saveState } from './bots.ts'
import { markOrder } from './orders.ts'
import type { Tx } from './pool.ts'

const SHORT: DenialCode = 'BALANCE_INSUFFICIENT'

/**
 * An entry that grew too old while its transfer was under way was refused with that sentence, which the bot's notice repeats: once the transfer
 * has ended, both are told `message`, how it ended. A notice of something else since then stays. Bot and order are locked by the caller.
 */
export async function retellShortage(
  tx: Tx,
  { order, state }: { order: Order; state: BotState },
  message: string,
): Promise<void> {
  if (order.status !== 'NOT_PLACED' || order.submittedAt !== null) return
  const { rows } = await tx.query<{ told: string | null }>(
    `SELECT error_message AS told FROM orders WHERE id = $1 AND error_code = $2`,
    [order.id, SHORT],
  )
  const told = rows[0]?.told ?? null
  if (told === null) return
  await markOrder(tx, order.id, { status: order.status, code: SHORT, message, settleInMs: null })
  if (state.notice !== SHORT || state.noticeMessage !== told) return
  state.noticeMessage = message
  await saveState(tx, state)
}
