import { Command as Commander, CommanderError } from 'commander'
import type { z } from 'zod'
import { findPlace } from '../place/find-place.ts'
import type { Command } from './command.ts'
import type { Context } from './context.ts'
import { asKnown, CouldNotError, EXIT, InterruptedError, UsageError } from './errors.ts'
import { documentOf, writeAll } from './output.ts'
import { makePaint } from './paint.ts'
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
  const stop = new AbortController()
  listenForSignals(stop)
  // A reader like `head` that has left is no error of ours.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

  let code: number = EXIT.ok
  // What was asked for has to be known even where the command line cannot be read.
  const wantsJson = argv.includes('--json')
  const program = makeProgram(cli)
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
    const spoken = error.message === '(no command)' || error.message === '(outputHelp)'
    const sentence = spoken ? 'A command is missing.' : error.message.replace(/^error: /, '')
    if (wantsJson) await writeAll(documentOf('', EXIT.usage, null, new UsageError(sentence)))
    else process.stderr.write(`${spoken ? '' : `${sentence}\n\n`}${helpFor(program, error, argv)}`)
    return EXIT.usage
  }
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
    return tellFailure(command, error, json)
  }
}

async function tellFailure(command: Command, error: unknown, json: boolean): Promise<number> {
  const known = asKnown(error)
  const told =
    known ??
    new CouldNotError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error })
  if (json) await writeAll(documentOf(command.name, told.exitCode, null, told))
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
  return name === '' ? issue.message : `${isArgument ? `<${flag}>` : `--${flag}`}: ${issue.message}`
}

function makeProgram(cli: Cli): Commander {
  const program = new Commander('tradebotctl')
    .description('Maintains a TradeBot: verify, package, update and repair it, and run it without a browser.')
    .version(cli.version, '--version', 'the version of this program')
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [command]', 'what a command does')
    .showSuggestionAfterError(true)
    .configureHelp({ sortSubcommands: false })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  addGlobals(program)
  return program
}

function addGlobals(command: Commander): Commander {
  return command
    .option('--root <dir>', 'the clone or installation (default: where the command stands)')
    .option('--json', 'one JSON document on standard output (docs/tradebotctl.md)')
}

/** The place of a command in the tree of words: "bots start" is `start` below `bots`. */
function leafOf(program: Commander, command: Command): Commander {
  const words = command.name.split(' ')
  const last = words.pop() ?? ''
  let parent = program
  for (const word of words) {
    const group: Commander | undefined = parent.commands.find((each) => each.name() === word)
    parent = group ?? inherit(parent.command(word), parent).description(GROUPS[word] ?? '')
  }
  const existing = parent.commands.find((each) => each.name() === last)
  const leaf = existing ?? inherit(parent.command(last), parent)
  leaf.summary(command.summary).description([command.summary, command.details].filter(Boolean).join('\n\n'))
  for (const [notation, help] of command.arguments ?? []) leaf.argument(notation, help)
  for (const [flags, help] of command.options ?? []) leaf.option(flags, help)
  addGlobals(leaf)
  const lines = command.examples.map(([line, what]) => `  ${line}\n      ${what}`)
  return leaf.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}

function inherit(command: Commander, parent: Commander): Commander {
  return command.copyInheritedSettings(parent).helpOption('-h, --help', 'this text')
}

/** Words that only hold commands. */
const GROUPS: Record<string, string> = {
  bots: 'list, show, create, start, stop, pause, resume, logs',
  jobs: 'the jobs that wait in the database: list, retry, unlock',
  keys: 'the master key that exchange secrets are encrypted with',
  users: 'accounts of people',
  trust: 'the public keys that packages are accepted from',
}

/** A word that is no command: the list of those that are. Anything else: where the help of the command itself is. */
function helpFor(program: Commander, error: CommanderError, argv: readonly string[]): string {
  const words = argv.filter((each) => !each.startsWith('-'))
  let found = program
  let named = 'tradebotctl'
  for (const word of words) {
    const next = found.commands.find((each) => each.name() === word)
    if (next === undefined) break
    found = next
    named = `${named} ${word}`
  }
  if (/help|unknownCommand/.test(error.code)) return found.helpInformation()
  return `${named} --help says more.\n`
}
