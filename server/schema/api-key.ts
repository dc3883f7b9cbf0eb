import { NotFoundError, ValidationError } from '#trading/domain/errors.ts'
import { deleteApiKey } from '#trading/store/api-keys.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { addApiKey, replaceApiKey } from '../api-keys/save-api-key.ts'
import { parseId } from '../live/bot-row.ts'
import { builder } from './builder.ts'
import { Deleted } from './deleted.ts'
import { viewerOf } from './viewer.ts'

export const ApiKey = builder.prismaObject('ApiKey', {
  fields: (t) => ({
    id: t.id({ resolve: (key) => String(key.id) }),
    exchange: t.exposeString('exchange'),
    label: t.exposeString('label'),
    keyHint: t.exposeString('keyHint', {
      description: 'The last four characters; the key and secret never leave the server.',
    }),
    canTrade: t.exposeBoolean('canTrade', {
      nullable: true,
      description: 'Null until a worker has asked the exchange.',
    }),
    canTransfer: t.exposeBoolean('canTransfer', { nullable: true }),
    canWithdraw: t.exposeBoolean('canWithdraw', { nullable: true }),
    reconciledAt: t.expose('reconciledAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the books were last compared with the account; null: never, no LIVE bot has run on it.',
    }),
    reconcileError: t.exposeString('reconcileError', {
      nullable: true,
      description: 'Why the last comparison failed; null when it did not.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
})

builder.queryField('apiKeys', (t) =>
  t.prismaField({
    type: ['ApiKey'],
    resolve: (query, _root, _args, context) =>
      context.services.prisma.apiKey.findMany({
        ...query,
        where: { userId: BigInt(viewerOf(context).userId), deletedAt: null },
        orderBy: { id: 'desc' },
      }),
  }),
)

const AddApiKeyInput = builder.inputType('AddApiKeyInput', {
  description: 'A key that may withdraw is refused unless acceptWithdraw is true.',
  fields: (t) => ({
    exchange: t.string({ required: true }),
    label: t.string({ required: true }),
    apiKey: t.string({ required: true }),
    secretKey: t.string({ required: true }),
    passphrase: t.string(),
    acceptWithdraw: t.boolean({ defaultValue: false }),
  }),
})

const ReplaceApiKeyInput = builder.inputType('ReplaceApiKeyInput', {
  description: 'New credentials of the same account at the exchange.',
  fields: (t) => ({
    id: t.id({ required: true }),
    apiKey: t.string({ required: true }),
    secretKey: t.string({ required: true }),
    passphrase: t.string(),
  }),
})

builder.mutationFields((t) => ({
  addApiKey: t.prismaField({
    type: 'ApiKey',
    description: 'A worker asks the exchange what the key may do; a key that it refuses is not kept.',
    errors: { types: [ValidationError] },
    args: { input: t.arg({ type: AddApiKeyInput, required: true }) },
    resolve: async (query, _root, { input }, context) => {
      const id = await addApiKey(context.services, viewerOf(context).userId, {
        exchange: input.exchange,
        label: input.label,
        acceptWithdraw: input.acceptWithdraw ?? false,
        credentials: {
          apiKey: input.apiKey,
          secretKey: input.secretKey,
          passphrase: input.passphrase ?? null,
        },
      })
      return context.services.prisma.apiKey.findUniqueOrThrow({ ...query, where: { id: BigInt(id) } })
    },
  }),

  replaceApiKey: t.prismaField({
    type: 'ApiKey',
    description: 'The old credentials stay in use until the exchange has accepted the new ones.',
    errors: { types: [ValidationError, NotFoundError] },
    args: { input: t.arg({ type: ReplaceApiKeyInput, required: true }) },
    resolve: async (query, _root, { input }, context) => {
      if (parseId(input.id) === null) throw new NotFoundError('API key')
      await replaceApiKey(context.services, viewerOf(context).userId, input.id, {
        apiKey: input.apiKey,
        secretKey: input.secretKey,
        passphrase: input.passphrase ?? null,
      })
      return context.services.prisma.apiKey.findUniqueOrThrow({ ...query, where: { id: BigInt(input.id) } })
    },
  }),

  deleteApiKey: t.field({
    type: Deleted,
    description:
      'Refused while a bot, or an order that is not settled, uses the key. Its secrets are erased.',
    errors: { types: [NotFoundError, ValidationError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      if (parseId(id) === null) throw new NotFoundError('API key')
      await inTransaction(context.services.pool, (tx) => deleteApiKey(tx, viewerOf(context).userId, id))
      return { id }
    },
  }),
}))
