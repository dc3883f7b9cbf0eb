import type { Prisma } from '#prisma/generated/client.ts'
import { knownKinds } from '#trading/store/alert-channels.ts'
import { AlertChannel } from './alert-channel.ts'
import { builder } from './builder.ts'
import { AlertDeliveryStatusEnum, AlertKindEnum } from './enums.ts'
import { pageByIdDescending } from './page.ts'
import { viewerOf } from './viewer.ts'

const include = {
  bot: { select: { name: true } },
  deliveries: { include: { channel: true }, orderBy: { id: 'asc' } },
} as const satisfies Prisma.AlertInclude

type AlertRow = Prisma.AlertGetPayload<{ include: typeof include }>

const AlertDelivery = builder.objectRef<AlertRow['deliveries'][number]>('AlertDelivery').implement({
  description: 'An alert on its way to a channel. It is tried again for a day.',
  fields: (t) => ({
    id: t.id({ resolve: (delivery) => String(delivery.id) }),
    channel: t.field({
      type: AlertChannel,
      description: 'May have been deleted since.',
      resolve: (delivery) => delivery.channel,
    }),
    status: t.expose('status', { type: AlertDeliveryStatusEnum }),
    attempts: t.exposeInt('attempts'),
    nextTryAt: t.expose('nextTryAt', { type: 'DateTime', nullable: true }),
    sentAt: t.expose('sentAt', { type: 'DateTime', nullable: true }),
    error: t.exposeString('error', { nullable: true, description: 'Why the last attempt failed.' }),
  }),
})

const Alert = builder.objectRef<AlertRow>('Alert').implement({
  description: 'Something that a person should know; one, however often it was seen.',
  fields: (t) => ({
    id: t.id({ resolve: (alert) => String(alert.id) }),
    kind: t.field({ type: AlertKindEnum, resolve: (alert) => kindOf(alert) }),
    botId: t.id({ nullable: true, resolve: (alert) => alert.botId?.toString() ?? null }),
    botName: t.string({ nullable: true, resolve: (alert) => alert.bot?.name ?? null }),
    message: t.exposeString('message'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the trouble was over; null while it lasts.',
    }),
    deliveries: t.field({ type: [AlertDelivery], resolve: (alert) => alert.deliveries }),
  }),
})

builder.queryField('alerts', (t) =>
  t.connection({
    type: Alert,
    description: 'Newest first.',
    resolve: (_root, args, context) =>
      pageByIdDescending(args, ({ where, ...query }) =>
        context.services.prisma.alert.findMany({
          ...query,
          where: { userId: BigInt(viewerOf(context).userId), ...where },
          include,
        }),
      ),
  }),
)

function kindOf(alert: AlertRow) {
  const [kind] = knownKinds([alert.kind])
  if (kind === undefined) throw new Error(`Alert ${alert.id} is of a kind that nobody knows: ${alert.kind}.`)
  return kind
}
