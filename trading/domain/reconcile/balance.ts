import type { VenueFill } from '../exchange.ts'
import { type Decimal, plain, ZERO } from '../money.ts'
import { isSettled } from '../order.ts'
import { foreignFills, isResting, listOf, names } from './orders.ts'
import type {
  AccountMarket,
  AssetAccount,
  AssetBooks,
  BalanceFinding,
  BookedOrder,
  ForeignClose,
} from './types.ts'

/** How much less the account may hold than the books say: dust (which a person may convert) and a step that cannot be traded. */
export function toleranceOf(books: Pick<AssetBooks, 'bots' | 'step'>): Decimal {
  return books.bots.reduce((sum, bot) => sum.plus(bot.dust), books.step)
}

/** What the account lacks of what the bots hold; negative where a person owns coins of their own beside them. */
export function shortageOf(books: Pick<AssetBooks, 'bots'>, total: Decimal): Decimal {
  return books.bots.reduce((sum, bot) => sum.plus(bot.held).plus(bot.dust), ZERO).minus(total)
}

/**
 * An order on its way moves the balance before the books. One that rests, as both sides agree, does not: what it holds back is part of
 * the total.
 */
export function inMotion(order: BookedOrder, markets: readonly AccountMarket[]): boolean {
  if (order.moved || order.doubtful) return true
  if (isSettled(order.status) || order.status === 'INTENDED') return false
  if (order.status === 'SUBMITTING' || order.status === 'UNKNOWN') return true
  const market = markets.find((one) => one.symbol === order.symbol)
  // On a market that has the asset as quote: a resting sell there pays only when it fills, and its own reconciliation sees that.
  if (market === undefined) return false
  const found = listOf(market).get(order.exchangeOrderId ?? '')
  return found === undefined || !isResting(found) || !found.filled.eq(order.filled)
}

/**
 * The account holds less than the books say. Where one bot alone holds the asset, and sells that nobody of us sent are exactly what is
 * missing, they closed its position by hand; anything else a person has to look at.
 */
export function explainShortage(books: AssetBooks, account: AssetAccount): BalanceFinding {
  const tolerance = toleranceOf(books)
  const shortage = shortageOf(books, account.total)
  const holders = books.bots.filter((bot) => bot.held.gt(0))
  const holder = holders.length === 1 ? holders[0] : undefined
  const sold = account.markets.flatMap((market) =>
    foreignSells(books, market).map((sell) => ({
      ...sell,
      symbol: market.symbol,
      rests: rests(market, sell),
    })),
  )
  const gone = sold.reduce((sum, sell) => sum.plus(soldBy(sell.fills, books.asset)), ZERO)
  const explained = sold.length > 0 && gone.minus(shortage).abs().lte(tolerance)
  const closed =
    holder !== undefined &&
    explained &&
    gone.lte(holder.held) &&
    sold.every((sell) => sell.symbol === holder.symbol && !sell.rests)
  if (closed) {
    const closes = sold.map(({ exchangeOrderId, fills }) => ({ exchangeOrderId, fills, liquidation: false }))
    return { kind: 'MANUAL_CLOSE', botId: holder.id, symbol: holder.symbol, closes }
  }
  const resting = sold.find((sell) => sell.rests)
  const byHand = `${plain(gone)} ${books.asset} were sold by orders that are not TradeBot's (${sold.map((sell) => sell.exchangeOrderId).join(', ')})`
  const why =
    sold.length === 0
      ? 'No trade on the account explains it: was it withdrawn, transferred or converted?'
      : resting !== undefined
        ? `Order ${resting.exchangeOrderId}, not TradeBot's, has sold a part and still rests.`
        : holders.length > 1
          ? `${byHand}, and ${names(holders)} hold some, so it cannot be told whose was sold.`
          : `${byHand}, which is not what is missing.`
  const held = account.total.plus(shortage)
  return {
    kind: 'PAUSE',
    subject: `SHORTAGE ${books.asset}`,
    amount: shortage,
    botIds: books.bots.map((bot) => bot.id),
    message: `The account holds ${plain(account.total)} ${books.asset}, but ${names(holders)} should hold ${plain(held)} by the books: ${plain(shortage)} is missing. ${why} Compare the account with the bots' positions and put right what differs (buy it back, or stop a bot with KEEP), then resume.`,
  }
}

/** What left the account by these sells, in the asset; a fee in the asset left too. */
function soldBy(fills: readonly VenueFill[], asset: string): Decimal {
  return fills.reduce(
    (sum, fill) => sum.plus(fill.amount).plus(fill.feeCurrency === asset ? fill.fee : ZERO),
    ZERO,
  )
}

/** Sells by orders that are none of ours, by order. */
function foreignSells(
  books: AssetBooks,
  market: AccountMarket,
): Pick<ForeignClose, 'exchangeOrderId' | 'fills'>[] {
  return foreignFills(books, market)
    .map(({ exchangeOrderId, fills }) => ({
      exchangeOrderId,
      fills: fills.filter((fill) => fill.side === 'SELL'),
    }))
    .filter(({ fills }) => fills.length > 0)
}

function rests(market: AccountMarket, sell: Pick<ForeignClose, 'exchangeOrderId'>): boolean {
  const found = listOf(market).get(sell.exchangeOrderId)
  return found !== undefined && isResting(found)
}
