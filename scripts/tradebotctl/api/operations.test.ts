import { readFileSync } from 'node:fs'
import path from 'node:path'
import { buildSchema, type GraphQLInputField, isEnumType, isInputObjectType, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { CONFIG_FIELDS } from '../bots/config-fields.ts'
import { BOT_STATUSES } from '#trading/domain/bot-lifecycle.ts'
import { ORDER_STATUSES } from '#trading/domain/order.ts'
import { FOLLOW_EVENTS, OPERATIONS } from './operations.ts'

const root = path.join(import.meta.dirname, '..', '..', '..')
const schema = buildSchema(readFileSync(path.join(root, 'schema.graphql'), 'utf8'))

test.each([
  ...Object.entries(OPERATIONS).map(([name, { text, kind }]) => [name, text, kind] as const),
  ['follow', FOLLOW_EVENTS, 'subscription'] as const,
])('the document %s is what the server takes, and of its kind', (_name, text, kind) => {
  const document = parse(text)
  expect(validate(schema, document)).toEqual([])
  expect(
    document.definitions.flatMap((each) => (each.kind === 'OperationDefinition' ? [each.operation] : [])),
  ).toEqual([kind])
})

test('a document that is wrong is found', () => {
  expect(validate(schema, parse('{ bots { edges { node { nothing } } } }'))).toHaveLength(1)
})

test('settings of a bot are those of CreateBotInput, with its kinds and defaults', () => {
  const input = schema.getType('CreateBotInput')
  if (!isInputObjectType(input)) throw new Error('CreateBotInput is no input')
  const wanted = Object.values(input.getFields()).map((field) => [field.name, factsOf(field)])
  const known = Object.entries(CONFIG_FIELDS).map(([name, field]) => [
    name,
    {
      kind: field.kind,
      required: 'example' in field,
      fallback: 'fallback' in field ? field.fallback : undefined,
    },
  ])
  expect(Object.fromEntries(known)).toEqual(Object.fromEntries(wanted))
})

test('statuses are those of the schema', () => {
  expect(valuesOf('BotStatus')).toEqual(new Set(BOT_STATUSES))
  expect(valuesOf('OrderStatus')).toEqual(new Set(ORDER_STATUSES))
})

function factsOf({ type, defaultValue }: GraphQLInputField) {
  const name = String(type).replace('!', '')
  const kind =
    { Decimal: 'decimal', Int: 'whole', Boolean: 'flag' }[name] ?? (name.startsWith('[') ? 'params' : 'text')
  return {
    kind,
    required: String(type).endsWith('!') && kind !== 'params',
    fallback: defaultValue === undefined ? undefined : String(defaultValue),
  }
}

function valuesOf(name: string): Set<string> {
  const type = schema.getType(name)
  if (!isEnumType(type)) throw new Error(`${name} is no enum`)
  return new Set(type.getValues().map((value) => value.name))
}
