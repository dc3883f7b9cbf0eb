import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  printSchema,
} from 'graphql'
import { expect, test } from 'vitest'
import { schema } from './index.ts'

const read = (...parts: string[]) => readFileSync(path.join(import.meta.dirname, ...parts), 'utf8')

test('schema.graphql is what the code serves (print it with: node scripts/print-schema.ts)', () => {
  expect(read('..', '..', 'schema.graphql')).toBe(`${printSchema(schema)}\n`)
})

test('the served schema contains every part of the contract, with its nullability and defaults', () => {
  const contract = buildSchema(read('api-contract.graphql'))
  const wanted = Object.values(contract.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  )
  expect(wanted.length).toBeGreaterThan(60)
  expect(wanted.flatMap((type) => missingFrom(type, schema.getType(type.name)))).toEqual([])
})

test('the comparison with the contract finds what is missing or different', () => {
  const one = buildSchema('type Query { a(x: Int = 1): String! b: E } enum E { P Q }')
  const two = buildSchema('type Query { a(x: Int = 2, y: Int!): String } enum E { P }')
  const found = Object.values(one.getTypeMap()).flatMap((type) =>
    type.name.startsWith('__') ? [] : missingFrom(type, two.getType(type.name)),
  )
  expect(found).toEqual([
    'Query.a is String, not String!',
    'Query.a(x:) defaults to 2, not 1',
    'Query.a(y:) is required, and the contract does not have it',
    'Query.b is missing',
    'E.Q is missing',
  ])
})

/** What the contract's type has and the served one lacks; more than the contract is fine where it is optional. */
function missingFrom(wanted: GraphQLNamedType, served: GraphQLNamedType | undefined): string[] {
  if (served === undefined) return [`${wanted.name} is missing`]
  if (isEnumType(wanted) && isEnumType(served)) {
    return names(wanted.getValues())
      .filter((name) => !names(served.getValues()).includes(name))
      .map((name) => `${wanted.name}.${name} is missing`)
  }
  if (isUnionType(wanted) && isUnionType(served)) {
    return names(wanted.getTypes())
      .filter((name) => !names(served.getTypes()).includes(name))
      .map((name) => `${wanted.name} lacks ${name}`)
  }
  if (isInputObjectType(wanted) && isInputObjectType(served)) {
    return inputDifferences(
      `${wanted.name}.`,
      Object.values(wanted.getFields()),
      Object.values(served.getFields()),
    )
  }
  const objects = isObjectType(wanted) && isObjectType(served)
  if (objects || (isInterfaceType(wanted) && isInterfaceType(served))) {
    const interfaces = names(wanted.getInterfaces()).filter(
      (name) => !names(served.getInterfaces()).includes(name),
    )
    const fields = Object.values(wanted.getFields()).flatMap((field) => {
      const found = served.getFields()[field.name]
      const where = `${wanted.name}.${field.name}`
      if (found === undefined) return [`${where} is missing`]
      const type =
        String(found.type) === String(field.type) ? [] : [`${where} is ${found.type}, not ${field.type}`]
      return [...type, ...inputDifferences(`${where}(`, field.args, found.args, ':)')]
    })
    return [...interfaces.map((name) => `${wanted.name} does not implement ${name}`), ...fields]
  }
  return wanted.constructor === served.constructor ? [] : [`${wanted.name} is of another kind`]
}

type Input = GraphQLArgument | GraphQLInputField

function inputDifferences(
  before: string,
  wanted: readonly Input[],
  served: readonly Input[],
  after = '',
): string[] {
  const differences = wanted.flatMap((input) => {
    const found = served.find((candidate) => candidate.name === input.name)
    const where = `${before}${input.name}${after}`
    if (found === undefined) return [`${where} is missing`]
    const issues: string[] = []
    if (String(found.type) !== String(input.type)) issues.push(`${where} is ${found.type}, not ${input.type}`)
    if (text(found.defaultValue) !== text(input.defaultValue)) {
      issues.push(`${where} defaults to ${text(found.defaultValue)}, not ${text(input.defaultValue)}`)
    }
    return issues
  })
  const demanded = served.filter(
    (input) =>
      !names(wanted).includes(input.name) &&
      String(input.type).endsWith('!') &&
      input.defaultValue === undefined,
  )
  return [
    ...differences,
    ...demanded.map(
      (input) => `${before}${input.name}${after} is required, and the contract does not have it`,
    ),
  ]
}

function names(things: readonly { name: string }[]): string[] {
  return things.map((thing) => thing.name)
}

/** Our Decimal's default is a Decimal, the contract's the text that was written. */
function text(value: unknown): string {
  return String(value)
}
