import { decimal, plain, ZERO, type Decimal } from '#trading/domain/money.ts'
import type { Core, CoreFill, CoreMarket, CoreOrder } from './core.ts'

export const OKX_KEYS = { apiKey: 'okx-key', secretKey: 'okx-secret', passphrase: 'okx-pass' }

export const OKX_MARKETS: CoreMarket[] = [
  {
    ...{ symbol: 'BTC/USDT', id: 'BTC-USDT', kind: 'SPOT', base: 'BTC', quote: 'USDT', step: '0.00000001' },
    ...{ tick: '0.1', minAmount: '0.0001', takerFee: '0.001', maxLeverage: 1 },
  },
  {
    ...{ symbol: 'BTC/USDT:USDT', id: 'BTC-USDT-SWAP', kind: 'FUTURES', base: 'BTC', quote: 'USDT' },
    // A contract is 0.01 BTC, and a hundredth of it the least.
    ...{ step: '0.0001', tick: '0.1', minAmount: '0.0001', takerFee: '0.0005', maxLeverage: 100 },
  },
]

/** Base currency in what the market counts in. */
export function perContract({ kind }: CoreMarket): Decimal {
  return decimal(kind === 'SPOT' ? 1 : '0.01')
}

export function okxInstrument(market: CoreMarket) {
  const spot = market.kind === 'SPOT'
  const step = plain(decimal(market.step).div(perContract(market)))
  return {
    ...{
      instType: spot ? 'SPOT' : 'SWAP',
      instId: market.id,
      uly: spot ? '' : 'BTC-USDT',
      instFamily: spot ? '' : 'BTC-USDT',
    },
    ...{
      baseCcy: spot ? market.base : '',
      quoteCcy: spot ? market.quote : '',
      settleCcy: spot ? '' : market.quote,
    },
    ...{ ctVal: spot ? '' : '0.01', ctMult: spot ? '' : '1', ctValCcy: spot ? '' : market.base },
    ...{ ctType: spot ? '' : 'linear', lever: String(market.maxLeverage), tickSz: market.tick, lotSz: step },
    ...{
      minSz: plain(decimal(market.minAmount).div(perContract(market))),
      state: 'live',
      listTime: '1606468572000',
    },
    ...{
      expTime: '',
      optType: '',
      stk: '',
      category: '1',
      alias: '',
      maxLmtSz: '9999999999',
      maxMktSz: '1000000',
    },
  }
}

const STATE = {
  RESTING: 'live',
  WORKING: 'live',
  FILLED: 'filled',
  CANCELED: 'canceled',
  EXPIRED: 'canceled',
}

export function okxOrderAnswer(order: CoreOrder, core: Core) {
  const market = core.market(order.symbol)
  const size = market === undefined ? decimal(1) : perContract(market)
  const isMarket = order.type === 'MARKET' || order.type === 'STOP_MARKET'
  const value = order.fills.reduce((sum, fill) => sum.plus(fill.amount.times(fill.price)), ZERO)
  const fee = order.fills.reduce((sum, fill) => sum.plus(fill.fee), ZERO)
  const some = order.filled.gt(0)
  const state = order.status === 'WORKING' && some ? 'partially_filled' : STATE[order.status]
  const stop = order.stopPrice !== null
  return {
    ...{ instType: market?.kind === 'SPOT' ? 'SPOT' : 'SWAP', instId: market?.id },
    ...{ ordId: order.triggeredId ?? order.id, clOrdId: stop ? '' : (order.clientId ?? '') },
    ...{ algoId: stop ? order.id : '', algoClOrdId: stop ? (order.clientId ?? '') : '', tag: '' },
    ...{
      side: order.side === 'BUY' ? 'buy' : 'sell',
      posSide: 'net',
      tdMode: market?.kind === 'SPOT' ? 'cash' : 'isolated',
    },
    ordType: isMarket ? 'market' : order.immediate ? 'ioc' : 'limit',
    px: order.price === null ? '' : plain(order.price),
    sz: plain(order.amount.div(size)),
    accFillSz: plain(order.filled.div(size)),
    avgPx: some ? plain(value.div(order.filled).toDecimalPlaces(12)) : '',
    state: order.oddStatus ?? state,
    cancelSource: order.status === 'CANCELED' ? '1' : order.status === 'EXPIRED' ? '14' : '',
    category: order.liquidation ? 'full_liquidation' : 'normal',
    tgtCcy: market?.kind === 'SPOT' && isMarket ? 'base_ccy' : '',
    ...{
      fee: plain(fee.negated()),
      feeCcy: order.fills[0]?.feeCurrency ?? '',
      reduceOnly: String(order.reduceOnly),
    },
    ...{ cTime: String(order.createdAt), uTime: String(order.updatedAt), pnl: '0', rebate: '0', lever: '' },
  }
}

export function okxAlgoAnswer(order: CoreOrder, core: Core) {
  const market = core.market(order.symbol)
  const size = market === undefined ? decimal(1) : perContract(market)
  const triggered = order.triggeredId !== null
  const state = triggered ? 'effective' : order.status === 'RESTING' ? 'live' : 'canceled'
  return {
    ...{ instType: market?.kind === 'SPOT' ? 'SPOT' : 'SWAP', instId: market?.id, algoId: order.id },
    ...{ algoClOrdId: order.clientId ?? '', clOrdId: '', ordType: 'conditional', posSide: 'net' },
    ...{ side: order.side === 'BUY' ? 'buy' : 'sell', sz: plain(order.amount.div(size)) },
    state: order.oddStatus ?? state,
    slTriggerPx: order.stopPrice === null ? '' : plain(order.stopPrice),
    slOrdPx: order.price === null ? '-1' : plain(order.price),
    slTriggerPxType: order.triggerBy === 'MARK' ? 'mark' : 'last',
    ...{ tpTriggerPx: '', tpOrdPx: '', ordId: order.triggeredId ?? '' },
    ordIdList: triggered ? [order.triggeredId] : [],
    actualSide: triggered ? 'sl' : '',
    actualSz: plain(order.filled.div(size)),
    ...{
      cTime: String(order.createdAt),
      uTime: String(order.updatedAt),
      reduceOnly: String(order.reduceOnly),
    },
    triggerTime: triggered ? String(order.updatedAt) : '',
  }
}

export function okxFillAnswer(fill: CoreFill, core: Core) {
  const market = core.market(fill.symbol)
  const size = market === undefined ? decimal(1) : perContract(market)
  return {
    ...{ instType: market?.kind === 'SPOT' ? 'SPOT' : 'SWAP', instId: market?.id, tradeId: fill.id },
    ...{
      ordId: fill.orderId,
      clOrdId: '',
      billId: fill.id,
      tag: '',
      subType: '1',
      execType: 'T',
      posSide: 'net',
    },
    ...{
      side: fill.side === 'BUY' ? 'buy' : 'sell',
      fillSz: plain(fill.amount.div(size)),
      fillPx: plain(fill.price),
    },
    ...{
      fee: plain(fill.fee.negated()),
      feeCcy: fill.feeCurrency,
      ts: String(fill.at),
      fillTime: String(fill.at),
    },
  }
}

/** What the positions have won so far. */
export function unrealised(core: Core) {
  return core.markets.reduce((sum, { symbol }) => {
    const held = core.funds.position(symbol)
    if (held === null) return sum
    const gain = core.mark(symbol).minus(held.entryPrice).times(held.amount)
    return held.side === 'BUY' ? sum.plus(gain) : sum.minus(gain)
  }, ZERO)
}
