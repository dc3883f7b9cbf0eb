import type { z } from 'zod'
import type { Context } from './context.ts'

/**
 * One command, as its file in `commands/` tells it. The file imports nothing heavy: what does the work is behind `load`, so that `--help`
 * is quick, and the bundled program can leave out what needs packages.
 */
export type Command = {
  /** The words after tradebotctl: "verify", "bots start". */
  name: string
  /** A line for the list of commands. */
  summary: string
  /** More, for --help; sentences. */
  details?: string
  /** In commander's notation: '<package>', '[bot]', '<file...>', each with its help. */
  arguments?: readonly (readonly [notation: string, help: string])[]
  /** In commander's notation: '--out <file>', '--dry-run', '--trust <file...>', each with its help. */
  options?: readonly (readonly [flags: string, help: string])[]
  /** Command lines that work, each with what it does. */
  examples: readonly (readonly [line: string, what: string])[]
  /**
   * `nothing`: runs from the bundled file alone, on a broken installation. `packages`: needs node_modules (the database, the engine); the
   * bundled file hands such a command to the release it belongs to.
   */
  needs: 'nothing' | 'packages'
  /** Given arguments and options, by their camel-case names; what does not fit is a usage error that names the option. */
  input: z.ZodType
  /** `result` of the --json document. Fields are described; docs/tradebotctl.md is printed from it. */
  result: z.ZodType
  /** Prints one JSON line for each item while it goes on, instead of one document (bots logs -f). */
  streams?: boolean
  load: () => Promise<Runner>
}

/** Does the work. `input` has passed the command's own schema. */
export type Runner = (input: never, context: Context) => Promise<Outcome>

/** How a command that was carried out ended. Failures are thrown (frame/errors.ts). */
export type Outcome = {
  /** 1: differences, or not healthy. */
  exitCode: 0 | 1
  /** The --json document's `result`. */
  result: unknown
  /** For people, without a final line break; empty: nothing is said. */
  text: string
}

/** Ties input, result and runner of a command together, so that the compiler checks each against the others. */
export function defineCommand<
  Input,
  Result,
  // Inferred by itself: from inside `load`, TypeScript would settle Input before it has seen the schemas.
  Run extends (input: Input, context: Context) => Promise<Omit<Outcome, 'result'> & { result: Result }>,
>(
  command: Omit<Command, 'input' | 'result' | 'load'> & {
    input: z.ZodType<Input>
    result: z.ZodType<Result>
    load: () => Promise<Run>
  },
): Command {
  return command
}
