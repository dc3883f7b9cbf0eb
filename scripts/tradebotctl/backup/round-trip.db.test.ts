import { beforeAll, expect, test } from 'vitest'
import { makeTestDatabase, withTestDatabase } from '#trading/store/testing.ts'
import { booksOf, fillBooks, withPlace } from './books.fixture.ts'
import { backupResult, restoreResult } from './result-shape.ts'

const db = withTestDatabase()
const place = withPlace()
beforeAll(async () => {
  await fillBooks(db.pool, place.masterKey)
})

test('round trip', async () => {
  const made = await place.backup(db.url, 'a.backup')
  console.log(made.stdout, made.stderr)
  const target = await makeTestDatabase({ empty: true })
  const restored = await place.restore(target.url, 'a.backup')
  console.log(restored.stdout, restored.stderr)
  await target.close()
})
