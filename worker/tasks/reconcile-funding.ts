import type { VenueFunding } from '#trading/domain/exchange.ts'
import { lockBot } from '#trading/store/bots.ts'
import { bookFunding } from '#trading/store/funding.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { type FundedBot, fundedBot } from '#trading/store/reconcile-funding.ts'
import type { Mark } from '#trading/store/reconcile-books.ts'
import type { Case } from './reconcile-round.ts'

/**
 * Books what the venue paid or charged for holding a perpetual, each payment once, to the bot that held it. What was paid while no bot of ours
 * held anything is a person's own.
 */
export async function bookFundings(
  { deps, key, account }: Pick<Case, 'deps' | 'key' | 'account'>,
  symbol: string,
  mark: Mark,
): Promise<void> {
  const bot = await fundedBot(deps.pool, key.id, symbol, mark.now)
  if (bot === null) return
  for (const payment of await account.fetchFunding(symbol, bot.since)) {
    if (!wasHeld(bot, payment)) continue
    await inTransaction(deps.pool, async (tx) =>
      bookFunding(tx, await lockBot(tx, bot.id, { deletedToo: true }), {
        venueId: payment.id,
        account: key.id,
        amount: payment.amount,
        currency: payment.currency,
        paidAt: payment.at,
        ...(payment.liquidationFee === true && { liquidationFee: true as const }),
      }),
    )
  }
}

/** Our clock and the venue's differ a little, and a fill is booked a little after it happened. */
const SLACK_MS = 60_000

function wasHeld({ held }: FundedBot, { at }: VenueFunding): boolean {
  return held.some(
    ({ from, until }) =>
      at.getTime() >= from.getTime() - SLACK_MS &&
      (until === null || at.getTime() <= until.getTime() + SLACK_MS),
  )
}
