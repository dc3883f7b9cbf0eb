import { renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { parseJson, readIfThere } from '#trading/config/read-file.ts'

const processSchema = z.object({ pid: z.number().int().positive(), startTime: z.string() })

const noteSchema = z.object({
  pid: z.number().int().positive(),
  startTime: z.string(),
  /** Of the release that was started last. */
  version: z.string(),
  /** Where this machine reaches the server, and no proxy is in between. */
  url: z.string(),
  /** Counts the starts, so that whoever asked for one sees that it came. */
  starts: z.number().int(),
  startedAt: z.string(),
  /** The supervisor of the release; null while none runs. */
  child: processSchema.nullable(),
  /** How the last one ended, when it ended by itself. */
  ended: z.string().nullable(),
})

/** What `tradebotctl run` says of itself in `<data>/runner.json`. */
export type RunnerNote = z.infer<typeof noteSchema>

/** Undefined when there is none, or none that can be read as one. */
export function readRunnerNote(dataDir: string): RunnerNote | undefined {
  return noteSchema.safeParse(parseJson(readIfThere(fileIn(dataDir)) ?? '')).data
}

export function writeRunnerNote(dataDir: string, note: RunnerNote): void {
  const file = fileIn(dataDir)
  writeFileSync(`${file}.next`, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.next`, file)
}

function fileIn(dataDir: string): string {
  return path.join(dataDir, 'runner.json')
}
