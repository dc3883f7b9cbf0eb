import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { beforeAll, expect, inject, test, vi } from 'vitest'
import { makeTestDatabase, withTestDatabase } from '#trading/store/testing.ts'
import { booksOf, fillBooks, withPlace } from './books.fixture.ts'
import { restoreResult } from './result-shape.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
const db = withTestDatabase()
const place = withPlace()
beforeAll(async () => {
  await fillBooks(db.pool, place.masterKey)
  await place.backup(db.url, 'a.backup')
  await place.backup(db.url, 'own.backup', ['--under-master-key'])
})

test('a backup that cannot be made leaves no file, and none is overwritten unasked', async () => {
  const short = await place.run(db.url, ['backup', '--out', place.at('b'), '--passphrase-file', '-'], {
    stdin: 'elevenchars',
  })
  expect(short).toMatchObject({ code: 2, stdout: '' })
  expect(short.stderr).toContain('at least 12 characters')
  const exists = await place.backup(db.url, 'a.backup')
  expect(exists.json()).toMatchObject({ exitCode: 3, error: { code: 'BACKUP_EXISTS' } })
  const nowhere = await place.backup(db.url, 'none/a.backup')
  expect(nowhere.json()).toMatchObject({ exitCode: 3, error: { code: 'OUT_FOLDER_MISSING' } })
  const other = randomBytes(32).toString('base64')
  const args = ['backup', '--out', place.at('b'), '--under-master-key', '--json']
  const wrong = await place.run(db.url, args, { env: { TRADEBOT_MASTER_KEY: other } })
  expect(wrong.json()).toMatchObject({ exitCode: 4, error: { code: 'MASTER_KEY_OTHER' } })
  expect(wrong.stdout).not.toContain(other)
  expect(readdirSync(place.at('')).filter((name) => name.startsWith('b'))).toEqual([])
  const again = await place.backup(db.url, 'own.backup', ['--under-master-key', '--force'])
  expect(again.code).toBe(0)
})

test('a wrong passphrase, another file and a damaged one are told apart, and change nothing', async () => {
  const target = await makeTestDatabase({ empty: true })
  const whole = readFileSync(place.at('own.backup'))
  const middle = Buffer.from(whole)
  middle.writeUInt8(whole.readUInt8(whole.length >> 1) ^ 1, whole.length >> 1)
  writeFileSync(place.at('bad.backup'), middle)
  writeFileSync(place.at('cut.backup'), whole.subarray(0, 65_536 + 1_000))
  writeFileSync(place.at('text.backup'), 'something else altogether\n')
  const refused = async (file: string, stdin?: string) => {
    const ran = await place.run(target.url, ['restore', place.at(file), '--passphrase-file', '-', '--json'], {
      stdin: stdin ?? 'x',
    })
    return ran.json()
  }
  expect(await refused('a.backup', 'not the passphrase')).toMatchObject({
    exitCode: 4,
    error: { code: 'PASSPHRASE_WRONG' },
  })
  expect(await refused('text.backup')).toMatchObject({ exitCode: 4, error: { code: 'BACKUP_FOREIGN' } })
  expect(await refused('bad.backup')).toMatchObject({ exitCode: 4, error: { code: 'BACKUP_DAMAGED' } })
  expect(await refused('cut.backup')).toMatchObject({ exitCode: 4, error: { code: 'BACKUP_DAMAGED' } })
  expect(await refused('none.backup')).toMatchObject({ exitCode: 3, error: { code: 'ENOENT' } })
  expect(await booksOf(target.url)).toEqual({ sequences: [] })
  await target.close()
})

test('a folder that is no passphrase file is named', async () => {
  const ran = await place.run(undefined, [
    ...['backup', '--check', place.at('a.backup'), '--passphrase-file', place.at(''), '--json'],
  ])
  const message = `--passphrase-file ${place.at('')}: this is a folder, not a file.`
  expect(ran.json()).toMatchObject({ exitCode: 3, error: { code: 'EISDIR', message } })
})

