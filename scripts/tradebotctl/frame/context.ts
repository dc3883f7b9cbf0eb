import type { Place } from '../place/find-place.ts'
import type { Progress } from './progress.ts'
import type { Paint } from './paint.ts'

/** What the frame gives a command. */
export type Context = {
  /** --root as given, or undefined. */
  root: string | undefined
  /** The clone or installation that the command is about. @throws CouldNotError when there is none */
  place: () => Place
  json: boolean
  /** Whether somebody can be asked: both standard input and standard error are a terminal, and not --json. */
  interactive: boolean
  /** Colours, where standard output is a terminal. */
  paint: Paint
  /** A line for people on standard error: what happens now. Nothing is said with --json. */
  note: (line: string) => void
  /** Writes to standard output at once; for commands that stream. Waits while the reader is slow; false when the reader has left. */
  write: (text: string) => Promise<boolean>
  progress: Progress
  /** Aborted by Ctrl-C or SIGTERM. A command that changes something looks at it between its steps, undoes what is half done, and throws. */
  signal: AbortSignal
  env: NodeJS.ProcessEnv
}
