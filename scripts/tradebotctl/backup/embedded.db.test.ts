import { readFileSync, rmSync, statSync } from 'node:fs'
import { afterAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { withTestDatabase } from '#trading/store/testing.ts'
import { findPostmaster } from '../../postgres/postmaster.ts'
import { fillBooks, withPlace } from './books.fixture.ts'
import { restoreResult } from './result-shape.ts'

vi.setConfig({ testTimeout: 120_000 })
const db = withTestDatabase()
const place = withPlace()
const cluster = () =>
  z.object({ folder: z.string() }).parse(JSON.parse(readFileSync(place.at('data/postgres.json'), 'utf8')))
    .folder
afterAll(() => rmSync(cluster(), { recursive: true, force: true }))

test('a backup goes into a fresh data dir, with its master key, and the database is stopped again', async () => {
  await fillBooks(db.pool, place.masterKey)
  await place.backup(db.url, 'a.backup')
  const restored = await place.restore(undefined, 'a.backup')
  const result = restoreResult.parse(restored.json().result)
  const file = place.at('data/master.key')
  expect(result).toMatchObject({ database: 'tradebot', masterKey: 'WRITTEN', masterKeyFile: file })
  expect(readFileSync(file, 'utf8').trim()).toBe(place.masterKey.toString('base64'))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(findPostmaster(cluster())).toBeUndefined()

  const users = await place.run(undefined, ['users', 'list'])
  expect(users).toMatchObject({ code: 0, stderr: '' })
  expect(users.stdout).toContain('@example.org')
  expect(findPostmaster(cluster())).toBeUndefined()
})
