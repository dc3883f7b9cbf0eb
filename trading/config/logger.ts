import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'

export type { Logger }

/**
 * The log of a process: JSON lines on stdout, readable ones when stdout is a terminal. `name` says which part speaks. The level is
 * LOG_LEVEL's unless given. Secrets never belong in a log; the usual names are blanked all the same.
 */
export function makeLogger(name: string, level = process.env['LOG_LEVEL'] || 'info'): Logger {
  const options = {
    name,
    level: level in pino.levels.values || level === 'silent' ? level : 'info',
    redact: {
      paths: secretNames.flatMap((secret) => [secret, `*.${secret}`]),
      censor: '[secret]',
    },
  }
  return process.stdout.isTTY
    ? pino(options, pretty({ colorize: true, sync: true, ignore: 'pid,hostname' }))
    : pino(options)
}

const secretNames = [
  'password',
  'secretKey',
  'apiKey',
  'passphrase',
  'token',
  'authorization',
  'cookie',
  'masterKey',
]
