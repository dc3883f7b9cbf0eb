import {
  VenueError,
  type OrderRequest,
  type VenueFunding,
  type VenuePosition,
} from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import { answerOf } from '../http-answer.ts'
import { bybitProblem } from './bybit-errors.ts'
import { bybitOrders } from './bybit-orders.ts'
import { bybitAccount, bybitPage, bybitPosition, bybitSettlement } from './bybit-shapes.ts'
import { onlyOf, positiveOr } from './fields.ts'
import { allPages, spans } from './pages.ts'
import type { Desk, FuturesRecipe, RecipeMarket } from './recipe.ts'

const LOG_PAGE = 50
const WEEK_MS = 7 * 86_400_000 - 1

/** Bybit's linear perpetuals in a unified account: one-way, isolated (which is set for the whole account), counted in base currency. */
export const BYBIT_FUTURES: FuturesRecipe = {
  ...bybitOrders('linear', linearTerms),

  async setUp(desk, market, leverage) {
    const { marginMode, unifiedMarginStatus } = bybitAccount.parse(
      await desk.ask('private', 'GET', 'v5/account/info'),
    ).result
    // 1: the classic account, whose endpoints are others.
    if (unifiedMarginStatus < 3)
      throw new VenueError(
        'REFUSED',
        'The account is a classic one: upgrade it to a unified trading account at Bybit.',
      )
    if (marginMode !== 'ISOLATED_MARGIN')
      await desk.ask('private', 'POST', 'v5/account/set-margin-mode', { setMarginMode: 'ISOLATED_MARGIN' })
    const rows = await positions(desk, market)
    if (rows.some(({ positionIdx }) => positionIdx !== 0))
      await desk.ask('private', 'POST', 'v5/position/switch-mode', {
        ...{ category: 'linear', symbol: market.id, mode: 0 },
      })
    else if (rows.length > 0 && rows.every((row) => row.leverage?.eq(leverage) === true)) return
    const both = { buyLeverage: String(leverage), sellLeverage: String(leverage) }
    try {
      await desk.ask('private', 'POST', 'v5/position/set-leverage', {
        ...{ category: 'linear', symbol: market.id, ...both },
      })
    } catch (error) {
      const answer = answerOf(error)
      if (answer === null || bybitProblem(answer)?.meaning?.unchanged !== true) throw error
    }
  },

  async position(desk, market): Promise<VenuePosition | null> {
    const held = (await positions(desk, market)).filter(({ size }) => size?.gt(0) === true)
    const [row] = held
    if (row === undefined) return null
    if (held.length > 1 || row.positionIdx !== 0)
      throw new VenueError(
        'REFUSED',
        `${market.symbol} is in hedge mode at Bybit: close its positions and use one-way mode.`,
      )
    const { size, avgPrice, side } = row
    if (size === null || avgPrice === null || (side !== 'Buy' && side !== 'Sell'))
      throw new VenueError(
        'UNREADABLE',
        `Bybit told no side, size or price of the position in ${market.symbol}.`,
      )
    const account = bybitAccount.parse(await desk.ask('private', 'GET', 'v5/account/info')).result
    return {
      side: side === 'Buy' ? 'BUY' : 'SELL',
      amount: size,
      entryPrice: avgPrice,
      markPrice: positiveOr(row.markPrice),
      liquidationPrice: positiveOr(row.liqPrice),
      leverage: row.leverage?.toNumber() ?? null,
      isolated: account.marginMode === 'ISOLATED_MARGIN',
      margin: positiveOr(row.positionBalance) ?? positiveOr(row.positionIM),
    }
  },

  async funding(desk, market, since): Promise<VenueFunding[]> {
    const all: VenueFunding[] = []
    for (const { from, to } of spans(since, desk.venue.clock.now(), WEEK_MS)) {
      const rows = await allPages(async (cursor) =>
        bybitPage(bybitSettlement).parse(
          await desk.ask('private', 'GET', 'v5/account/transaction-log', {
            ...{ accountType: 'UNIFIED', category: 'linear', type: 'SETTLEMENT', limit: LOG_PAGE },
            ...{ currency: market.settle, baseCoin: market.base, startTime: from, endTime: to },
            ...(cursor !== null && { cursor }),
          }),
        ),
      )
      for (const row of rows)
        if (row.symbol === market.id && row.funding !== null && !row.funding.isZero())
          all.push({ id: row.id, amount: row.funding, currency: row.currency, at: row.transactionTime })
    }
    return all
  },
}

async function positions(desk: Desk, market: RecipeMarket) {
  const asked = { category: 'linear', symbol: market.id }
  const { rows } = bybitPage(bybitPosition).parse(await desk.ask('private', 'GET', 'v5/position/list', asked))
  return onlyOf(market, rows)
}

function linearTerms({ terms, side, reduceOnly = false }: OrderRequest): Record<string, unknown> {
  const oneWay = { positionIdx: 0, reduceOnly }
  switch (terms.type) {
    case 'MARKET':
      return { orderType: 'Market', ...oneWay }
    case 'LIMIT_IOC':
      return { orderType: 'Limit', timeInForce: 'IOC', price: plain(terms.price), ...oneWay }
    case 'STOP_MARKET':
      return {
        orderType: 'Market',
        triggerPrice: plain(terms.stopPrice),
        triggerBy: 'MarkPrice',
        // 1: when the price rises to it, 2: when it falls to it.
        triggerDirection: side === 'BUY' ? 1 : 2,
        ...oneWay,
      }
    case 'STOP_LIMIT':
      throw new Error('a perpetual has no STOP_LIMIT here')
  }
}
