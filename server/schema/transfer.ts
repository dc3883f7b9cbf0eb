import { z } from 'zod'
import { InvalidTransitionError, NotFoundError, ValidationError } from '#trading/domain/errors.ts'
import { resolveTransfer } from '#trading/store/resolve-transfer.ts'
import { runCommand } from '../bots/run-command.ts'
import { parseId } from '../live/bot-row.ts'
import { builder } from './builder.ts'
import { OrderOutcomeEnum } from './enums.ts'

const TransferCandidate = builder.objectRef<{ id: string; at: string }>('TransferCandidate').implement({
  description: "A row of the exchange's history, of the transfer's own amount and direction.",
  fields: (t) => ({
    id: t.exposeID('id', { description: "The exchange's own number." }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
  }),
})

/** As the worker writes them (trading/store/transfers.ts). */
const CANDIDATES = z.array(z.object({ id: z.string(), at: z.string() }))

export const Transfer = builder.prismaObject('Transfer', {
  description: 'Money moved between the wallets of an account, by autoTransferFunds. No part of profit.',
  fields: (t) => ({
    id: t.id({ resolve: (transfer) => String(transfer.id) }),
    purpose: t.exposeString('purpose', {
      description: 'ENTRY: margin that an entry lacked. DAY_END: profit above start capital.',
    }),
    fromWallet: t.exposeString('fromWallet', { description: 'SPOT or FUTURES.' }),
    toWallet: t.exposeString('toWallet'),
    amount: t.expose('amount', { type: 'Decimal' }),
    currency: t.exposeString('currency'),
    status: t.exposeString('status', {
      description:
        'INTENDED, SUBMITTING, UNKNOWN, then DONE, REFUSED or NOT_PLACED. One in UNKNOWN that the exchange cannot tell from another asks a person: resolveTransfer.',
    }),
    exchangeTransferId: t.exposeString('exchangeTransferId', { nullable: true }),
    errorCode: t.exposeString('errorCode', { nullable: true }),
    errorMessage: t.exposeString('errorMessage', { nullable: true }),
    candidates: t.field({
      type: [TransferCandidate],
      description: 'Where a person is asked: which of these is it, if any?',
      select: { candidates: true },
      resolve: ({ candidates }) => CANDIDATES.parse(candidates),
    }),
    order: t.relation('order', { nullable: true, description: 'The entry that it is for.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
})

const ResolveTransferInput = builder.inputType('ResolveTransferInput', {
  fields: (t) => ({
    id: t.id({ required: true }),
    outcome: t.field({ type: OrderOutcomeEnum, required: true }),
    exchangeTransferId: t.string(),
  }),
})

builder.mutationField('resolveTransfer', (t) =>
  t.field({
    type: Transfer,
    description:
      'A person answers what a transfer in UNKNOWN became, having looked at the exchange; written to the audit log.',
    errors: { types: [ValidationError, NotFoundError, InvalidTransitionError] },
    args: { input: t.arg({ type: ResolveTransferInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const id = parseId(input.id)
      if (id === null) throw new NotFoundError('transfer')
      await runCommand(context, (tx, actor) =>
        resolveTransfer(tx, actor, {
          id: input.id,
          outcome: input.outcome,
          exchangeTransferId: input.exchangeTransferId ?? null,
        }),
      )
      return context.services.prisma.transfer.findUniqueOrThrow({ where: { id } })
    },
  }),
)
