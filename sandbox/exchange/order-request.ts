import { BinanceError, illegalCharacters, missingParameter, superfluousParameter } from '../binance-error.ts'
import { optionalDecimal, optionalText, type Parameters, requiredText } from '../http/parameters.ts'
import type { Money } from '../money.ts'
import { isOrderType, type Order, type OrderType } from './records.ts'

export type OrderRequest = {
  symbol: string
  side: Order['side']
  type: OrderType
  timeInForce: Order['timeInForce']
  quantity: Money | undefined
  quoteOrderQty: Money | undefined
  price: Money | undefined
  stopPrice: Money | undefined
  clientOrderId: string | undefined
  respType: 'ACK' | 'RESULT' | 'FULL'
}

type Shape = { needs: readonly string[]; takes: readonly string[] }

/** What each type must and may carry, by Binance's table; the rest is refused as sent when not required. */
const SHAPES: Readonly<Record<OrderType, Shape>> = {
  MARKET: { needs: [], takes: ['quantity', 'quoteOrderQty'] },
  LIMIT: { needs: ['timeInForce', 'quantity', 'price'], takes: [] },
  LIMIT_MAKER: { needs: ['quantity', 'price'], takes: [] },
  STOP_LOSS: { needs: ['quantity', 'stopPrice'], takes: [] },
  TAKE_PROFIT: { needs: ['quantity', 'stopPrice'], takes: [] },
  STOP_LOSS_LIMIT: { needs: ['timeInForce', 'quantity', 'price', 'stopPrice'], takes: [] },
  TAKE_PROFIT_LIMIT: { needs: ['timeInForce', 'quantity', 'price', 'stopPrice'], takes: [] },
}
const SHAPED = ['timeInForce', 'quantity', 'quoteOrderQty', 'price', 'stopPrice']

const CLIENT_ID = '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'

/** Reads the parameters of POST /api/v3/order; refuses what Binance refuses before it looks at the market. */
export const readOrderRequest = (parameters: Parameters): OrderRequest => {
  const symbol = requiredText(parameters, 'symbol')
  const side = requiredText(parameters, 'side')
  if (side !== 'BUY' && side !== 'SELL') throw new BinanceError(400, -1117, 'Invalid side.')
  const type = requiredText(parameters, 'type')
  if (!isOrderType(type)) throw new BinanceError(400, -1116, 'Invalid orderType.')

  const shape = SHAPES[type]
  for (const name of SHAPED) {
    const sent = optionalText(parameters, name) !== undefined
    if (shape.needs.includes(name) && !sent) throw missingParameter(name)
    if (sent && !shape.needs.includes(name) && !shape.takes.includes(name)) throw superfluousParameter(name)
  }
  const quantity = optionalDecimal(parameters, 'quantity')
  const quoteOrderQty = optionalDecimal(parameters, 'quoteOrderQty')
  if (type === 'MARKET') {
    if (quantity && quoteOrderQty) throw superfluousParameter('quoteOrderQty')
    if (!quantity && !quoteOrderQty) throw missingParameter('quantity')
  }
  const clientOrderId = optionalText(parameters, 'newClientOrderId')
  if (clientOrderId !== undefined && !/^[.A-Z:/a-z0-9_-]{1,36}$/.test(clientOrderId))
    throw illegalCharacters('newClientOrderId', CLIENT_ID)

  return {
    symbol,
    side,
    type,
    timeInForce: readTimeInForce(optionalText(parameters, 'timeInForce')),
    quantity,
    quoteOrderQty,
    price: optionalDecimal(parameters, 'price'),
    stopPrice: optionalDecimal(parameters, 'stopPrice'),
    clientOrderId,
    respType: readRespType(optionalText(parameters, 'newOrderRespType'), type),
  }
}

const readTimeInForce = (text = 'GTC'): Order['timeInForce'] => {
  if (text === 'GTC' || text === 'IOC' || text === 'FOK') return text
  throw new BinanceError(400, -1115, 'Invalid timeInForce.')
}

const readRespType = (text: string | undefined, type: OrderType): OrderRequest['respType'] => {
  if (text === undefined) return type === 'MARKET' || type === 'LIMIT' ? 'FULL' : 'ACK'
  if (text === 'ACK' || text === 'RESULT' || text === 'FULL') return text
  throw new BinanceError(400, -1126, "Unsupported 'newOrderRespType'.")
}
