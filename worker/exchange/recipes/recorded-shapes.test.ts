import { expect, test } from 'vitest'
import { decimal, plain } from '#trading/domain/money.ts'
import {
  bybitExecution,
  bybitOrder,
  bybitPage,
  bybitPosition,
  bybitWallet,
  fillsAmong,
} from './bybit-shapes.ts'
import {
  childOf,
  okxAlgoRow,
  okxFill,
  okxFillRow,
  okxOrder,
  okxOrderRow,
  okxPosition,
  okxStop,
} from './okx-shapes.ts'
import type { RecipeMarket } from './recipe.ts'

// Rows as the venues answered them, recorded by ccxt (ts/src/test/static/response, and the comments of its classes; MIT licence).

const market = (more: Partial<RecipeMarket>): RecipeMarket => ({
  ...{
    symbol: 'BTC/USDT',
    id: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    settle: null,
    contractSize: decimal(1),
  },
  ...more,
})

test('a market purchase at bybit that was counted in quote currency and filled in part', () => {
  const row = {
    ...{ symbol: 'BTCUSDT', orderType: 'Market', orderLinkId: '1609602210852247041', slLimitPrice: '0' },
    ...{ orderId: '1609602210852247040', cancelType: 'UNKNOWN', avgPrice: '30966.41', stopOrderType: '' },
    ...{ lastPriceOnCreated: '', orderStatus: 'PartiallyFilledCanceled', takeProfit: '0', positionIdx: '0' },
    ...{ cumExecValue: '49.97980168', smpType: 'None', triggerDirection: '0', blockTradeId: '', side: 'Buy' },
    ...{ rejectReason: 'EC_CancelForNoFullFill', isLeverage: '0', price: '0', createdTime: '1706615536016' },
    ...{ timeInForce: 'IOC', leavesValue: '0.02019832', updatedTime: '1706615536019', triggerPrice: '0.00' },
    ...{ cumExecFee: '0.000001614', leavesQty: '0.000000', cumExecQty: '0.001614', reduceOnly: false },
    ...{ qty: '50.000000', marketUnit: 'quoteCoin', triggerBy: '' },
  }
  const { order } = bybitOrder('spot').parse(row)
  expect(order).toMatchObject({ status: 'EXPIRED', side: 'BUY', price: null, stopPrice: null })
  expect([plain(order.amount), plain(order.filled)]).toEqual(['0.001614', '0.001614'])
  expect(order.averagePrice?.toNumber()).toBeCloseTo(30966.41, 1)
})

test('a market order of bybit’s perpetuals has a price that is none', () => {
  const row = {
    ...{ symbol: 'BTCUSDT', orderType: 'Market', orderLinkId: '', slLimitPrice: '0', cancelType: 'UNKNOWN' },
    ...{ orderId: 'f5f2d355-9a11-4af3-9b83-aa1d6ab6ddfe', avgPrice: '122529.9', stopOrderType: '' },
    ...{ lastPriceOnCreated: '123747.9', orderStatus: 'Filled', createType: 'CreateByUser', takeProfit: '' },
    ...{ cumExecValue: '122.5299', tpslMode: '', smpType: 'None', triggerDirection: 0, blockTradeId: '' },
    ...{ cumFeeDetail: { USDT: '0.06739145' }, rejectReason: 'EC_NoError', isLeverage: '', price: '120518' },
    ...{ createdTime: '1757837618905', positionIdx: 0, timeInForce: 'IOC', leavesValue: '0', side: 'Sell' },
    ...{ updatedTime: '1757837618909', triggerPrice: '', cumExecFee: '0.06739145', leavesQty: '0' },
    ...{
      closeOnTrigger: false,
      cumExecQty: '0.001',
      reduceOnly: true,
      qty: '0.001',
      triggerBy: '',
      extraFees: '',
    },
  }
  const { order } = bybitOrder('linear').parse(row)
  expect(order).toMatchObject({ status: 'FILLED', side: 'SELL', clientOrderId: null, price: null })
  expect(plain(order.averagePrice ?? decimal(0))).toBe('122529.9')
})

