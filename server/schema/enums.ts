import { ALERT_KINDS } from '#trading/domain/alerts.ts'
import { BOT_COMMANDS, BOT_STATUSES } from '#trading/domain/bot-lifecycle.ts'
import { builder } from './builder.ts'

export const BotStatusEnum = builder.enumType('BotStatus', { values: BOT_STATUSES })
export const BotCommandEnum = builder.enumType('BotCommand', { values: BOT_COMMANDS })
export const PauseReasonEnum = builder.enumType('PauseReason', {
  values: ['DAILY_TARGET', 'DAILY_LOSS', 'DAILY_TRADES', 'DRAWDOWN', 'MANUAL', 'RECONCILIATION'] as const,
})
export const BotModeEnum = builder.enumType('BotMode', { values: ['PAPER', 'LIVE'] as const })
export const PositionTypeEnum = builder.enumType('PositionType', { values: ['SPOT', 'FUTURES'] as const })
export const DirectionEnum = builder.enumType('Direction', { values: ['LONG', 'SHORT', 'BOTH'] as const })
export const OrderSideEnum = builder.enumType('OrderSide', { values: ['BUY', 'SELL'] as const })
export const OrderPurposeEnum = builder.enumType('OrderPurpose', {
  values: ['ENTRY', 'EXIT', 'STOP_LOSS', 'TAKE_PROFIT', 'CLOSE', 'PROTECTIVE_STOP'] as const,
})
export const OrderStatusEnum = builder.enumType('OrderStatus', {
  description:
    'INTENDED: written, not yet sent. SUBMITTING: a worker may have sent it; the answer is not recorded. UNKNOWN: sent, outcome not known, being reconciled. NOT_PLACED: not found after the settling time, or never sent. The rest are as the exchange reports.',
  values: [
    'INTENDED',
    'SUBMITTING',
    'UNKNOWN',
    'NOT_PLACED',
    'OPEN',
    'PARTIALLY_FILLED',
    'FILLED',
    'CANCELED',
    'REJECTED',
    'EXPIRED',
  ] as const,
})
export const OpenPositionPolicyEnum = builder.enumType('OpenPositionPolicy', {
  values: ['CLOSE', 'KEEP'] as const,
})
export const OrderOutcomeEnum = builder.enumType('OrderOutcome', {
  values: ['PLACED', 'NOT_PLACED'] as const,
})
export const OrderTypeEnum = builder.enumType('OrderType', {
  values: ['MARKET', 'LIMIT_IOC', 'STOP_LIMIT', 'STOP_MARKET', 'OTHER'] as const,
})
export const OrderOriginEnum = builder.enumType('OrderOrigin', {
  values: ['BOT', 'TAKEN_OVER', 'MANUAL', 'LIQUIDATION'] as const,
})
export const AlertKindEnum = builder.enumType('AlertKind', { values: ALERT_KINDS })
export const AlertChannelKindEnum = builder.enumType('AlertChannelKind', {
  values: ['WEBHOOK', 'TELEGRAM'] as const,
})
export const AlertDeliveryStatusEnum = builder.enumType('AlertDeliveryStatus', {
  values: ['PENDING', 'SENT', 'FAILED'] as const,
})