test('nothing is replaced while TradeBot runs', async () => {
  await db.pool.query(`UPDATE worker_heartbeats SET beat_at = clock_timestamp()`)
  const ran = await place.restore(db.url, 'own.backup', ['--replace', '--yes'])
  expect(ran.json()).toMatchObject({ exitCode: 4, error: { code: 'TRADEBOT_RUNNING' } })
  await db.pool.query(`DELETE FROM worker_heartbeats`)
})

test('another master key is not mixed in; the one of the backup can be had as a file', async () => {
  const target = await makeTestDatabase({ empty: true })
  const other = { ...place.envFor(target.url), TRADEBOT_MASTER_KEY: randomBytes(32).toString('base64') }
  const args = ['restore', place.at('a.backup'), '--passphrase-file', place.at('passphrase'), '--json']
  const refused = await place.run(target.url, args, { env: other })
  expect(refused.json()).toMatchObject({ exitCode: 4, error: { code: 'MASTER_KEY_OTHER' } })
  const unset = { ...other, TRADEBOT_MASTER_KEY: undefined }
  const ran = await place.run(target.url, [...args, '--master-key-out', place.at('key')], { env: unset })
  const result = restoreResult.parse(ran.json().result)
  expect(result).toMatchObject({ masterKey: 'OUT', masterKeyFile: place.at('key') })
  expect(result.next[0]).toBe(`Set TRADEBOT_MASTER_KEY to what is in ${place.at('key')}.`)
  expect(readFileSync(place.at('key'), 'utf8')).toBe(`${place.masterKey.toString('base64')}\n`)
  expect(statSync(place.at('key')).mode & 0o777).toBe(0o600)
  await target.close()
})

test('killed at any moment, a restore leaves the old books or the new ones, whole', async () => {
  const server = inject('testServer').url
  const target = await makeTestDatabase()
  const name = new URL(target.url).pathname.slice(1)
  const alike = (ending: string) =>
    `SELECT datname FROM pg_database WHERE starts_with(datname, '${name}${ending}') ORDER BY 1`
  await target.pool.query(`INSERT INTO venues (exchange, timeframes) VALUES ('the old one', '{}')`)
  await target.pool.end()
  const old = await booksOf(target.url)
  const args = ['restore', place.at('own.backup'), '--replace', '--yes', '--json']
  const startedAt = performance.now()
  const whole = await place.run(target.url, [...args, '--root', '/nonexistent'])
  expect(whole.code).toBe(3)
  const usualMs = (performance.now() - startedAt) * 3
  let [killed, left] = [0, 0]
  for (const share of [0.5, 0.8, 1.1]) {
    const ran = await place.run(target.url, args, { timeoutMs: Math.round(usualMs * share) })
    if (ran.signal === null) break
    killed += 1
    // What the killed one had under way ends when the server notices.
    await sleep(200)
    const books = await booksOf(target.url)
    const isOld = books['venues']?.some((row) => row.includes('the old one')) === true
    if (isOld) expect(books).toEqual(old)
    else expect(books['candles']).toHaveLength(20_000)
    left += (await query(server, alike('_restoring_'))).length
    if (!isOld) break
  }
  expect(killed).toBeGreaterThan(0)
  const finished = await place.run(target.url, args)
  const { previousDatabase } = restoreResult.parse(finished.json().result)
  expect((await booksOf(target.url))['candles']).toHaveLength(20_000)
  expect(await query(server, alike('_restoring_')), `${left} were left by kills`).toEqual([])
  const kept = new URL(target.url)
  kept.pathname = `/${previousDatabase}`
  expect(Object.keys(await booksOf(kept.href))).toEqual(Object.keys(old))
  for (const datname of [...(await query(server, alike('_before_restore_'))), name])
    await query(server, `DROP DATABASE "${datname}" WITH (FORCE)`)
})

async function query(url: string, sql: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<{ datname: string }>(sql)).rows.map((row) => row.datname)
  } finally {
    await client.end()
  }
}
