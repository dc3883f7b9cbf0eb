import path from 'node:path'
import { z } from 'zod'
import { parseJson, readIfThere } from '#trading/config/read-file.ts'

const lineSchema = z.looseObject({ time: z.union([z.string(), z.number()]), msg: z.string() })

/** What the supervisor has said since a moment, its last lines, and which file holds more: for the message of a start that failed. */
export function lastWords(dataDir: string, since: Date, count = 6): string {
  const file = path.join(dataDir, 'logs', 'supervisor.log')
  const lines = (readIfThere(file) ?? '')
    .split('\n')
    // A line may be cut in the middle by a crash.
    .flatMap((line) => lineSchema.safeParse(parseJson(line)).data ?? [])
    .filter(({ time }) => new Date(time) >= since)
    .slice(-count)
    .map(({ msg }) => msg)
  return [...lines, `More is in ${path.dirname(file)}.`].join('\n')
}
