import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { writeRunFile } from '#trading/config/run-file.ts'
import { freePort } from '../../free-port.ts'
import { identify } from '../../process-identity.ts'
import { tradebotctl } from '../testing/run.ts'

test('a database of our own that does not answer is named as that, without its password', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tradebot-unreachable-'))
  const port = await freePort()
  const own = identify(process.pid)
  writeRunFile(dataDir, {
    instanceId: 'i',
    url: 'http://127.0.0.1:1',
    state: 'ready',
    databaseUrl: `postgres://tradebot:hunter2@127.0.0.1:${port}/tradebot`,
    supervisor: own,
    postgres: { ...own, port, dataDir },
    children: {},
  })
  const env = { DATABASE_URL: undefined, TRADEBOT_DATA_DIR: dataDir }
  const ran = await tradebotctl(['users', 'list', '--json'], { env }).finally(() =>
    rmSync(dataDir, { recursive: true }),
  )
  const { exitCode, error } = ran.json()
  expect({ exitCode, error }).toEqual({
    exitCode: 3,
    error: {
      code: 'DATABASE_UNREACHABLE',
      message: `The embedded database at 127.0.0.1:${port} does not answer: connect ECONNREFUSED 127.0.0.1:${port}.`,
      hint: 'tradebotctl doctor says how the database is, and what to do.',
    },
  })
})
