import { InvalidTransitionError, NotFoundError, ValidationError } from '#trading/domain/errors.ts'
import { resolveOrder } from '#trading/store/resolve-order.ts'
import { runCommand } from '../bots/run-command.ts'
import { parseId } from '../live/bot-row.ts'
import { builder } from './builder.ts'
import {
  OrderOriginEnum,
  OrderOutcomeEnum,
  OrderPurposeEnum,
  OrderSideEnum,
  OrderStatusEnum,
  OrderTypeEnum,
} from './enums.ts'
import { pageByIdDescending } from './page.ts'
import { viewerOf } from './viewer.ts'

// Text in the database.
const ORDER_TYPES = ['MARKET', 'LIMIT_IOC', 'STOP_LIMIT', 'STOP_MARKET', 'OTHER'] as const
const ORDER_ORIGINS = ['BOT', 'TAKEN_OVER', 'MANUAL', 'LIQUIDATION'] as const

export const Order = builder.prismaObject('Order', {
  fields: (t) => ({
    id: t.id({ resolve: (order) => String(order.id) }),
    botId: t.id({ resolve: (order) => String(order.botId) }),
    clientOrderId: t.exposeString('clientOrderId'),
    exchangeOrderId: t.exposeString('exchangeOrderId', { nullable: true }),
    side: t.expose('side', { type: OrderSideEnum }),
    purpose: t.expose('purpose', { type: OrderPurposeEnum }),
    status: t.expose('status', { type: OrderStatusEnum }),
    type: t.field({
      type: OrderTypeEnum,
      resolve: ({ type }) => ORDER_TYPES.find((known) => known === type) ?? 'OTHER',
      description:
        'LIMIT_IOC: fills at once up to its price, or goes. STOP_LIMIT: rests until the price falls to stopPrice, then is a limit order at price. STOP_MARKET: rests until the mark price reaches stopPrice, then is a market order.',
    }),
    price: t.expose('price', { type: 'Decimal', nullable: true }),
    stopPrice: t.expose('stopPrice', { type: 'Decimal', nullable: true }),
    revision: t.exposeInt('revision', { description: "The bot's configuration that decided the order." }),
    origin: t.field({
      type: OrderOriginEnum,
      resolve: ({ origin }) => ORDER_ORIGINS.find((known) => known === origin) ?? 'BOT',
      description:
        'TAKEN_OVER: ours, but missing in the books until reconciliation found it. MANUAL: placed by a person at the exchange. LIQUIDATION: the exchange closed the position, for its margin was used up; on paper, as it would have.',
    }),
    reduceOnly: t.exposeBoolean('reduceOnly', {
      description: 'It can only make a position smaller: every exit of FUTURES.',
    }),
    errorCode: t.exposeString('errorCode', { nullable: true }),
    amount: t.expose('amount', { type: 'Decimal' }),
    filled: t.expose('filled', { type: 'Decimal' }),
    averagePrice: t.expose('averagePrice', { type: 'Decimal', nullable: true }),
    reason: t.exposeString('reason'),
    errorMessage: t.exposeString('errorMessage', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})

builder.queryField('orders', (t) =>
  t.connection({
    type: Order,
    description: "Of all the viewer's bots, newest first; those of deleted ones too.",
    args: { status: t.arg({ type: OrderStatusEnum }) },
    resolve: (_root, args, context) => {
      const own = {
        userId: BigInt(viewerOf(context).userId),
        ...(args.status == null ? {} : { status: args.status }),
      }
      return pageByIdDescending(args, ({ where, ...query }) =>
        context.services.prisma.order.findMany({ ...query, where: { ...own, ...where } }),
      )
    },
  }),
)

const ResolveOrderInput = builder.inputType('ResolveOrderInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    outcome: t.field({ type: OrderOutcomeEnum, required: true }),
    exchangeOrderId: t.string(),
  }),
})

builder.mutationField('resolveOrder', (t) =>
  t.field({
    type: Order,
    description:
      'A person answers what an order in UNKNOWN became, having looked at the exchange; written to the audit log.',
    errors: { types: [ValidationError, NotFoundError, InvalidTransitionError] },
    args: { input: t.arg({ type: ResolveOrderInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const id = parseId(input.id)
      if (id === null) throw new NotFoundError('order')
      await runCommand(context, (tx, actor) =>
        resolveOrder(tx, actor, {
          id: input.id,
          outcome: input.outcome,
          exchangeOrderId: input.exchangeOrderId ?? null,
        }),
      )
      return context.services.prisma.order.findUniqueOrThrow({ where: { id } })
    },
  }),
)
