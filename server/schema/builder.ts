import SchemaBuilder from '@pothos/core'
import ErrorsPlugin from '@pothos/plugin-errors'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import { getDatamodel } from '#prisma/generated/pothos-types.ts'
import type PrismaTypes from '#prisma/generated/pothos-types.ts'
import type { Decimal } from '#trading/domain/money.ts'
import type { Context } from '../context.ts'

/** What serialises to Decimal: ours, and Prisma's (another constructor; only its text is used). */
export type DecimalOutput = { toFixed(): string }

/** Every file of this folder hangs its type, queries, mutations and subscriptions on this; `index.ts` imports them all. */
export const builder = new SchemaBuilder<{
  Context: Context
  PrismaTypes: PrismaTypes
  DefaultFieldNullability: false
  DefaultInputFieldRequiredness: false
  DefaultEdgesNullability: { list: false; items: false }
  DefaultNodeNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    Decimal: { Input: Decimal; Output: DecimalOutput }
  }
}>({
  plugins: [ErrorsPlugin, RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  errors: { directResult: true, defaultTypes: [] },
  relay: {
    cursorType: 'String',
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    edgesFieldOptions: { nullable: { list: false, items: false } },
    nodeFieldOptions: { nullable: false },
  },
  prisma: {
    client: (context) => context.services.prisma,
    dmmf: getDatamodel(),
  },
})

builder.queryType({})
builder.mutationType({})
builder.subscriptionType({})
