import { NotFoundError, ValidationError } from '#trading/domain/errors.ts'
import { createApiToken, deleteApiToken } from '#trading/store/api-tokens.ts'
import { parseId } from '../live/bot-row.ts'
import { builder } from './builder.ts'
import { Deleted } from './deleted.ts'
import { viewerOf } from './viewer.ts'

const ApiToken = builder.prismaObject('ApiToken', {
  fields: (t) => ({
    id: t.id({ resolve: (token) => String(token.id) }),
    name: t.exposeString('name'),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
})

const IssuedApiToken = builder
  .objectRef<{ token: string; apiToken: typeof ApiToken.$inferType }>('IssuedApiToken')
  .implement({
    description: 'The token is shown once, here.',
    fields: (t) => ({
      token: t.exposeString('token'),
      apiToken: t.field({ type: ApiToken, resolve: (issued) => issued.apiToken }),
    }),
  })

builder.queryField('apiTokens', (t) =>
  t.prismaField({
    type: ['ApiToken'],
    resolve: (query, _root, _args, context) =>
      context.services.prisma.apiToken.findMany({
        ...query,
        where: { userId: BigInt(viewerOf(context).userId) },
        orderBy: { id: 'desc' },
      }),
  }),
)

builder.mutationFields((t) => ({
  createApiToken: t.field({
    type: IssuedApiToken,
    description: 'A token for other programs: Authorization: Bearer TOKEN.',
    errors: { types: [ValidationError] },
    args: { name: t.arg.string({ required: true }) },
    resolve: async (_root, { name }, context) => {
      const { pool, prisma } = context.services
      const { id, token } = await createApiToken(pool, viewerOf(context).userId, name)
      return { token, apiToken: await prisma.apiToken.findUniqueOrThrow({ where: { id: BigInt(id) } }) }
    },
  }),

  deleteApiToken: t.field({
    type: Deleted,
    description: 'Ends the token at once; sockets that it opened are closed.',
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      if (parseId(id) === null) throw new NotFoundError('API token')
      await deleteApiToken(context.services.pool, viewerOf(context).userId, id)
      await context.services.credentials.check()
      return { id }
    },
  }),
}))
