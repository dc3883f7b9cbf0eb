import { readFileSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import { z } from 'zod'
import { BOT_STATUSES } from '#trading/domain/bot-lifecycle.ts'
import { ask } from '../api/ask.ts'
import { connect, type Connection } from '../api/connection.ts'
import { OPERATIONS } from '../api/operations.ts'
import type { ApiInput } from '../api/options.ts'
import { errorOf, refusalShape } from '../api/refusals.ts'
import type { Context } from '../frame/context.ts'
import { asKnown, CouldNotError, UsageError } from '../frame/errors.ts'
import { inputOf, templateText } from './bot-input.ts'
import type { createResult } from './shapes.ts'
import { nameOf } from './words.ts'

type Input = ApiInput & {
  file?: string | undefined
  set: string[]
  check: boolean
  start: boolean
  template: boolean
}
type Result = z.infer<typeof createResult>
type Ended = { exitCode: 0; result: Result; text: string }

export async function runCreate(input: Input, context: Context): Promise<Ended> {
  if (input.template) {
    if (input.file !== undefined || input.set.length > 0 || input.check || input.start)
      throw new UsageError('--template only prints a file to change: leave the other options away.')
    const text = templateText()
    return { exitCode: 0, result: { checked: false, bot: null, template: text }, text: text.trimEnd() }
  }
  if (input.check && input.start) throw new UsageError('--check saves nothing that --start could start.')
  if (input.file === '-' && input.tokenFile === '-')
    throw new UsageError('Standard input holds the bot or the token, not both.')
  const bot = inputOf(await fileText(input.file), input.set)
  const connection = await connect(context, input, { direct: false })
  if (input.check) return check(connection, bot)
  const created = await create(connection, bot)
  const saved = `${nameOf(created)}: ${context.paint.good('created')}`
  if (!input.start) {
    const result = { checked: false, bot: toBot(created), template: null }
    return { exitCode: 0, result, text: `${saved}. tradebotctl bots start ${created.id} starts it.` }
  }
  const started = await start(connection, created.id)
  const result = { checked: false, bot: toBot(started), template: null }
  return { exitCode: 0, result, text: `${saved} and started, ${started.state.status}.` }
}

async function fileText(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  return file === '-' ? readAll(process.stdin) : readFileSync(file, 'utf8')
}

async function check(connection: Connection, input: Record<string, unknown>): Promise<Ended> {
  const issues = z.object({ validateBot: z.array(z.object({ message: z.string() })) })
  const { validateBot } = await ask(connection, OPERATIONS.check, { input }, issues)
  if (validateBot.length > 0) throw new UsageError(validateBot.map(({ message }) => message).join('\n'))
  return {
    exitCode: 0,
    result: { checked: true, bot: null, template: null },
    text: 'Every rule is kept: without --check it would be saved.',
  }
}

async function create(connection: Connection, input: Record<string, unknown>): Promise<Saved> {
  const { outcome } = await ask(connection, OPERATIONS.create, { input }, answer)
  if ('code' in outcome) throw errorOf(outcome)
  return outcome
}

async function start(connection: Connection, id: string): Promise<Saved> {
  try {
    const { outcome } = await ask(connection, OPERATIONS.START, { id }, answer)
    if ('code' in outcome) throw errorOf(outcome)
    return outcome
  } catch (error) {
    const known = asKnown(error)
    if (known === undefined) throw error
    throw new CouldNotError('BOT_NOT_STARTED', `Bot ${id} was created, and not started: ${known.message}`, {
      cause: error,
      hint: `tradebotctl bots start ${id}`,
    })
  }
}

const saved = z.object({
  id: z.string(),
  name: z.string(),
  state: z.object({ status: z.enum(BOT_STATUSES) }),
})
type Saved = z.infer<typeof saved>
const answer = z.object({ outcome: z.union([refusalShape, saved]) })

function toBot({ id, name, state }: Saved): NonNullable<Result['bot']> {
  return { id, name, status: state.status }
}
