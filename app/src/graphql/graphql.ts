import { initGraphQLTada } from 'gql.tada'
import type { introspection } from './graphql-env.d.ts'

/** Typed documents. `Decimal` and `DateTime` stay strings: a float would lose digits of money. */
export const graphql = initGraphQLTada<{
  introspection: introspection
  disableMasking: true
  scalars: { Decimal: string; DateTime: string; ID: string }
}>()

export type { ResultOf, VariablesOf } from 'gql.tada'
