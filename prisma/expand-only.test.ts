import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { whatContracts } from './expand-only.ts'
import { before, contracting, expanding } from './expand-only.fixture.ts'
import { listMigrations, migrationsFolder } from './migration-folder.ts'

const sqlOf = (name: string) => readFileSync(path.join(migrationsFolder, name, 'migration.sql'), 'utf8')
const earlierThan = (name: string) => {
  const names = listMigrations()
  return names.slice(0, names.indexOf(name)).map(sqlOf)
}

describe('expands', () => {
  test.each(Object.entries(expanding))('%s', async (_, sql) => {
    expect(await whatContracts(sql, [before])).toEqual([])
  })
})

describe('contracts', () => {
  test.each(Object.entries(contracting))('%s', async (_, [sql, reason]) => {
    const found = await whatContracts(sql, [before])
    expect(found[0]?.reason).toMatch(reason)
    expect(found[0]?.statement).not.toBe('')
  })
})

test("of TradeBot's own migrations, the last one expands and the one before does not", async () => {
  const name = '20261130021231_maintenance'
  expect(await whatContracts(sqlOf(name), earlierThan(name))).toEqual([])
  const old = '20261123020157_futures_and_venues'
  const found = await whatContracts(sqlOf(old), earlierThan(old))
  expect(found[0]).toEqual({
    statement: 'DROP INDEX "reservations_api_key_id_asset_idx"',
    reason: 'no rule says that the release before survives it',
  })
  expect(found.map(({ statement }) => statement)).toContain(
    'UPDATE venues SET next_refresh_at = now() WHERE refreshed_at IS NOT NULL',
  )
})

/** Nothing that expands hides a statement that contracts, wherever it stands and however it is written. */
test('a contracting statement is found among any others, in any case and behind any comment', async () => {
  const pieces = Object.values(expanding).flatMap((sql) => (sql.includes('notes') ? [] : [sql]))
  const bad = Object.values(contracting)
    .map(([sql]) => sql)
    .filter((sql) => !/;|EXPAND/.test(sql))
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(pieces, { maxLength: 5 }),
      fc.shuffledSubarray(pieces, { maxLength: 5 }),
      fc.constantFrom(...bad),
      fc.constantFrom('', "-- ' ; $$ it's\n", '/* ; */ ', '\t\r\n'),
      async (first, last, statement, comment) => {
        const sql = [...first, `${comment}${statement}`, ...last].join('\n;\n')
        const found = await whatContracts(sql, [before])
        const [alone] = await whatContracts(statement, [before])
        expect(found.some((each) => each.statement.endsWith(alone?.statement ?? '?'))).toBe(true)
      },
    ),
    { numRuns: 150 },
  )
})
