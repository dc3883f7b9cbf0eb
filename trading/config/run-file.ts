import { renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { parseJson, readIfThere } from './read-file.ts'

/** A process that `npm start` started. A pid alone is no identity, for the system gives it out again: the start time makes it one. */
const processSchema = z.object({ pid: z.number().int().positive(), startTime: z.string() })

const runFileSchema = z.object({
  instanceId: z.string(),
  url: z.string(),
  state: z.enum(['starting', 'ready', 'stopping']),
  databaseUrl: z.string(),
  supervisor: processSchema,
  /** Absent when DATABASE_URL names the database. */
  postgres: z.object({ ...processSchema.shape, port: z.number().int(), dataDir: z.string() }).optional(),
  children: z.record(z.string(), processSchema),
})

export type ProcessIdentity = z.infer<typeof processSchema>
export type RunFile = z.infer<typeof runFileSchema>

/** What the last `npm start` over this data dir noted in run.json; undefined when there is none, or none that can be read as one. */
export function readRunFile(dataDir: string): RunFile | undefined {
  const text = readIfThere(path.join(dataDir, 'run.json'))
  // A torn file is no file: the start after it finds Postgres by postmaster.pid.
  return text === undefined ? undefined : runFileSchema.safeParse(parseJson(text)).data
}

/** Replaces run.json in one step (0600: it holds the database's password). */
export function writeRunFile(dataDir: string, run: RunFile): void {
  const file = path.join(dataDir, 'run.json')
  writeFileSync(`${file}.next`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.next`, file)
}
