import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { EnvError } from './env-error.ts'
import { readIfThere } from './read-file.ts'
import { parseMasterKey } from './variables.ts'

/**
 * The master key of an embedded installation, from `<dataDir>/master.key`; made there (0600) when missing. Two processes that come at the
 * same time get the same key: the file appears whole, by a link that fails where one exists.
 * @throws EnvError when the file does not hold a key
 */
export function readMasterKeyFile(dataDir: string): Buffer {
  const file = path.join(dataDir, 'master.key')
  const existing = readIfThere(file)
  if (existing === undefined) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
    writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true })
    try {
      linkSync(draft, file)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    } finally {
      rmSync(draft)
    }
  }
  const key = parseMasterKey((existing ?? readFileSync(file, 'utf8')).trim())
  if (!key) throw new EnvError([`${file} does not hold 32 bytes in base64: put the right master key back.`])
  return key
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
