import { z } from 'zod'
import { commands } from './commands/index.ts'
import type { Command } from './frame/command.ts'

/** The README's table of commands, in Markdown. */
export function commandTable(): string {
  const rows = commands.map((command) => `| \`${usageOf(command)}\` | ${cell(command.summary)} |`)
  return ['| command | what it does |', '|---|---|', ...rows].join('\n')
}

/** docs/tradebotctl.md's part on each command: usage, options, examples, and the fields of its JSON. */
export function commandReference(): string {
  return commands.map(sectionOf).join('\n\n')
}

function sectionOf(command: Command): string {
  const given = [...(command.arguments ?? []), ...(command.options ?? [])]
  const options = given.map(([notation, help]) => `| \`${cell(notation)}\` | ${cell(help)} |`)
  const table = options.length === 0 ? [] : ['| option | meaning |', '|---|---|', ...options, '']
  const width = Math.max(...command.examples.map(([line]) => line.length))
  const examples = command.examples.map(([line, what]) => `${line.padEnd(width)}    # ${what}`)
  return [
    `### ${command.name}`,
    '',
    [`${command.summary}.`, command.details].filter(Boolean).join('\n\n'),
    '',
    ...table,
    '```sh',
    ...examples,
    '```',
    '',
    `\`result\`${command.streams === true ? ' of each line' : ''}: ${typeOf(z.toJSONSchema(command.result, { unrepresentable: 'any', io: 'output' }))}`,
  ].join('\n')
}

function usageOf(command: Command): string {
  return [command.name, ...(command.arguments ?? []).map(([notation]) => notation)]
    .join(' ')
    .replaceAll('|', '\\|')
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

const shapeSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
})

/** A JSON schema as nested lists that a person reads. */
function typeOf(schema: unknown, depth = 0): string {
  const shape = shapeSchema.parse(schema)
  const said = shape.description === undefined ? '' : ` — ${shape.description}`
  const choices = shape.anyOf ?? shape.oneOf
  if (choices) {
    const named = choices.map((choice) => shapeSchema.parse(choice))
    const plain = named.filter((choice) => choice.type !== 'null' && choice.type !== undefined)
    const nullable = named.some((choice) => choice.type === 'null') ? ' or null' : ''
    const [first] = plain
    if (plain.length === 1 && first?.type === 'object')
      return `object${nullable}${said}${fieldsOf(first.properties ?? {}, depth)}`
    if (plain.length === 1 && first?.type === 'array')
      return typeOf({ ...first, description: `${nullable.trim()} ${shape.description ?? ''}`.trim() }, depth)
    return `${choices.map((choice) => typeOf(choice, depth)).join(' or ')}${said}`
  }
  if (shape.enum) return `${shape.enum.map((value) => `\`${String(value)}\``).join(', ')}${said}`
  if (shape.const !== undefined) return `\`${JSON.stringify(shape.const)}\`${said}`
  if (shape.type === 'array') {
    const [first, ...fields] = typeOf(shape.items ?? {}, depth).split('\n')
    return [`list of ${first}${said}`, ...fields].join('\n')
  }
  if (shape.properties) return `object${said}${fieldsOf(shape.properties, depth)}`
  return `${[shape.type ?? 'any value'].flat().join(' or ')}${said}`
}

function fieldsOf(properties: Record<string, unknown>, depth: number): string {
  const indent = '  '.repeat(depth)
  const lines = Object.entries(properties).map(
    ([name, schema]) => `${indent}- \`${name}\`: ${typeOf(schema, depth + 1)}`,
  )
  return lines.length === 0 ? '' : `\n${lines.join('\n')}`
}
