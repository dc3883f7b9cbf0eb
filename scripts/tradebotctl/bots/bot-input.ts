import { z } from 'zod'
import { UsageError } from '../frame/errors.ts'
import { nearestFirst } from '../frame/nearest.ts'
import { CONFIG_FIELDS, CONFIG_NAMES, configField, type ConfigField } from './config-fields.ts'

/**
 * A bot as createBot takes it: of a file (JSON with // comments), and of NAME=VALUE pairs, which come before it.
 * @throws UsageError with every mistake, each on a line
 */
export function inputOf(text: string | undefined, pairs: readonly string[]): Record<string, unknown> {
  if (text === undefined && pairs.length === 0)
    throw new UsageError('--file FILE or --set NAME=VALUE is missing; --template prints a file to change.')
  const input = text === undefined ? {} : fromFile(text)
  const problems = Object.keys(input).flatMap((name) => unknownName(name) ?? [])
  const params: { name: string; value: string }[] = []
  for (const pair of pairs) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    const param = /^strategyParams\.(.+)$/.exec(name)?.[1]
    const field = configField(name)
    if (name === '') problems.push(`--set must be NAME=VALUE; "${pair}" is not.`)
    else if (param !== undefined) params.push({ name: param, value })
    else if (field === undefined) problems.push(unknownName(name) ?? '')
    else {
      const read = valueOf(field, value)
      if (read === undefined) problems.push(`--set ${name}: "${value}" is ${WRONG[field.kind]}.`)
      else input[name] = read
    }
  }
  if (params.length > 0) input['strategyParams'] = params
  const missing = required().filter(([name]) => input[name] === undefined || input[name] === null)
  problems.push(...missing.map(([name, { help }]) => `${name} is missing: ${help}.`))
  if (problems.length > 0) throw new UsageError(problems.join('\n'))
  return exact(input)
}

/** An input with every setting: what a bot must have as an example, the rest as comments, of which each may be uncommented by itself. */
export function templateText(): string {
  const entries: [string, ConfigField][] = Object.entries(CONFIG_FIELDS)
  const wanted = entries.filter(([, { example }]) => example !== undefined)
  const optional = entries.filter(([, { example }]) => example === undefined)
  return [
    '// A bot for: tradebotctl bots create --file FILE',
    '// Money is in the quote currency, and a string, so that no digit is lost; null is off.',
    '{',
    ...wanted.flatMap(([name, { help, kind, example = '' }]) => [
      `  // ${help}`,
      `  ${JSON.stringify(name)}: ${written(kind, example)},`,
    ]),
    '',
    '  // Optional, with what stands where it is left out: take the // before the name away.',
    ...optional.flatMap(([name, { help, kind, fallback }]) => [
      `  // ${help}`,
      `  // ${JSON.stringify(name)}: ${fallback === undefined ? 'null' : written(kind, fallback)},`,
    ]),
    '}',
    '',
  ].join('\n')
}

function fromFile(text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(plainJson(text)))
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'it must be an object'
    throw new UsageError(`--file: this is no bot in JSON: ${why}.`, { cause: error })
  }
}

/** Without comments and commas before a closing bracket. What is taken out leaves spaces, so that a place in a message stays right. */
function plainJson(text: string): string {
  const blank = (found: string) => ' '.repeat(found.length)
  const pass = (pattern: RegExp, from: string) =>
    from.replace(pattern, (found: string) => (found.startsWith('"') ? found : blank(found)))
  const bare = pass(/"(?:\\.|[^"\\])*"|\/\/[^\r\n]*/g, text)
  return pass(/"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g, bare)
}

function unknownName(name: string): string | undefined {
  if (CONFIG_NAMES.includes(name)) return undefined
  const [near] = nearestFirst(CONFIG_NAMES, name)
  return `A bot has no setting "${name}"; did you mean ${near}?`
}

const WRONG: Record<ConfigField['kind'], string> = {
  text: 'no text',
  decimal: 'no number',
  whole: 'no whole number',
  flag: 'neither true nor false',
  params: 'no parameter; write --set strategyParams.NAME=VALUE',
}

/** Undefined: it is no value of this kind. Whether it is a good one the server says. */
function valueOf({ kind }: ConfigField, value: string): unknown {
  if (value === 'null') return null
  switch (kind) {
    case 'text':
      return value
    case 'decimal':
      return /^-?\d+(\.\d+)?$/.test(value) ? value : undefined
    case 'whole':
      return /^-?\d{1,9}$/.test(value) ? Number(value) : undefined
    case 'flag':
      return value === 'true' ? true : value === 'false' ? false : undefined
    case 'params':
      return undefined
  }
}

/** In JSON people write money as a number too; the API takes it as a string. */
function exact(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      typeof value === 'number' && configField(name)?.kind === 'decimal' ? String(value) : value,
    ]),
  )
}

function required(): [string, ConfigField][] {
  return Object.entries(CONFIG_FIELDS).filter(([, field]) => 'example' in field)
}

function written(kind: ConfigField['kind'], value: string): string {
  return kind === 'whole' || kind === 'flag' ? value : JSON.stringify(value)
}
