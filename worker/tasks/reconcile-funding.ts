import type { VenueFunding } from '#trading/domain/exchange.ts'
import { lockBot } from '#trading/store/bots.ts'
import { bookFunding } from '#trading/store/funding.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { type FundedBot, fundedBots, knownFundings, noteFunded } from '#trading/store/reconcile-funding.ts'
import type { Mark } from '#trading/store/reconcile-books.ts'
import type { Case } from './reconcile-judge.ts'

type Part = Pick<Case, 'deps' | 'key' | 'account' | 'look'>

/**
 * Books what the venue paid or charged for holding a perpetual, each payment once, to the bot that held it. What was paid while no bot of ours
 * held anything is a person's own.
 */
export async function bookFundings(
  { deps, key, account, look }: Part,
  symbol: string,
  mark: Mark,
): Promise<void> {
  // A payment counts once: of a bot that has just left and its successor it is the former's.
  for (const bot of await fundedBots(deps.pool, key.id, symbol, mark.now)) {
    if (look.by === 'ROUTINE' && !isDue(bot, mark.now)) continue
    for (const payment of await paymentsOf(account, symbol, bot)) {
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
    await noteFunded(deps.pool, bot.id, mark.now)
  }
}

/** Payments that `bookFundings` would book: the venue lists them, and the books miss them. */
export async function missingFundings(
  { deps, key, account }: Part,
  symbol: string,
  mark: Mark,
): Promise<{ botId: string; payment: VenueFunding }[]> {
  const missing: { botId: string; payment: VenueFunding }[] = []
  for (const bot of await fundedBots(deps.pool, key.id, symbol, mark.now)) {
    const payments = await paymentsOf(account, symbol, bot)
    const known = await knownFundings(deps.pool, key, symbol, payments)
    for (const payment of payments) if (!known.has(payment.id)) missing.push({ botId: bot.id, payment })
  }
  return missing
}

async function paymentsOf(account: Case['account'], symbol: string, bot: FundedBot): Promise<VenueFunding[]> {
  return (await account.fetchFunding(symbol, bot.since)).filter((payment) => wasHeld(bot, payment))
}

/** Asking costs a venue as much as thirty other questions. Venues settle at whole hours; the rest is for what comes late. Milliseconds. */
const ASK_EVERY_MS = 600_000
const HOUR_MS = 3_600_000

/** Could there be a payment that the books miss? After a start and after a position was closed the answer is wanted at once. */
function isDue({ fundedUntil, startedAt, held }: FundedBot, now: Date): boolean {
  if (fundedUntil === null || (startedAt !== null && startedAt > fundedUntil)) return true
  if (held.some(({ until }) => until !== null && until > fundedUntil)) return true
  const hours = (at: Date) => Math.floor(at.getTime() / HOUR_MS)
  return hours(now) > hours(fundedUntil) || now.getTime() - fundedUntil.getTime() >= ASK_EVERY_MS
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
