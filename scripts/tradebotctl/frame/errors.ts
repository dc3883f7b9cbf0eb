/** Exit codes of tradebotctl, the same for every command; docs/tradebotctl.md says them too. */
export const EXIT = {
  ok: 0,
  /** Differences were found, or something is not healthy. */
  differences: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It could not be done: files, network, database, permission. */
  couldNot: 3,
  /** Refused for safety. */
  refused: 4,
  /** Ended by Ctrl-C; nothing is half done. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/**
 * A command ends with this: a sentence for people, a stable code for programs, and what to do about it.
 * Codes are CATEGORY_CONDITION, like SIGNATURE_UNKNOWN or DATABASE_UNREACHABLE.
 */
class CliError extends Error {
  readonly exitCode: ExitCode
  readonly code: string
  readonly hint: string | undefined
  constructor(exitCode: ExitCode, code: string, message: string, options: ErrorOptions & { hint?: string }) {
    super(message, options)
    this.name = new.target.name
    this.exitCode = exitCode
    this.code = code
    this.hint = options.hint
  }
}

/** The command line is wrong (exit 2). */
export class UsageError extends CliError {
  constructor(message: string, options: ErrorOptions & { hint?: string } = {}) {
    super(EXIT.usage, 'USAGE', message, options)
  }
}

/** It could not be done (exit 3): I/O, network, database, permission. */
export class CouldNotError extends CliError {
  constructor(code: string, message: string, options: ErrorOptions & { hint?: string } = {}) {
    super(EXIT.couldNot, code, message, options)
  }
}

/** Refused for safety (exit 4); nothing was changed. */
export class RefusedError extends CliError {
  constructor(code: string, message: string, options: ErrorOptions & { hint?: string } = {}) {
    super(EXIT.refused, code, message, options)
  }
}

/** Ctrl-C or SIGTERM: what was begun has been undone or completed. */
export class InterruptedError extends CliError {
  constructor() {
    super(EXIT.interrupted, 'INTERRUPTED', 'Interrupted; nothing is left half done.', {})
  }
}

export type KnownError = CliError

/** Any error as one of ours. System errors (ENOENT, ENOSPC …) are exit 3 with a sentence; anything else is a fault of the program. */
export function asKnown(error: unknown): KnownError | undefined {
  if (error instanceof CliError) return error
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? String(error.code) : ''
  const sentence = SYSTEM[code]
  if (sentence === undefined) return undefined
  const where = 'path' in error && typeof error.path === 'string' ? `${error.path}: ` : ''
  return new CouldNotError(code, `${where}${sentence}.`, { cause: error })
}

const SYSTEM: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of this path is not a folder',
  EISDIR: 'this is a folder, not a file',
  EACCES: 'permission is denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the device reports an input/output error',
  EEXIST: 'it exists already',
  ENOTEMPTY: 'the folder is not empty',
  EMFILE: 'too many files are open',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EXDEV: 'it is on another file system',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is being executed',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENOTFOUND: 'the host is not known',
}
