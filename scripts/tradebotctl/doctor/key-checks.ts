import { existsSync, statSync } from 'node:fs'
import { masterKeyFingerprint } from '#trading/config/secrets.ts'
import { readMasterKeyState } from '#trading/store/master-key.ts'
import type { Pool } from '#trading/store/pool.ts'
import { keyFile, readKeyFile } from '../keys/key-files.ts'
import { lookAtSecrets, nameOf } from '../keys/rotation.ts'
import { rotationLeft } from './advice.ts'
import { bad, ok, unknown, warning, type Check } from './check.ts'
import type { Told } from './told.ts'

/** Who can read the file of the master key; it opens every exchange account. */
export function checkKeyFile({ settings }: Told): Check[] {
  const file = keyFile(settings.dataDir)
  if (settings.masterKey !== undefined) return [ok('master-key-file', 'TRADEBOT_MASTER_KEY gives the key')]
  if (settings.databaseUrl !== undefined)
    return [unknown('master-key-file', 'TRADEBOT_MASTER_KEY is not given', 'Set it, as the settings say.')]
  if (!existsSync(file))
    return [
      existsSync(settings.dataDir)
        ? bad(
            'master-key-file',
            `${file} is missing`,
            'Put it back from a backup (tradebotctl restore) before TradeBot starts: it would make another one.',
          )
        : unknown(
            'master-key-file',
            `${settings.dataDir} is not there yet`,
            'TradeBot makes it at its first start.',
          ),
    ]
  const { mode, uid } = statSync(file)
  const bits = (mode & 0o777).toString(8).padStart(4, '0')
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    return [
      bad(
        'master-key-file',
        `${file} has mode ${bits}: others on this machine may read it`,
        `chmod 600 ${file}; if others have accounts here, change the key too (tradebotctl keys rotate).`,
      ),
    ]
  const folder = statSync(settings.dataDir)
  if (uid !== folder.uid)
    return [
      warning(
        'master-key-file',
        `${file} belongs to user ${uid}, and the data dir to ${folder.uid}`,
        `chown ${folder.uid} ${file}, so that TradeBot can read it.`,
      ),
    ]
  return [ok('master-key-file', `${file}, mode ${bits}`)]
}

/** What the data dir alone tells of a rotation that stopped half-way. */
export function rotationUnfinished(told: Told): Check[] | undefined {
  const left = rotationLeft(told)
  if (left === undefined) return undefined
  return [
    bad(
      'master-key',
      `a change of the master key was interrupted (${left} is there): TradeBot may not start`,
      'Run tradebotctl keys rotate again, which goes on where it stopped.',
    ),
  ]
}

/** Whether the key here is the database's, and opens everything. */
export async function checkMasterKey({ settings }: Told, pool: Pool): Promise<Check[]> {
  const { fingerprint, rotation } = await readMasterKeyState(pool)
  if (rotation?.finishedAt === null)
    return [
      bad(
        'master-key',
        'a change of the master key was interrupted: TradeBot does not start',
        'Run tradebotctl keys rotate again, which goes on where it stopped.',
      ),
    ]
  const key =
    settings.masterKey ??
    (settings.databaseUrl === undefined ? readKeyFile(keyFile(settings.dataDir)) : undefined)
  if (key === undefined)
    return [unknown('master-key', 'there is none here to compare with', 'See the line above.')]
  const own = masterKeyFingerprint(key)
  if (fingerprint !== null && fingerprint !== own)
    return [
      bad(
        'master-key',
        `fingerprint ${own.slice(0, 8)}, and the database is of ${fingerprint.slice(0, 8)}`,
        rotation?.from === own
          ? 'The key was changed: set TRADEBOT_MASTER_KEY to the new one, or run tradebotctl keys rotate --resume.'
          : 'Give the right master key back: with another one no exchange secret can be read.',
      ),
    ]
  const tally = await lookAtSecrets(pool, { from: key, to: key })
  if (tally.unreadable.length > 0)
    return [
      bad(
        'master-key',
        `does not open ${tally.unreadable.map(nameOf).join('; ')}`,
        'Enter these keys anew in the web UI, or delete them.',
      ),
    ]
  return [ok('master-key', `fingerprint ${own.slice(0, 8)}; opens all ${tally.already} secrets`)]
}