test('executions at bybit: a trade pays its fee in what it received, funding is no trade', () => {
  const trade = {
    ...{ symbol: 'BTCUSDT', orderType: 'Market', orderLinkId: '1550857400247129600', isMaker: false },
    ...{ orderId: '1550857400238740992', execTime: '1699612608878', feeRate: '0.001', execPrice: '29708.7' },
    ...{ orderQty: '0', orderPrice: '999999', execValue: '9.9821232', execType: 'Trade', side: 'Buy' },
    ...{ execFee: '0.000000336', execId: '2100000000047087120', execQty: '0.000336' },
  }
  const funding = {
    ...{ ...trade, symbol: 'BTCUSDT', execType: 'Funding', orderId: '4dbe586c-8706-4d73-a3b0-f60a60955e95' },
    ...{ execFee: '0.00867', execId: '6dff7827-9774-4881-b275-d2b9eec1ce9b', execQty: '1.2' },
  }
  const rows = [trade, funding].map((row) => bybitExecution.parse(row))
  const fills = fillsAmong(rows, market({}))
  expect(fills).toHaveLength(1)
  expect(fills[0]).toMatchObject({ tradeId: '2100000000047087120', feeCurrency: 'BTC' })
  expect(plain(fills[0]?.fee ?? decimal(0))).toBe('0.000000336')
})

test('a flat position and a wallet at bybit', () => {
  const { rows, next } = bybitPage(bybitPosition).parse({
    ...{ retCode: '0', retMsg: 'OK', retExtInfo: {}, time: '1706628043244' },
    result: {
      ...{ nextPageCursor: 'LTCUSDT%2C1701294996731%2C0', category: 'linear' },
      list: [
        {
          ...{ symbol: 'LTCUSDT', leverage: '6', autoAddMargin: '0', avgPrice: '0', liqPrice: '', side: '' },
          ...{ positionValue: '', markPrice: '68', positionIdx: '0', positionIM: '0', positionBalance: '0' },
          ...{ size: '0', positionStatus: 'Normal', tradeMode: '0', riskId: '71' },
        },
      ],
    },
  })
  expect(next).not.toBeNull()
  expect(rows[0]).toMatchObject({ symbol: 'LTCUSDT', positionIdx: 0, liqPrice: null })
  const wallet = bybitWallet.parse({
    result: {
      list: [
        {
          ...{
            totalEquity: '18070.32797922',
            accountType: 'UNIFIED',
            totalAvailableBalance: '17887.72614237',
          },
          coin: [
            {
              ...{
                availableToBorrow: '2.5',
                accruedInterest: '0',
                availableToWithdraw: '0.805994',
                coin: 'BTC',
              },
              ...{ totalOrderIM: '0', equity: '0.805994', totalPositionIM: '0', walletBalance: '0.805994' },
            },
          ],
        },
      ],
    },
  })
  expect(String(wallet.result.list[0]?.coin[0]?.walletBalance)).toBe('0.805994')
})

test('orders at OKX: one that rests, and a reduce-only one of a perpetual, counted in contracts', () => {
  const resting = {
    ...{
      accFillSz: '0',
      avgPx: '',
      cTime: '1621910749815',
      category: 'normal',
      ccy: '',
      clOrdId: '',
      fee: '0',
    },
    ...{
      feeCcy: 'ETH',
      fillPx: '',
      fillSz: '0',
      fillTime: '',
      instId: 'ETH-USDT',
      instType: 'SPOT',
      lever: '',
    },
    ...{ ordId: '317251910906576896', ordType: 'limit', pnl: '0', posSide: 'net', px: '2000', side: 'buy' },
    ...{ slOrdPx: '', slTriggerPx: '', state: 'live', sz: '0.001', tag: '', tdMode: 'cash', tradeId: '' },
  }
  expect(okxOrder(okxOrderRow.parse(resting), market({}))).toMatchObject({ status: 'OPEN', side: 'BUY' })
  const filled = {
    ...{ algoClOrdId: '', algoId: '', cancelSource: '', category: 'normal', ccy: '', clOrdId: '' },
    ...{ cTime: '1751705801423', feeCcy: 'USDT', instId: 'LINK-USDT-SWAP', instType: 'SWAP', lever: '3' },
    ...{ ordId: '2657625147249614848', ordType: 'limit', posSide: 'net', px: '13.142', reduceOnly: 'true' },
    ...{ side: 'sell', sz: '0.1', tdMode: 'isolated', tgtCcy: '', uTime: '1751705807467', pnl: '-0.0001' },
    ...{ accFillSz: '0.1', avgPx: '13.142', state: 'filled', fee: '-0.00026284', fillPx: '13.142' },
  }
  const order = okxOrder(okxOrderRow.parse(filled), market({ settle: 'USDT', contractSize: decimal('1') }))
  expect(order).toMatchObject({ status: 'FILLED', side: 'SELL' })
  const ten = okxOrder(okxOrderRow.parse(filled), market({ settle: 'USDT', contractSize: decimal('10') }))
  expect([plain(order.filled), plain(ten.filled), plain(ten.amount)]).toEqual(['0.1', '1', '1'])
})

