import { decryptSecret, encryptSecret, SecretError } from '#trading/config/secrets.ts'
import type { Db } from '#trading/store/pool.ts'
import {
  readSecretRows,
  SECRET_TABLES,
  writeSecrets,
  type SecretRow,
  type SecretTable,
} from '#trading/store/secrets-at-rest.ts'

/** `to`: under which a secret is to be; `from`: under which it may be still. */
export type KeyPair = { from: Buffer; to: Buffer }

/** A secret that neither key reads. */
export type Unreadable = { what: string; id: string; userId: string; name: string; column: string }

/** Counted are secrets, of which an API key has two or three. */
export type Tally = { rotated: number; already: number; unreadable: Unreadable[] }

const PAGE = 50

/** Each page is `work` of its own, a transaction perhaps. Every secret is looked at once. */
export async function forEachPage(
  keys: KeyPair,
  write: boolean,
  inPage: <T>(work: (db: Db) => Promise<T>) => Promise<T>,
  onProgress: (done: number) => void = () => undefined,
): Promise<Tally> {
  const tally: Tally = { rotated: 0, already: 0, unreadable: [] }
  for (const table of SECRET_TABLES) {
    for (let afterId: string | undefined = '0'; afterId !== undefined;) {
      const page = { afterId, limit: PAGE, lock: write }
      // A page that is rolled back must not be counted.
      const done = await inPage(async (db) => {
        const rows = await readSecretRows(db, table, page)
        const each: Tally[] = []
        for (const row of rows) each.push(await moveRow(db, table, row, keys, write))
        return { each, lastId: rows.at(-1)?.id }
      })
      for (const one of done.each) {
        tally.rotated += one.rotated
        tally.already += one.already
        tally.unreadable.push(...one.unreadable)
      }
      onProgress(tally.rotated + tally.already + tally.unreadable.length)
      afterId = done.lastId
    }
  }
  return tally
}

/** Idempotent: what is under the new key stays as it is, and what neither key reads does too. */
async function moveRow(
  db: Db,
  table: SecretTable,
  row: SecretRow,
  keys: KeyPair,
  write: boolean,
): Promise<Tally> {
  const tally: Tally = { rotated: 0, already: 0, unreadable: [] }
  const data = table.dataOf(row.userId, row.id)
  const secrets = row.secrets.map((secret, index) => {
    if (!secret) return secret
    if (open(keys.to, secret, data) !== null) {
      tally.already++
      return secret
    }
    const plain = open(keys.from, secret, data)
    if (plain === null) {
      const { id, userId, name } = row
      tally.unreadable.push({ what: table.what, id, userId, name, column: table.columns[index] ?? '' })
      return secret
    }
    tally.rotated++
    return encryptSecret(keys.to, plain, data)
  })
  if (write && tally.rotated > 0) await writeSecrets(db, table, row.id, secrets)
  return tally
}

function open(key: Buffer, secret: string, data: string): string | null {
  try {
    return decryptSecret(key, secret, data)
  } catch (error) {
    if (error instanceof SecretError) return null
    throw error
  }
}
