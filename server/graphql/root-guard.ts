import { GraphQLError, type GraphQLFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql'
import { UnauthenticatedError } from '../auth/account-errors.ts'
import type { Context } from '../context.ts'

/** What answers without a credential. */
const PUBLIC: ReadonlySet<string> = new Set(['Query.viewer', 'Mutation.signUp', 'Mutation.signIn'])

/**
 * Makes every other root field answer UNAUTHENTICATED to nobody. Around the finished schema, so that a new field is closed until it is
 * named above, and outside the unions of mutations, so that the error stands at the top.
 */
export function protectRootFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (type) protect(type)
  }
  return schema
}

type Resolver = GraphQLFieldResolver<unknown, Context>

function protect(type: GraphQLObjectType): void {
  for (const field of Object.values(type.getFields())) {
    if (PUBLIC.has(`${type.name}.${field.name}`)) continue
    if (field.resolve) field.resolve = guarded(field.resolve)
    if (field.subscribe) field.subscribe = guarded(field.subscribe)
  }
}

function guarded(resolver: Resolver): Resolver {
  return (root, args, context, info) => {
    if (context.auth !== null) return resolver(root, args, context, info)
    const { code, message } = new UnauthenticatedError()
    throw new GraphQLError(message, { extensions: { code } })
  }
}
