import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { prettyFactory } from 'pino-pretty'

export type Terminal = {
  /** The supervisor's own words: on the terminal and in its log. */
  note: (message: string) => void
  /** A line of a child's log. */
  line: (name: string, line: string) => void
  /** The one thing that belongs on stdout. */
  announce: (message: string) => void
}

/** What a person sees of all processes: on stderr, so that stdout holds nothing but where TradeBot is ready. */
export function openTerminal(dataDir: string): Terminal {
  // A closed terminal, or a reader like `head` that left, must not take the supervisor along.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const colorize = process.stderr.isTTY
  const pretty = prettyFactory({
    colorize,
    singleLine: true,
    ignore: 'pid,hostname,name',
    translateTime: 'SYS:HH:MM:ss',
  })
  const logFile = path.join(dataDir, 'logs', 'supervisor.log')
  mkdirSync(path.dirname(logFile), { recursive: true, mode: 0o700 })
  const write = (name: string, text: string) =>
    process.stderr.write(`${name.padEnd(8)} | ${text.trimEnd()}\n`)
  return {
    note: (message) => {
      const time = new Date().toISOString()
      appendFileSync(logFile, `${JSON.stringify({ time, msg: message })}\n`, { mode: 0o600 })
      write('tradebot', message)
    },
    line: (name, line) => {
      if (line.trim() !== '') write(name, line.startsWith('{') ? pretty(line) : line)
    },
    announce: (message) => process.stdout.write(`${message}\n`),
  }
}
