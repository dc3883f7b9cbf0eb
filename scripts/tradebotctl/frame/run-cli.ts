import { Command as Commander, CommanderError } from 'commander'
import type { z } from 'zod'
import { findPlace } from '../place/find-place.ts'
import type { Command } from './command.ts'
import type { Context } from './context.ts'
import { asKnown, CouldNotError, EXIT, InterruptedError, UsageError } from './errors.ts'
import { documentOf, OutputError, writeAll } from './output.ts'
import { makePaint } from './paint.ts'
import { leafOf, makeProgram, namedIn } from './program.ts'
import { makeProgress } from './progress.ts'

export type Cli = {
  commands: readonly Command[]
  version: string
  /** The file that runs, which tells which place it belongs to. */
  program: string
  /** Instead of `load` for a command that needs packages; answers the exit code. */
  delegate?: (command: Command, context: Context) => Promise<number>
}

/** Runs one command line; answers the exit code. Everything that is printed is printed here. */
export async function runCli(cli: Cli, argv: string[]): Promise<number> {
  try {
    return await runLine(cli, argv)
  } catch (error) {
    if (!(error instanceof OutputError)) throw error
    process.stderr.write(`${error.message}\n`)
    return EXIT.couldNot
  }
}

async function runLine(cli: Cli, argv: string[]): Promise<number> {
  const stop = new AbortController()
  listenForSignals(stop)
  // A reader like `head` that has left is no error of ours.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

  let code: number = EXIT.ok
  const program = makeProgram(cli.version)
  for (const command of cli.commands) {
    leafOf(program, command).action(async (...given: unknown[]) => {
      code = await carryOut(cli, command, given, stop.signal)
    })
  }
  try {
    if (argv.length === 0) throw new CommanderError(EXIT.usage, 'commander.help', '(no command)')
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.ok
    await tellUsage(program, error, argv)
    return EXIT.usage
  }
}

/** A command line that cannot be read: the sentence, and the list of commands where a word is none, else where the help is. */
async function tellUsage(program: Commander, error: CommanderError, argv: readonly string[]): Promise<void> {
  const { command, name } = namedIn(program, argv)
  const isMissing = error.message === '(no command)' || error.message === '(outputHelp)'
  const [sentence = '', nearest] = error.message.replace(/^error: /, '').split('\n')
  const hint =
    nearest?.replace(/[()]/g, '') ?? `tradebotctl ${name === '' ? '' : `${name} `}--help says more.`
  const told = new UsageError(isMissing ? 'A command is missing.' : sentence, { hint })
  // What was asked for has to be known even where the command line cannot be read.
  if (argv.includes('--json')) return void (await writeAll(documentOf(name, EXIT.usage, null, told)))
  const isUnknown = error.code === 'commander.unknownCommand'
  const lines = isMissing
    ? []
    : isUnknown && nearest === undefined
      ? [told.message, '']
      : [told.message, hint, '']
  const list = isMissing || isUnknown ? command.helpInformation() : ''
  process.stderr.write(`${lines.join('\n')}${lines.length > 0 && list !== '' ? '\n' : ''}${list}`)
}

/**
 * Ctrl-C arrives twice, from the terminal and from npm: what comes within a second is one. A later one ends us as a kill would, which every
 * command survives.
 */
function listenForSignals(stop: AbortController): void {
  let first: number | undefined
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      first ??= performance.now()
      if (performance.now() - first > 1_000) process.exit(EXIT.interrupted)
      stop.abort(new InterruptedError())
    })
}

async function carryOut(cli: Cli, command: Command, given: unknown[], signal: AbortSignal): Promise<number> {
  const leaf = given.at(-1)
  if (!(leaf instanceof Commander)) throw new Error('commander gives the command last')
  const options: Record<string, unknown> = leaf.optsWithGlobals()
  const json = options['json'] === true
  const context = makeContext(cli, options, json, signal)
  try {
    if (command.needs === 'packages' && cli.delegate) return await cli.delegate(command, context)
    const input = parseInput(command, { ...argumentsOf(command, given), ...options })
    const run = await command.load()
    const outcome = await run(input as never, context)
    context.progress.clear()
    if (!command.streams) {
      if (json) await writeAll(documentOf(command.name, outcome.exitCode, outcome.result, null))
      else if (outcome.text !== '') await writeAll(`${outcome.text}\n`)
    }
    return outcome.exitCode
  } catch (error) {
    context.progress.clear()
    if (error instanceof OutputError) throw error
    // A question that is answered by Ctrl-C, or a wait that it has ended.
    const isEnded = error instanceof Error && 'code' in error && error.code === 'ABORT_ERR'
    return tellFailure(command, isEnded ? new InterruptedError() : error, json)
  }
}

async function tellFailure(command: Command, error: unknown, json: boolean): Promise<number> {
  const known = asKnown(error)
  const told =
    known ??
    new CouldNotError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error })
  const oneLine = command.streams === true
  if (json) await writeAll(documentOf(command.name, told.exitCode, null, told, { oneLine }))
  else {
    const paint = makePaint(process.stderr.isTTY === true, process.env)
    const more = told instanceof UsageError ? `tradebotctl ${command.name} --help says more.` : told.hint
    process.stderr.write(`${paint.bad(told.message)}\n${more === undefined ? '' : `${more}\n`}`)
  }
  // A fault of ours shows where it happened.
  if (known === undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return told.exitCode
}

function makeContext(
  cli: Cli,
  options: Record<string, unknown>,
  json: boolean,
  signal: AbortSignal,
): Context {
  const root = typeof options['root'] === 'string' ? options['root'] : undefined
  const onTerminal = process.stderr.isTTY === true && !json
  return {
    root,
    place: () => findPlace(root, cli.program, process.env),
    json,
    interactive: onTerminal && process.stdin.isTTY === true,
    paint: makePaint(process.stdout.isTTY === true, process.env),
    note: (line) => {
      if (!json) process.stderr.write(`${line}\n`)
    },
    write: writeAll,
    progress: makeProgress(process.stderr, onTerminal),
    signal,
    env: process.env,
  }
}

/** Arguments by their names, as commander gives them before options and the command itself. */
function argumentsOf(command: Command, given: unknown[]): Record<string, unknown> {
  const names = (command.arguments ?? []).map(([notation]) => notation.replace(/[<>[\].]/g, ''))
  return Object.fromEntries(names.map((name, index) => [camelCase(name), given[index]]))
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function parseInput(command: Command, given: Record<string, unknown>): unknown {
  const parsed = command.input.safeParse(given)
  if (parsed.success) return parsed.data
  throw new UsageError(parsed.error.issues.map((issue) => sentenceOf(command, issue)).join('\n'))
}

function sentenceOf(command: Command, issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0] ?? '')
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const isArgument = (command.arguments ?? []).some(
    ([notation]) => notation.replace(/[<>[\].]/g, '') === flag,
  )
  const message =
    issue.code === 'too_small' && issue.origin === 'string' ? 'must not be empty' : issue.message
  return name === '' ? message : `${isArgument ? `<${flag}>` : `--${flag}`}: ${message}`
}
