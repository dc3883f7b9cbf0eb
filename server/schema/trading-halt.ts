import { haltTrading, resumeTrading } from '#trading/store/halt.ts'
import { runCommand } from '../bots/run-command.ts'
import { builder } from './builder.ts'
import { viewerOf } from './viewer.ts'

builder.mutationFields((t) => ({
  haltTrading: t.prismaField({
    type: 'User',
    description:
      'No bot of the viewer opens or grows a position from this commit on, until resumeTrading. Positions stay guarded; each bot keeps its status.',
    args: { closePositions: t.arg.boolean({ defaultValue: false }) },
    resolve: async (query, _root, { closePositions }, context) => {
      await runCommand(context, (tx, actor) => haltTrading(tx, actor, closePositions ?? false))
      const id = BigInt(viewerOf(context).userId)
      return context.services.prisma.user.findUniqueOrThrow({ ...query, where: { id } })
    },
  }),

  resumeTrading: t.prismaField({
    type: 'User',
    resolve: async (query, _root, _args, context) => {
      await runCommand(context, (tx, actor) => resumeTrading(tx, actor))
      const id = BigInt(viewerOf(context).userId)
      return context.services.prisma.user.findUniqueOrThrow({ ...query, where: { id } })
    },
  }),
}))
