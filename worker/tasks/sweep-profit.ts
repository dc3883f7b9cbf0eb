import { NotFoundError } from '#trading/domain/errors.ts'
import { plain } from '#trading/domain/money.ts'
import { profitToSweep } from '#trading/domain/transfer.ts'
import { enqueue } from '#trading/jobs/enqueue.ts'
import { lockBot } from '#trading/store/bots.ts'
import { writeEvents } from '#trading/store/events.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { readSweepFacts } from '#trading/store/sweeps.ts'
import { insertSweep } from '#trading/store/transfers.ts'
import type { TaskHandler } from '../deps.ts'
import { hintSoon } from '../hints.ts'

/**
 * The end of a day: intends to move profit above start capital back to SPOT, once for each day (unique by bot and day). What the wallet can
 * spare is asked when it is sent; what could not leave is part of the next day's.
 */
export const sweepProfit: TaskHandler<'sweep_profit'> = async ({ botId }, deps) => {
  try {
    const done = await inTransaction(deps.pool, (tx) => intendSweep(tx, botId))
    if (done.userId !== null) hintSoon(deps, done.userId)
    return done.outcome
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error
    return 'Skipped (deleted)'
  }
}

async function intendSweep(tx: Tx, botId: string): Promise<{ outcome: string; userId: string | null }> {
  const skipped = (why: string) => ({ outcome: `Skipped (${why})`, userId: null })
  const locked = await lockBot(tx, botId, {})
  const { bot } = locked
  const transfers = bot.autoTransferFunds && bot.mode === 'LIVE' && bot.positionType === 'FUTURES'
  if (!transfers || bot.apiKeyId === null) return skipped('does not transfer')
  // A perpetual's symbol names what it is settled in: "BTC/USDT:USDT".
  const currency = bot.symbol.split(':')[1]
  if (currency === undefined) return skipped('no perpetual')
  const { day, ...facts } = await readSweepFacts(tx, locked)
  const amount = profitToSweep({ ...facts, available: null })
  if (amount.isZero()) return skipped('no profit')
  const transferId = await insertSweep(tx, bot, bot.apiKeyId, day, amount, currency)
  if (transferId === null) return skipped('another transfer is in flight, or the day has its own')
  await enqueue(tx, 'execute_transfer', { transferId }, ['entry'])
  await writeEvents(tx, { userId: bot.userId, label: 'worker' }, [
    {
      botId,
      type: 'TRANSFER_INTENDED',
      message: `Transfer ${transferId} of up to ${plain(amount)} ${currency} from FUTURES to SPOT intended: profit above start capital at the end of ${day}.`,
    },
  ])
  return { outcome: 'Intended', userId: bot.userId }
}
