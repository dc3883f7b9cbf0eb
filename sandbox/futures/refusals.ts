import { BinanceError } from '../binance-error.ts'

/** What the futures API refuses, in Binance's codes and words. */
const refusal = (code: number, message: string) => () => new BinanceError(400, code, message)

export const marginInsufficient = refusal(-2019, 'Margin is insufficient.')
export const wouldTrigger = refusal(-2021, 'Order would immediately trigger.')
export const reduceOnlyRejected = refusal(-2022, 'ReduceOnly Order is rejected.')
export const positionTooLarge = refusal(-2027, 'Exceeded the maximum allowable position at current leverage.')
export const tooPrecise = refusal(-1111, 'Precision is over the maximum defined for this asset.')
export const quantityTooSmall = refusal(-4003, 'Quantity less than or equal to zero.')
export const quantityTooLarge = refusal(-4005, 'Quantity greater than max quantity.')
export const priceOffTick = refusal(-4014, 'Price not increased by tick size.')
export const bestPriceTooFar = refusal(
  -4131,
  "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
)
export const clientIdTaken = refusal(-4116, 'ClientOrderId is duplicated.')
export const clientIdTooLong = refusal(-4015, 'Client order id length should not be more than 36 chars')
export const wrongPositionSide = refusal(-4061, "Order's position side does not match user's setting.")
export const tooManyOrders = refusal(-1015, 'Too many new orders.')
export const notFilledAtOnce = refusal(
  -5021,
  'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history',
)
export const notAsMaker = refusal(
  -5022,
  'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history',
)
export const marginTypeSame = refusal(-4046, 'No need to change margin type.')
export const marginTypeOrders = refusal(-4047, 'Margin type cannot be changed if there exists open orders.')
export const marginTypePosition = refusal(-4048, 'Margin type cannot be changed if there exists position.')
export const leverageLowered = refusal(
  -4161,
  'Leverage reduction is not supported in Isolated Margin Mode with open positions.',
)
export const positionSideSame = refusal(-4059, 'No need to change position side.')
export const invalidOrderType = refusal(-1116, 'Invalid orderType.')
export const invalidSide = refusal(-1117, 'Invalid side.')
export const invalidTimeInForce = refusal(-1115, 'Invalid timeInForce.')

export const invalidLeverage = (leverage: number) =>
  new BinanceError(400, -4028, `Leverage ${leverage} is not valid`)
export const notionalTooSmall = (minimum: string) =>
  new BinanceError(
    400,
    -4164,
    `Order's notional must be no smaller than ${minimum} (unless you choose reduce only).`,
  )
export const priceTooHigh = (limit: string) =>
  new BinanceError(400, -4016, `Limit price can't be higher than ${limit}.`)
export const priceTooLow = (limit: string) =>
  new BinanceError(400, -4024, `Limit price can't be lower than ${limit}.`)
