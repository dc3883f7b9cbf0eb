import type { ExitCode, KnownError } from './errors.ts'

/**
 * The --json document: `command`, `exitCode`, and either `result` (described per command in docs/tradebotctl.md) or `error` with `code`,
 * `message` and perhaps `hint`; the other one is null.
 */
export function documentOf(
  command: string,
  exitCode: ExitCode,
  result: unknown,
  error: KnownError | null,
  /** Among what streams it is one line, as everything there is. */
  { oneLine = false }: { oneLine?: boolean } = {},
): string {
  const told = error === null ? null : { code: error.code, message: error.message, hint: error.hint ?? null }
  return `${JSON.stringify({ tradebotctl: 1, command, exitCode, result, error: told }, null, oneLine ? 0 : 2)}\n`
}

/**
 * Writes to standard output; resolves when it has been taken, with false when the reader has left (a pipe to `head`).
 * @throws OutputError when it could not be written: the disk that it goes to is full
 */
export function writeAll(text: string): Promise<boolean> {
  return new Promise((resolve, reject) =>
    process.stdout.write(text, (error) => {
      if (!error) resolve(true)
      else if ('code' in error && error.code === 'EPIPE') resolve(false)
      else reject(new OutputError(error))
    }),
  )
}

/** What was to be said did not get out; it cannot be said there either. */
export class OutputError extends Error {
  constructor(cause: Error) {
    super(`Standard output cannot be written: ${cause.message}.`, { cause })
    this.name = 'OutputError'
  }
}
