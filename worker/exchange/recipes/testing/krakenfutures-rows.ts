import { plain, type Decimal } from '#trading/domain/money.ts'
import type { Core, CoreMarket, CoreOrder } from './core.ts'

// The rows of Kraken's futures API, in its real shapes.

/** A number of the core as Kraken's UUIDs look. */
export function krakenUid(id: string): string {
  const hex = id.padStart(20, '0')
  return `a0f2${hex.slice(0, 4)}-${hex.slice(4, 8)}-4c1e-8ac9-${hex.slice(8)}`
}

export function instrumentOf(market: CoreMarket) {
  return {
    ...{
      symbol: market.id,
      type: 'flexible_futures',
      tickSize: Number(market.tick),
      contractSize: 1,
      tradeable: true,
    },
    ...{ impactMidSize: 1, maxPositionSize: 1000, openingDate: '2022-03-22T13:18:45Z' },
    marginLevels: [
      {
        numNonContractUnits: 0,
        initialMargin: 1 / market.maxLeverage,
        maintenanceMargin: 0.5 / market.maxLeverage,
      },
      { numNonContractUnits: 2_000_000, initialMargin: 0.04, maintenanceMargin: 0.02 },
    ],
    ...{
      fundingRateCoefficient: 24,
      maxRelativeFundingRate: 0.0025,
      contractValueTradePrecision: 4,
      postOnly: false,
    },
    ...{ mtf: true, base: 'BTC', quote: 'USD', pair: 'BTC:USD' },
  }
}

export function tickerOf(market: CoreMarket, core: Core) {
  const last = core.price(market.symbol).toNumber()
  return {
    ...{
      symbol: market.id,
      last,
      tag: 'perpetual',
      pair: 'BTC:USD',
      markPrice: core.mark(market.symbol).toNumber(),
    },
    ...{ bid: last, ask: last, vol24h: 1000, volumeQuote: 60_000_000, suspended: false },
    ...{ fundingRate: 0.6, fundingRatePrediction: 0.5, indexPrice: last },
  }
}

export function engineOrder(order: CoreOrder, core: Core) {
  return {
    ...{
      orderId: krakenUid(order.id),
      cliOrdId: order.clientId,
      type: 'ioc',
      symbol: core.market(order.symbol)?.id,
    },
    ...{ side: order.side.toLowerCase(), quantity: order.amount.toNumber(), filled: order.filled.toNumber() },
    limitPrice: collarOf(order, core).toNumber(),
    ...{
      reduceOnly: order.reduceOnly,
      timestamp: iso(order.createdAt),
      lastUpdateTimestamp: iso(order.updatedAt),
    },
  }
}

/** A market order is a limit order a percent away. */
export function collarOf(order: CoreOrder, core: Core): Decimal {
  return order.price ?? core.price(order.symbol).times(order.side === 'BUY' ? '1.01' : '0.99')
}

export function triggerOf(order: CoreOrder, core: Core) {
  return {
    ...{
      uid: krakenUid(order.id),
      clientId: order.clientId,
      type: 'ioc',
      symbol: core.market(order.symbol)?.id,
    },
    ...{ side: order.side.toLowerCase(), quantity: order.amount.toNumber(), limitPrice: null },
    triggerPrice: order.stopPrice?.toNumber(),
    ...{
      triggerSide: order.waitsFor === 'FALL' ? 'trigger_below' : 'trigger_above',
      triggerSignal: 'mark_price',
    },
    ...{
      reduceOnly: order.reduceOnly,
      timestamp: iso(order.createdAt),
      lastUpdateTimestamp: iso(order.updatedAt),
    },
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

export function isOpen({ status }: CoreOrder): boolean {
  return status === 'RESTING' || status === 'WORKING'
}

export function statusOf(order: CoreOrder, core: Core) {
  const { status, filled } = order
  const names = {
    RESTING: 'TRIGGER_PLACED',
    WORKING: 'ENTERED_BOOK',
    FILLED: 'FULLY_EXECUTED',
    CANCELED: 'CANCELLED',
    EXPIRED: 'CANCELLED',
  } as const
  const nothing = status === 'EXPIRED' && filled.isZero()
  return {
    order: {
      ...engineOrder(order, core),
      type: order.stopPrice === null ? 'ORDER' : 'TRIGGER_ORDER',
      limitPrice: order.stopPrice === null ? collarOf(order, core).toNumber() : null,
      priceTriggerOptions:
        order.stopPrice === null
          ? null
          : {
              triggerPrice: order.stopPrice.toNumber(),
              triggerSide: 'TRIGGER_BELOW',
              triggerSignal: 'MARK_PRICE',
            },
      triggerTime: null,
    },
    status: order.oddStatus ?? (nothing ? 'REJECTED' : names[status]),
    updateReason: nothing ? 'IOC_WOULD_NOT_EXECUTE_REASON' : null,
    error: nothing ? 'IOC_WOULD_NOT_EXECUTE' : null,
  }
}

export function openOf(order: CoreOrder, core: Core) {
  const stop = order.stopPrice !== null
  return {
    ...{
      order_id: krakenUid(order.id),
      symbol: core.market(order.symbol)?.id,
      side: order.side.toLowerCase(),
    },
    orderType: stop ? 'stp' : 'lmt',
    ...(stop
      ? { stopPrice: order.stopPrice?.toNumber(), triggerSignal: 'mark' }
      : { limitPrice: collarOf(order, core).toNumber() }),
    // Triggers come without it now and then.
    ...(!stop && { unfilledSize: order.amount.minus(order.filled).toNumber() }),
    ...{
      receivedTime: iso(order.createdAt),
      status: order.filled.isZero() ? 'untouched' : 'partiallyFilled',
    },
    ...{
      filledSize: order.filled.toNumber(),
      reduceOnly: order.reduceOnly,
      lastUpdateTime: iso(order.updatedAt),
    },
    ...(order.clientId !== null && { cliOrdId: order.clientId }),
  }
}

export function positionOf(market: CoreMarket, core: Core, leverages: ReadonlyMap<string, string>) {
  const held = core.funds.position(market.symbol)
  if (held === null) return []
  return [
    {
      ...{
        side: held.side === 'BUY' ? 'long' : 'short',
        symbol: market.id,
        price: held.entryPrice.toNumber(),
      },
      ...{
        fillTime: new Date().toISOString(),
        size: held.amount.toNumber(),
        unrealizedFunding: 0,
        pnlCurrency: 'USD',
      },
      ...(leverages.has(market.id) && { maxFixedLeverage: Number(leverages.get(market.id)) }),
    },
  ]
}

export function flexOf(core: Core) {
  const [total, free] = [core.funds.total('USD'), core.funds.free('USD')]
  return {
    type: 'multiCollateralMarginAccount',
    currencies: {
      USD: { quantity: plain(total), value: plain(total), collateral: plain(total), available: plain(free) },
    },
    ...{
      initialMargin: plain(total.minus(free)),
      initialMarginWithOrders: plain(total.minus(free)),
      maintenanceMargin: '0',
    },
    ...{ balanceValue: plain(total), portfolioValue: plain(total), collateralValue: plain(total), pnl: '0' },
    ...{
      unrealizedFunding: '0',
      totalUnrealized: '0',
      totalUnrealizedAsMargin: '0',
      availableMargin: plain(free),
    },
    marginEquity: plain(total),
  }
}
