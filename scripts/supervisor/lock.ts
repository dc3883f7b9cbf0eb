import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { ProcessIdentity } from '#trading/config/run-file.ts'
import { identify, isAlive } from '../process-identity.ts'

export type Lock = { release: () => void }

const ownerSchema = z.object({ pid: z.number().int(), startTime: z.string() })

/** At most one supervisor per data dir: the lock, or who holds it. */
export function takeLock(dataDir: string): Lock | { holder: ProcessIdentity } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  return takeLockFile(path.join(dataDir, 'supervisor.lock'))
}

/**
 * The lock that a file is, or who holds it. A lock whose process is gone is taken over. The file appears whole, by a link that fails where
 * one exists.
 */
export function takeLockFile(file: string): Lock | { holder: ProcessIdentity } {
  const self = identify(process.pid)
  const draft = `${file}.${self.pid}`
  writeFileSync(draft, JSON.stringify(self), { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      if (tryLink(draft, file)) return { release: () => rmSync(file, { force: true }) }
      const holder = readOwner(file)
      if (holder && isAlive(holder)) return { holder }
      setAside(file)
    }
  } finally {
    rmSync(draft)
  }
  throw new Error(`${file} cannot be taken: several starts contend for it.`)
}

/** Two starts may both find the same dead lock: the slower one must not remove what the faster one has just put there. */
function setAside(file: string): void {
  const aside = `${file}.stale.${process.pid}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw error
  }
  const moved = readOwner(aside)
  if (moved && isAlive(moved)) tryLink(aside, file)
  rmSync(aside)
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function readOwner(file: string): ProcessIdentity | undefined {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined // Gone, or no lock of ours: nobody holds it.
  }
}
