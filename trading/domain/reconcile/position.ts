import type { OrderSide } from '../bot.ts'
import type { VenuePosition } from '../exchange.ts'
import { type Decimal, plain, ZERO } from '../money.ts'
import { inMotion } from './balance.ts'
import { compareOrders, foreignFills, isResting, listOf, names } from './orders.ts'
import type { AccountMarket, AssetBooks, BalanceFinding, ForeignClose, Reconciliation } from './types.ts'

type Venue = Pick<VenuePosition, 'side' | 'amount'> | null

/**
 * Compares the books of one perpetual of one account with what its exchange says, and says what to do. As `reconcile` does of a spot asset,
 * with the position in the balance's place: the venue knows one for each market, and one bot of the key trades it. What a person holds there
 * while the bot holds nothing is theirs: the bot's next entry is refused for it.
 */
export function reconcilePosition(books: AssetBooks, market: AccountMarket, held: Venue): Reconciliation {
  const difference = differenceOf(books, held)
  const short = !difference.isZero() && books.bots.some((bot) => bot.held.gt(0))
  // Where the position is not what it should be, orders that are done may be what explains it: they are not strangers beside it.
  const findings = compareOrders(books, market).filter(
    (finding) => finding.kind !== 'FOREIGN' || !short || isResting(finding.found),
  )
  const unsettled =
    findings.some(({ kind }) => kind === 'SETTLE' || kind === 'CANCEL' || kind === 'TAKE_OVER') ||
    books.orders.some((order) => inMotion(order, [market]))
  if (unsettled) return { findings, balance: 'UNSURE', short }
  if (!short) return { findings, balance: 'AGREES', short }
  return { findings: [...findings, explainDifference(books, market, held)], balance: 'SHORT', short }
}

/** What the venue holds beyond what the books say; longs count up, shorts down. */
export function differenceOf(books: Pick<AssetBooks, 'bots'>, held: Venue): Decimal {
  const booked = books.bots.reduce((sum, bot) => sum.plus(signed(bot.side, bot.held)), ZERO)
  return signed(held?.side ?? null, held?.amount ?? ZERO).minus(booked)
}

/**
 * The position is not what the books say. Where fills that nobody of us sent are exactly the difference, and all they did was to make the bot's
 * position smaller, it was closed by hand or liquidated; anything else a person has to look at.
 */
function explainDifference(books: AssetBooks, market: AccountMarket, held: Venue): BalanceFinding {
  const difference = differenceOf(books, held)
  const holders = books.bots.filter((bot) => bot.held.gt(0))
  const holder = holders.length === 1 ? holders[0] : undefined
  const foreign = foreignFills(books, market)
  const moved = foreign.reduce((sum, { fills }) => sum.plus(movedBy(fills)), ZERO)
  const resting = foreign.find(({ exchangeOrderId }) => {
    const found = listOf(market).get(exchangeOrderId)
    return found !== undefined && isResting(found)
  })
  const closes =
    holder !== undefined &&
    foreign.length > 0 &&
    resting === undefined &&
    moved.eq(difference) &&
    moved.abs().lte(holder.held) &&
    foreign.every(({ fills }) => fills.every((fill) => fill.side !== holder.side))
  if (closes) return { kind: 'MANUAL_CLOSE', botId: holder.id, symbol: market.symbol, closes: foreign }
  return {
    kind: 'PAUSE',
    subject: `POSITION ${market.symbol}`,
    amount: difference.abs(),
    botIds: books.bots.map((bot) => bot.id),
    message: `The account ${say(held)} on ${market.symbol}, but ${names(holders)} should hold ${sayBooked(holder)} by the books. ${why(foreign, moved, difference, resting, books.asset)} Compare the account's position with the bot's and put right what differs at the exchange (or stop the bot with KEEP), then resume.`,
  }
}

function why(
  foreign: readonly ForeignClose[],
  moved: Decimal,
  difference: Decimal,
  resting: ForeignClose | undefined,
  base: string,
): string {
  if (foreign.length === 0) return 'No trade on the account explains it.'
  if (resting !== undefined)
    return `Order ${resting.exchangeOrderId}, not TradeBot's, has filled a part and still rests.`
  const ids = foreign.map(({ exchangeOrderId }) => exchangeOrderId).join(', ')
  const way = moved.isNegative() ? 'sold' : 'bought'
  const by = `${plain(moved.abs())} ${base} were ${way} by orders that are not TradeBot's (${ids})`
  return moved.eq(difference)
    ? `${by}: that is the difference, and no close of the bot's position.`
    : `${by}, which is not all that differs.`
}

function say(held: Venue): string {
  return held === null ? 'is flat' : `is ${held.side === 'BUY' ? 'long' : 'short'} ${plain(held.amount)}`
}

function sayBooked(holder: AssetBooks['bots'][number] | undefined): string {
  if (holder === undefined) return 'positions of their own'
  return `${plain(holder.held)} ${holder.side === 'SELL' ? 'short' : 'long'}`
}

function signed(side: OrderSide | null, amount: Decimal): Decimal {
  return side === 'SELL' ? amount.neg() : amount
}

function movedBy(fills: ForeignClose['fills']): Decimal {
  return fills.reduce((sum, fill) => sum.plus(signed(fill.side, fill.amount)), ZERO)
}
