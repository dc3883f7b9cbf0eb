import type { Prisma as PrismaNamespace } from '#prisma/generated/client.ts'
import { escapeLike } from '#trading/store/like-pattern.ts'
import { botInclude, type BotRow, loadOwnBot } from '../live/bot-row.ts'
import { Bot } from './bot.ts'
import { builder } from './builder.ts'
import { BotStatusEnum } from './enums.ts'
import { pageByIdDescending } from './page.ts'
import { viewerOf } from './viewer.ts'

builder.queryField('bot', (t) =>
  t.field({
    type: Bot,
    nullable: true,
    description: "Null when there is no such bot of the viewer's.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => loadOwnBot(context.services.prisma, viewerOf(context).userId, id),
  }),
)

/** What `bots` matches; `totalCount` counts the same. */
type BotList = { where: PrismaNamespace.BotWhereInput }

builder.queryField('bots', (t) =>
  t.connection(
    {
      type: Bot,
      description: 'Newest first. search: a part of name or symbol, in any case.',
      args: { status: t.arg({ type: BotStatusEnum }), search: t.arg.string() },
      resolve: async (_root, args, context) => {
        const { prisma } = context.services
        const text = args.search?.trim() ?? ''
        const contains = { contains: escapeLike(text), mode: 'insensitive' } as const
        const list: PrismaNamespace.BotWhereInput = {
          userId: BigInt(viewerOf(context).userId),
          deletedAt: null,
          ...(args.status == null ? {} : { state: { is: { status: args.status } } }),
          ...(text === '' ? {} : { OR: [{ name: contains }, { symbol: contains }] }),
        }
        const page = await pageByIdDescending<BotRow>(args, async ({ where, ...query }) => {
          const [rows] = await prisma.$transaction(
            [prisma.bot.findMany({ ...query, where: { ...list, ...where }, include: botInclude })],
            { isolationLevel: 'RepeatableRead' },
          )
          return rows
        })
        return { ...page, where: list } satisfies BotList
      },
    },
    {
      fields: (connection) => ({
        totalCount: connection.int({
          description: 'How many bots the filters match, on all pages together.',
          resolve: (page, _args, { services }) => services.prisma.bot.count({ where: countedBy(page) }),
        }),
      }),
    },
  ),
)

/** The connection's shape knows edges and pageInfo only; the filter travels with it. */
function countedBy(page: object): PrismaNamespace.BotWhereInput {
  if (!('where' in page) || typeof page.where !== 'object' || page.where === null) {
    throw new Error('A page of bots came without its filter.')
  }
  return page.where
}