test('a stop at OKX, and a trade of which the fee is written below 0', () => {
  const algo = {
    ...{ activePx: '', actualPx: '', actualSide: 'buy', actualSz: '0', algoId: '431375349042380800' },
    ...{
      cTime: '1649119897778',
      ccy: '',
      ctVal: '0.01',
      instId: 'BTC-USDT-SWAP',
      instType: 'SWAP',
      ordId: '',
    },
    ...{ lever: '125', ordPx: '', ordType: 'conditional', posSide: 'net', side: 'buy', slOrdPx: '-1' },
    ...{ slTriggerPx: '50000', slTriggerPxType: 'mark', state: 'live', sz: '1', tag: '', tdMode: 'isolated' },
    ...{ tpOrdPx: '', tpTriggerPx: '', triggerPx: '', triggerTime: '', uly: 'BTC-USDT' },
  }
  const swap = market({ settle: 'USDT', contractSize: decimal('0.01') })
  const row = okxAlgoRow.parse(algo)
  expect(childOf(row)).toBeNull()
  const stop = okxStop(row, null, swap)
  expect(stop).toMatchObject({ status: 'OPEN', price: null, exchangeOrderId: '431375349042380800' })
  expect([stop.amount, stop.stopPrice].map(String)).toEqual(['0.01', '50000'])
  const fill = {
    ...{
      side: 'buy',
      fillSz: '0.00192834',
      fillPx: '51858',
      fillPnl: '0',
      fee: '-0.00000192834',
      ordId: '680800019749904384',
    },
    ...{ instType: 'SPOT', instId: 'BTC-USDT', clOrdId: '', posSide: 'net', billId: '680800019754098688' },
    ...{ fillTime: '1708587373361', execType: 'T', tradeId: '744876980', feeCcy: 'BTC', ts: '1708587373362' },
  }
  const told = okxFill(okxFillRow.parse(fill), market({}), '680800019749904384')
  expect(told).toMatchObject({ side: 'BUY', feeCurrency: 'BTC', tradeId: '744876980' })
  expect(told.fee.toNumber()).toBe(0.00000192834)
})

test('a position at OKX in hedge mode is told as such', () => {
  const row = okxPosition.parse({
    ...{
      adl: '3',
      availPos: '1',
      avgPx: '34131.1',
      cTime: '1627227626502',
      ccy: 'USDT',
      imr: '170.66093041794787',
    },
    ...{ instId: 'BTC-USDT-SWAP', instType: 'SWAP', interest: '0', last: '34134.4', lever: '2', liab: '' },
    ...{ liqPx: '12608.959083877446', markPx: '4786.459271773621', margin: '', mgnMode: 'cross', pos: '1' },
    ...{ posId: '339552508062380036', posSide: 'long', tradeId: '98617799', upl: '0.0108608358957281' },
  })
  expect(row).toMatchObject({ posSide: 'long', mgnMode: 'cross', margin: null })
  expect([row.pos, row.lever].map(String)).toEqual(['1', '2'])
})
