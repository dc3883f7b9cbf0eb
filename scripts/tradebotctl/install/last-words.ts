import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

const lineSchema = z.looseObject({ time: z.union([z.string(), z.number()]), msg: z.string() })

/** What the supervisor has said since a moment, its last lines, and which file holds more: for the message of a start that failed. */
export function lastWords(dataDir: string, since: Date, count = 6): string {
  const file = path.join(dataDir, 'logs', 'supervisor.log')
  const lines = read(file)
    .split('\n')
    .flatMap((line) => lineSchema.safeParse(parse(line)).data ?? [])
    .filter(({ time }) => new Date(time) >= since)
    .slice(-count)
    .map(({ msg }) => msg)
  return [...lines, `More is in ${path.dirname(file)}.`].join('\n')
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // A line cut in the middle by a crash.
  }
}
