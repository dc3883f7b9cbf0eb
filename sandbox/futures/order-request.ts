import { illegalCharacters, missingParameter, superfluousParameter, BinanceError } from '../binance-error.ts'
import { optionalText, type Parameters, requiredText } from '../http/parameters.ts'
import { Money, ZERO } from '../money.ts'
import {
  type FuturesOrder,
  type FuturesOrderType,
  isFuturesOrderType,
  type Side,
  type WorkingType,
} from './records.ts'
import {
  clientIdTooLong,
  invalidOrderType,
  invalidSide,
  invalidTimeInForce,
  quantityTooSmall,
  wrongPositionSide,
} from './refusals.ts'

export type FuturesRequest = {
  symbol: string
  side: Side
  type: FuturesOrderType
  timeInForce: FuturesOrder['timeInForce']
  /** Undefined only with closePosition. */
  quantity: Money | undefined
  price: Money | undefined
  stopPrice: Money | undefined
  workingType: WorkingType
  reduceOnly: boolean
  closePosition: boolean
  clientOrderId: string | undefined
  respType: 'ACK' | 'RESULT'
}

/** The names that an order and an algo order have for the same things. */
type Names = { stopPrice: 'stopPrice' | 'triggerPrice'; clientId: 'newClientOrderId' | 'clientAlgoId' }
export const ORDER_NAMES: Names = { stopPrice: 'stopPrice', clientId: 'newClientOrderId' }
export const ALGO_NAMES: Names = { stopPrice: 'triggerPrice', clientId: 'clientAlgoId' }

const isConditional = (type: FuturesOrderType) => type === 'STOP_MARKET' || type === 'TAKE_PROFIT_MARKET'

/** Reads the parameters of a new order; refuses what Binance refuses before it looks at the market. */
export const readFuturesRequest = (parameters: Parameters, names: Names): FuturesRequest => {
  const symbol = requiredText(parameters, 'symbol')
  const side = requiredText(parameters, 'side')
  if (side !== 'BUY' && side !== 'SELL') throw invalidSide()
  const type = requiredText(parameters, 'type')
  if (!isFuturesOrderType(type)) throw invalidOrderType()
  if (names === ALGO_NAMES && !isConditional(type)) throw invalidOrderType()
  const positionSide = optionalText(parameters, 'positionSide') ?? 'BOTH'
  if (positionSide !== 'BOTH') throw wrongPositionSide()

  const reduceOnly = flag(parameters, 'reduceOnly')
  const closePosition = flag(parameters, 'closePosition')
  const quantity = amount(parameters, 'quantity')
  const stopPrice = amount(parameters, names.stopPrice)
  const price = amount(parameters, 'price')
  if (closePosition && !isConditional(type)) throw superfluousParameter('closePosition')
  if (closePosition && quantity) throw superfluousParameter('quantity')
  if (closePosition && reduceOnly) throw superfluousParameter('reduceOnly')
  if (!closePosition && !quantity) throw missingParameter('quantity')
  if (isConditional(type) && !stopPrice) throw missingParameter(names.stopPrice)
  if (type === 'LIMIT' && !price) throw missingParameter('price')
  if (type === 'LIMIT' && optionalText(parameters, 'timeInForce') === undefined)
    throw missingParameter('timeInForce')
  if (type !== 'LIMIT' && price) throw superfluousParameter('price')
  if (!isConditional(type) && stopPrice) throw superfluousParameter(names.stopPrice)

  return {
    symbol,
    side,
    type,
    timeInForce: readTimeInForce(optionalText(parameters, 'timeInForce')),
    quantity,
    price,
    stopPrice,
    workingType: readWorkingType(optionalText(parameters, 'workingType')),
    reduceOnly,
    closePosition,
    clientOrderId: readClientId(parameters, names.clientId),
    respType: optionalText(parameters, 'newOrderRespType') === 'RESULT' ? 'RESULT' : 'ACK',
  }
}

const readClientId = (parameters: Parameters, name: string): string | undefined => {
  const id = optionalText(parameters, name)
  if (id === undefined) return undefined
  if (id.length > 36) throw clientIdTooLong()
  if (!/^[.A-Z:/a-z0-9_-]+$/.test(id)) throw illegalCharacters(name, '^[\\.A-Z\\:/a-z0-9_-]{1,36}$')
  return id
}

const readTimeInForce = (text = 'GTC'): FuturesOrder['timeInForce'] => {
  if (text === 'GTC' || text === 'IOC' || text === 'FOK' || text === 'GTX') return text
  throw invalidTimeInForce()
}

const readWorkingType = (text = 'CONTRACT_PRICE'): WorkingType => {
  if (text === 'CONTRACT_PRICE' || text === 'MARK_PRICE') return text
  throw new BinanceError(400, -4060, 'Invalid working type.')
}

/** Sent as text: "true", "false", or in capitals by some clients. */
const flag = (parameters: Parameters, name: string): boolean => {
  const text = optionalText(parameters, name)?.toLowerCase()
  if (text === undefined || text === 'false') return false
  if (text === 'true') return true
  throw illegalCharacters(name, '^(true|false)$')
}

/** A decimal of at most 20 places, above 0; undefined if it was not sent or is 0, which futures take for not sent in prices. */
const amount = (parameters: Parameters, name: string): Money | undefined => {
  const text = optionalText(parameters, name)
  if (text === undefined) return undefined
  if (!/^[0-9]{1,20}(\.[0-9]{1,20})?$/.test(text))
    throw illegalCharacters(name, '^([0-9]{1,20})(\\.[0-9]{1,20})?$')
  const value = new Money(text)
  if (value.gt(ZERO)) return value
  if (name === 'quantity') throw quantityTooSmall()
  return undefined
}
