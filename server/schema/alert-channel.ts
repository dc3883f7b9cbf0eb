import { NotFoundError, ValidationError, type ValidationIssue } from '#trading/domain/errors.ts'
import {
  addAlertChannel,
  type ChannelInput,
  deleteAlertChannel,
  knownKinds,
  updateAlertChannel,
} from '#trading/store/alert-channels.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { type ChannelTest, testAlertChannel } from '../alerts/test-channel.ts'
import { RateLimitedError } from '../auth/account-errors.ts'
import { parseId } from '../live/bot-row.ts'
import { builder } from './builder.ts'
import { Deleted } from './deleted.ts'
import { AlertChannelKindEnum, AlertKindEnum } from './enums.ts'
import { viewerOf } from './viewer.ts'

export const AlertChannel = builder.prismaObject('AlertChannel', {
  description: 'Where alerts go. Its address and secrets never leave the server.',
  fields: (t) => ({
    id: t.id({ resolve: (channel) => String(channel.id) }),
    kind: t.expose('kind', { type: AlertChannelKindEnum }),
    name: t.exposeString('name'),
    targetHint: t.exposeString('targetHint', {
      description: 'The host of a webhook, the chat of a Telegram bot.',
    }),
    kinds: t.field({
      type: [AlertKindEnum],
      description: 'The alerts that go here; empty: all.',
      resolve: (channel) => knownKinds(channel.kinds),
    }),
    enabled: t.exposeBoolean('enabled'),
    lastSentAt: t.expose('lastSentAt', { type: 'DateTime', nullable: true }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'Why the last attempt failed; null once one has arrived.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
})

const AddedAlertChannel = builder
  .objectRef<{ channel: typeof AlertChannel.$inferType; secret: string | null }>('AddedAlertChannel')
  .implement({
    fields: (t) => ({
      channel: t.field({ type: AlertChannel, resolve: (added) => added.channel }),
      secret: t.exposeString('secret', {
        nullable: true,
        description:
          'The secret that signs a webhook, where it was made here; shown once. Each POST has X-TradeBot-Signature: sha256=HEX, the HMAC-SHA256 of its body.',
      }),
    }),
  })

const AlertChannelTest = builder.objectRef<ChannelTest>('AlertChannelTest').implement({
  fields: (t) => ({
    delivered: t.exposeBoolean('delivered'),
    message: t.exposeString('message', { description: 'What became of the test, for people.' }),
  }),
})

const AddAlertChannelInput = builder.inputType('AddAlertChannelInput', {
  description:
    'WEBHOOK takes url and, if it is to sign with a secret of yours, secret; TELEGRAM takes botToken and chatId.',
  fields: (t) => ({
    kind: t.field({ type: AlertChannelKindEnum, required: true }),
    name: t.string({ required: true }),
    url: t.string(),
    secret: t.string(),
    botToken: t.string(),
    chatId: t.string(),
    kinds: t.field({ type: [AlertKindEnum] }),
  }),
})

const UpdateAlertChannelInput = builder.inputType('UpdateAlertChannelInput', {
  description: 'What is left out, or null, stays as it is. Its kind never changes.',
  fields: (t) => ({
    id: t.id({ required: true }),
    name: t.string(),
    enabled: t.boolean(),
    kinds: t.field({ type: [AlertKindEnum] }),
    url: t.string(),
    secret: t.string(),
    botToken: t.string(),
    chatId: t.string(),
  }),
})

builder.queryField('alertChannels', (t) =>
  t.prismaField({
    type: ['AlertChannel'],
    resolve: (query, _root, _args, context) =>
      context.services.prisma.alertChannel.findMany({
        ...query,
        where: { userId: BigInt(viewerOf(context).userId), deletedAt: null },
        orderBy: { id: 'desc' },
      }),
  }),
)

builder.mutationFields((t) => ({
  addAlertChannel: t.field({
    type: AddedAlertChannel,
    description: 'Alerts of what happens from now on go there.',
    errors: { types: [ValidationError] },
    args: { input: t.arg({ type: AddAlertChannelInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const { pool, prisma, env } = context.services
      const channel = { name: input.name, kinds: input.kinds ?? [], target: targetOf(input) }
      const { id, generatedSecret } = await inTransaction(pool, (tx) =>
        addAlertChannel(tx, env.masterKey, viewerOf(context).userId, channel),
      )
      const row = await prisma.alertChannel.findUniqueOrThrow({ where: { id: BigInt(id) } })
      return { channel: row, secret: generatedSecret }
    },
  }),

  updateAlertChannel: t.prismaField({
    type: 'AlertChannel',
    description: 'Switched off, what waits to be sent there is given up.',
    errors: { types: [ValidationError, NotFoundError] },
    args: { input: t.arg({ type: UpdateAlertChannelInput, required: true }) },
    resolve: async (query, _root, { input }, context) => {
      if (parseId(input.id) === null) throw new NotFoundError('alert channel')
      const { pool, prisma, env } = context.services
      const { id, name, enabled, kinds, ...target } = input
      await inTransaction(pool, (tx) =>
        updateAlertChannel(tx, env.masterKey, viewerOf(context).userId, id, {
          name: name ?? undefined,
          enabled: enabled ?? undefined,
          kinds: kinds ?? undefined,
          target: {
            url: target.url ?? undefined,
            secret: target.secret ?? undefined,
            botToken: target.botToken ?? undefined,
            chatId: target.chatId ?? undefined,
          },
        }),
      )
      return prisma.alertChannel.findUniqueOrThrow({ ...query, where: { id: BigInt(id) } })
    },
  }),

  deleteAlertChannel: t.field({
    type: Deleted,
    description: 'Its address and secrets are erased, and what waits to be sent there is given up.',
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      if (parseId(id) === null) throw new NotFoundError('alert channel')
      await inTransaction(context.services.pool, (tx) => deleteAlertChannel(tx, viewerOf(context).userId, id))
      return { id }
    },
  }),

  testAlertChannel: t.field({
    type: AlertChannelTest,
    description: 'A worker sends a test on the way that alerts take; the answer says what became of it.',
    errors: { types: [NotFoundError, RateLimitedError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => {
      if (parseId(id) === null) throw new NotFoundError('alert channel')
      return testAlertChannel(context.services, viewerOf(context).userId, id)
    },
  }),
}))

/** What the kind needs and is missing breaks the store's rules. @throws ValidationError for what the kind does not have */
function targetOf(input: typeof AddAlertChannelInput.$inferInput): ChannelInput['target'] {
  const webhook = input.kind === 'WEBHOOK'
  const foreign = webhook ? (['botToken', 'chatId'] as const) : (['url', 'secret'] as const)
  const issues: ValidationIssue[] = foreign
    .filter((field) => input[field] != null)
    .map((field) => ({
      path: [field],
      message: `${field} does not belong to a ${webhook ? 'webhook' : 'Telegram channel'}.`,
    }))
  if (issues.length > 0) throw new ValidationError(issues)
  return webhook
    ? { kind: 'WEBHOOK', url: input.url ?? '', secret: input.secret ?? null }
    : { kind: 'TELEGRAM', botToken: input.botToken ?? '', chatId: input.chatId ?? '' }
}
