import type { BotStatus } from '#trading/domain/bot-lifecycle.ts'
import { builder } from './builder.ts'
import { BotStatusEnum } from './enums.ts'
import { pageByIdDescending } from './page.ts'
import { badInput, viewerOf } from './viewer.ts'

type EventShape = {
  id: bigint | string
  botId: bigint | string
  seq: bigint
  type: string
  fromStatus: BotStatus | null
  toStatus: BotStatus | null
  actor: string
  message: string
  at: Date
}

export const BotEvent = builder.objectRef<EventShape>('BotEvent').implement({
  fields: (t) => ({
    id: t.id({ resolve: (event) => String(event.id) }),
    cursor: t.string({
      description: 'Orders all events of a user without gaps; the resume cursor of botEvents.',
      resolve: (event) => String(event.seq),
    }),
    botId: t.id({ resolve: (event) => String(event.botId) }),
    type: t.exposeString('type'),
    fromStatus: t.expose('fromStatus', { type: BotStatusEnum, nullable: true }),
    toStatus: t.expose('toStatus', { type: BotStatusEnum, nullable: true }),
    actor: t.exposeString('actor', {
      description:
        'Who did it: user, token:NAME, worker, cron, or tradebotctl (in the database, without the API).',
    }),
    message: t.exposeString('message'),
    at: t.expose('at', { type: 'DateTime' }),
  }),
})

builder.queryField('events', (t) =>
  t.connection({
    type: BotEvent,
    description: "Of all the viewer's bots, newest first; those of deleted ones too.",
    resolve: (_root, args, context) =>
      pageByIdDescending(args, ({ where, ...query }) =>
        context.services.prisma.botEvent.findMany({
          ...query,
          where: { userId: BigInt(viewerOf(context).userId), ...where },
        }),
      ),
  }),
)

builder.subscriptionField('botEvents', (t) =>
  t.field({
    type: BotEvent,
    description:
      "Every event of the viewer's bots after this cursor, then live. None lost, none twice, in order. Without a cursor, or with one beyond the newest event (of a database that was restored since): from now on.",
    args: { after: t.arg.string() },
    subscribe: (_root, { after }, context) => {
      if (after != null && !/^\d{1,18}$/.test(after))
        throw badInput(['after'], 'is not a cursor of botEvents.')
      return context.services.feeds.events.subscribe(
        viewerOf(context).userId,
        after == null ? null : BigInt(after),
      )
    },
    resolve: (event) => event,
  }),
)
