import { plain, ZERO } from '#trading/domain/money.ts'
import type { Core, CoreFill, CoreMarket, CoreOrder } from './core.ts'

const STATUS = {
  RESTING: 'Untriggered',
  WORKING: 'New',
  FILLED: 'Filled',
  CANCELED: 'Cancelled',
  EXPIRED: 'Cancelled',
}

export function orderRow(order: CoreOrder, core: Core) {
  const market = core.market(order.symbol)
  const spot = market?.kind === 'SPOT'
  const isMarket = order.type === 'MARKET' || order.type === 'STOP_MARKET'
  const value = order.fills.reduce((sum, fill) => sum.plus(fill.amount.times(fill.price)), ZERO)
  const some = order.filled.gt(0)
  const plainStatus = order.status === 'WORKING' && some ? 'PartiallyFilled' : STATUS[order.status]
  const spotStatus =
    order.status === 'CANCELED' && order.stopPrice !== null && order.triggeredId === null
      ? 'Deactivated'
      : plainStatus === 'Cancelled' && some
        ? 'PartiallyFilledCanceled'
        : plainStatus
  return {
    ...{ orderId: order.id, orderLinkId: order.clientId ?? '', blockTradeId: '', symbol: market?.id },
    // Of a market order the worst price that is taken.
    price: order.price !== null ? plain(order.price) : spot ? '0' : '57000',
    qty: plain(order.amount),
    side: order.side === 'BUY' ? 'Buy' : 'Sell',
    orderStatus: order.oddStatus ?? (spot ? spotStatus : plainStatus),
    createType: order.liquidation ? 'CreateByLiq' : 'CreateByUser',
    cancelType: order.status === 'CANCELED' ? 'CancelByUser' : 'UNKNOWN',
    rejectReason: order.status === 'EXPIRED' ? 'EC_NoImmediateQtyToFill' : 'EC_NoError',
    avgPrice: some ? plain(value.div(order.filled).toDecimalPlaces(8)) : '',
    cumExecQty: plain(order.filled),
    cumExecValue: plain(value),
    cumExecFee: plain(order.fills.reduce((sum, { fee }) => sum.plus(fee), ZERO)),
    timeInForce: order.immediate ? 'IOC' : 'GTC',
    orderType: isMarket ? 'Market' : 'Limit',
    stopOrderType: order.stopPrice === null ? '' : spot ? 'tpslOrder' : 'Stop',
    triggerPrice: order.stopPrice === null ? (spot ? '0.00' : '') : plain(order.stopPrice),
    triggerDirection: order.stopPrice === null || spot ? 0 : order.waitsFor === 'RISE' ? 1 : 2,
    ...{
      triggerBy: order.triggerBy === 'MARK' ? 'MarkPrice' : '',
      positionIdx: 0,
      reduceOnly: order.reduceOnly,
    },
    ...{
      closeOnTrigger: false,
      marketUnit: spot && isMarket ? 'baseCoin' : '',
      smpType: 'None',
      smpGroup: 0,
    },
    ...{ createdTime: String(order.createdAt), updatedTime: String(order.updatedAt) },
  }
}

export function executionRow(fill: CoreFill, core: Core) {
  const market = core.market(fill.symbol)
  const order = core.orders.find((one) => one.fills.includes(fill))
  return {
    ...{ symbol: market?.id, orderId: order?.id ?? '', orderLinkId: order?.clientId ?? '' },
    ...{ side: fill.side === 'BUY' ? 'Buy' : 'Sell', execType: fill.liquidation ? 'BustTrade' : 'Trade' },
    ...{
      execId: fill.id,
      execQty: plain(fill.amount),
      execPrice: plain(fill.price),
      execFee: plain(fill.fee),
    },
    ...{
      feeCurrency: market?.kind === 'SPOT' ? fill.feeCurrency : '',
      feeRate: market?.takerFee,
      isMaker: false,
    },
    ...{ execTime: String(fill.at), execValue: plain(fill.amount.times(fill.price)), seq: 1 },
  }
}

export function instrument(market: CoreMarket) {
  const shared = {
    ...{ symbol: market.id, baseCoin: market.base, quoteCoin: market.quote, status: 'Trading' },
    priceFilter: { tickSize: market.tick, minPrice: market.tick, maxPrice: '1999999.80' },
  }
  if (market.kind === 'SPOT')
    return {
      ...{ ...shared, innovation: '0', marginTrading: 'utaOnly' },
      lotSizeFilter: {
        basePrecision: market.step,
        quotePrecision: '0.0000001',
        minOrderQty: market.minAmount,
        maxOrderQty: '83',
        minOrderAmt: '1',
        maxOrderAmt: '8000000',
      },
    }
  return {
    ...{ ...shared, contractType: 'LinearPerpetual', settleCoin: market.quote, launchTime: '1584230400000' },
    ...{
      deliveryTime: '0',
      deliveryFeeRate: '',
      priceScale: '2',
      unifiedMarginTrade: true,
      fundingInterval: 480,
    },
    leverageFilter: { minLeverage: '1', maxLeverage: `${market.maxLeverage}.00`, leverageStep: '0.01' },
    lotSizeFilter: {
      maxOrderQty: '1190.000',
      minOrderQty: market.minAmount,
      qtyStep: market.step,
      minNotionalValue: '5',
    },
  }
}
