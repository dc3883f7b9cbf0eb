import { readFileSync, statSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Context } from './context.ts'
import { CouldNotError, UsageError } from './errors.ts'

/**
 * A secret from a file, from standard input (`-`), or asked at the terminal without showing it. Never from the command line, which every
 * process of the machine can read. A final line break does not count.
 * @param option the option that names the file, for the message: "--passphrase-file"
 * @throws UsageError when there is no file and nobody to ask, or it is empty
 */
export async function readSecret(
  context: Context,
  file: string | undefined,
  option: string,
  question: string,
): Promise<string> {
  const secret =
    file === '-'
      ? await text(process.stdin)
      : file !== undefined
        ? readSecretFile(file, option)
        : context.interactive
          ? await askHidden(context, question)
          : undefined
  if (secret === undefined)
    throw new UsageError(`${question} is needed: ${option} FILE, or ${option} - for standard input.`)
  const trimmed = secret.replace(/\r?\n$/, '')
  if (trimmed === '') throw new UsageError(`${question} is empty.`)
  return trimmed
}

/**
 * Asks before something that cannot be taken back; `yes` is --yes.
 * @throws UsageError when nobody can be asked
 */
export async function confirm(context: Context, yes: boolean, question: string): Promise<boolean> {
  if (yes) return true
  if (!context.interactive) throw new UsageError(`${question} Say so with --yes.`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: context.signal })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

/** @throws CouldNotError for a folder: the system's words would not name it */
function readSecretFile(file: string, option: string): string {
  if (statSync(file).isDirectory())
    throw new CouldNotError('EISDIR', `${option} ${file}: this is a folder, not a file.`)
  return readFileSync(file, 'utf8')
}

async function askHidden(context: Context, question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  // The terminal echoes nothing from here on, so that what is pasted at once is not shown either.
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true })
  process.stderr.write(`${question}: `)
  try {
    return await terminal.question('', { signal: context.signal })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
