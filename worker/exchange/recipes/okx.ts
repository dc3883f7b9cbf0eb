import { VenueError, type VenueFunding, type VenuePosition } from '#trading/domain/exchange.ts'
import { ZERO } from '#trading/domain/money.ts'
import { onlyOf, positiveOr } from './fields.ts'
import { okxOrders } from './okx-orders.ts'
import { okxBalance, okxBill, okxConfig, okxLeverage, okxPosition, rowsOf } from './okx-shapes.ts'
import { allPages } from './pages.ts'
import type { Desk, FuturesRecipe, Recipe } from './recipe.ts'

const PAGE = 100
const RECENT_BILLS_MS = 6 * 86_400_000
/** Of bills: funding fee; paid by us, received by us. */
const FUNDING = '8'
const FUNDING_SUBTYPES = ['173', '174']

const OKX_FUTURES: FuturesRecipe = {
  ...okxOrders('isolated'),

  async setUp(desk, market, leverage) {
    const config = await configOf(desk)
    if (config.acctLv === '1')
      throw new VenueError(
        'REFUSED',
        'The account is in spot mode: choose futures mode at OKX (Settings, account mode).',
      )
    if (config.posMode !== 'net_mode')
      await desk.ask('private', 'POST', 'account/set-position-mode', { posMode: 'net_mode' })
    const asked = { instId: market.id, mgnMode: 'isolated' }
    const set = okxLeverage.parse(await desk.ask('private', 'GET', 'account/leverage-info', asked))
    if (set.length > 0 && set.every(({ lever }) => lever?.eq(leverage) === true)) return
    await desk.ask('private', 'POST', 'account/set-leverage', { ...asked, lever: String(leverage) })
  },

  async position(desk, market): Promise<VenuePosition | null> {
    const rows = rowsOf(okxPosition).parse(
      await desk.ask('private', 'GET', 'account/positions', { instType: 'SWAP', instId: market.id }),
    )
    onlyOf(
      market,
      rows.map(({ instId }) => ({ symbol: instId })),
    )
    const held = rows.filter(({ pos }) => pos !== null && !pos.isZero())
    const [row] = held
    if (row === undefined) return null
    if (held.length > 1 || row.posSide !== 'net')
      throw new VenueError(
        'REFUSED',
        `${market.symbol} is held in long/short mode, or twice, at OKX: close it and use net mode.`,
      )
    const { pos, avgPx } = row
    if (pos === null || avgPx === null)
      throw new VenueError('UNREADABLE', `OKX told no size or price of the position in ${market.symbol}.`)
    return {
      side: pos.gt(0) ? 'BUY' : 'SELL',
      amount: pos.abs().times(market.contractSize),
      entryPrice: avgPx,
      markPrice: positiveOr(row.markPx),
      liquidationPrice: positiveOr(row.liqPx),
      leverage: row.lever?.toNumber() ?? null,
      isolated: row.mgnMode === 'isolated',
      margin: positiveOr(row.margin),
    }
  },

  async funding(desk, market, since): Promise<VenueFunding[]> {
    const recent = since > desk.venue.clock.now() - RECENT_BILLS_MS
    const path = recent ? 'account/bills' : 'account/bills-archive'
    const asked = { instType: 'SWAP', type: FUNDING, begin: String(Math.floor(since)), limit: String(PAGE) }
    const rows = await allPages(async (cursor) => {
      const found = rowsOf(okxBill).parse(
        await desk.ask('private', 'GET', path, { ...asked, ...(cursor !== null && { after: cursor }) }),
      )
      return { rows: found, next: found.length < PAGE ? null : (found.at(-1)?.billId ?? null) }
    })
    return rows
      .filter((row) => row.instId === market.id && FUNDING_SUBTYPES.includes(row.subType))
      .map((row) => ({
        id: row.billId,
        amount: [row.pnl, row.balChg, row.posBalChg].find((one) => one !== null && !one.isZero()) ?? ZERO,
        currency: row.ccy,
        at: row.ts,
      }))
  },
}

/** OKX, trading account. One wallet pays for both kinds of market. */
export const OKX: Recipe = {
  exchange: 'okx',
  spot: okxOrders('cash'),
  futures: OKX_FUTURES,
  // By user and path, in two seconds. Source: "Rate Limit" at each endpoint of OKX' v5 API documents.
  pace: {
    windowMs: 2_000,
    otherwise: 20,
    most: {
      'trade/order': 60,
      'trade/cancel-order': 60,
      'trade/orders-pending': 60,
      'trade/orders-history': 40,
      'trade/fills': 60,
      'trade/fills-history': 10,
      'account/balance': 10,
      'account/positions': 10,
      'account/bills': 10,
      'account/bills-archive': 10,
      'account/config': 5,
      'account/set-position-mode': 5,
    },
  },
  async balance(desk) {
    const [account] = okxBalance.parse(await desk.ask('private', 'GET', 'account/balance'))
    const details = account?.details ?? []
    return new Map(
      details.map(({ ccy, eq, upl, availBal, availEq }) => {
        const free = [availBal, availEq].reduce(
          (least, one) => (one !== null && (least === null || one.lt(least)) ? one : least),
          null,
        )
        // Equity has what positions have won and not realised; the books count that apart.
        return [ccy, { free: free ?? ZERO, total: eq.minus(upl ?? ZERO) }]
      }),
    )
  },
  async rights(desk) {
    const { perm } = await configOf(desk)
    const rights = perm.split(',').map((one) => one.trim())
    const canWithdraw = rights.includes('withdraw')
    return { canTrade: rights.includes('trade'), canTransfer: rights.includes('trade'), canWithdraw }
  },
}

async function configOf(desk: Desk) {
  const [config] = okxConfig.parse(await desk.ask('private', 'GET', 'account/config'))
  if (config === undefined) throw new VenueError('UNREADABLE', 'OKX told nothing of the account.')
  return config
}
