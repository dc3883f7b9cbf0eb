import { mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { parseJson, readIfThere } from '#trading/config/read-file.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { writeAtomically } from '../files/write-atomically.ts'

/** What `tradebotctl login` stored: the token, and the one server that it is for. */
const storedSchema = z.object({
  url: z.string(),
  email: z.string(),
  tokenId: z.string(),
  tokenName: z.string(),
  token: z.string(),
})
export type StoredToken = z.infer<typeof storedSchema>

export function tokenFileIn(dataDir: string): string {
  return path.join(dataDir, 'cli-token')
}

/**
 * Undefined: nobody has signed in here.
 * @throws RefusedError TOKEN_FILE_OPEN when others of this machine may read it, CouldNotError TOKEN_FILE_DAMAGED
 */
export function readStoredToken(dataDir: string): StoredToken | undefined {
  const file = tokenFileIn(dataDir)
  const text = readIfThere(file)
  if (text === undefined) return undefined
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new RefusedError('TOKEN_FILE_OPEN', `${file} holds an API token, and others may read it.`, {
      hint: `chmod 600 ${file}, or tradebotctl logout and login.`,
    })
  const parsed = storedSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new CouldNotError('TOKEN_FILE_DAMAGED', `${file} is not what tradebotctl login writes.`, {
    hint: 'Delete it, and sign in with tradebotctl login.',
  })
}

/** For its owner's eyes only, in one step. */
export function storeToken(dataDir: string, stored: StoredToken): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  writeAtomically(tokenFileIn(dataDir), `${JSON.stringify(stored, null, 2)}\n`, 0o600)
}
