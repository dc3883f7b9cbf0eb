import { Command as Commander } from 'commander'
import type { Command } from './command.ts'

/** The tree of words that commander reads; each leaf is given its action by the caller. */
export function makeProgram(version: string): Commander {
  const program = new Commander('tradebotctl')
    .description('Maintains a TradeBot: verify, package, update and repair it, and run it without a browser.')
    .version(version, '--version', 'the version of this program')
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [command]', 'What a command does')
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
export function leafOf(program: Commander, command: Command): Commander {
  const words = command.name.split(' ')
  const last = words.pop() ?? ''
  let parent = program
  for (const word of words) {
    const group: Commander | undefined = parent.commands.find((each) => each.name() === word)
    parent = group ?? inherit(parent.command(word), parent).description(GROUPS[word] ?? '')
  }
  const existing = parent.commands.find((each) => each.name() === last)
  const leaf = existing ?? inherit(parent.command(last), parent)
  leaf
    .summary(command.summary)
    .description([`${command.summary}.`, command.details].filter(Boolean).join('\n\n'))
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
  bots: 'List, show, create, start, stop, pause, resume bots, and their logs',
  jobs: 'The jobs that wait in the database: list, retry, unlock',
  keys: 'The master key that exchange secrets are encrypted with',
  users: 'Accounts of people',
  trust: 'The public keys that packages are accepted from',
}

/** Which command a command line is about, as far as its words name one: "keys rotate" of `keys rotate --nonsense`. */
export function namedIn(program: Commander, argv: readonly string[]): { command: Commander; name: string } {
  let command = program
  const words: string[] = []
  for (const word of argv.filter((each) => !each.startsWith('-'))) {
    const next = command.commands.find((each) => each.name() === word)
    if (next === undefined) break
    command = next
    words.push(word)
  }
  return { command, name: words.join(' ') }
}
