import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openChunks, sealChunks } from './chunks.ts'
import { makeEnvelope } from './envelope.ts'
import { withBackup } from './read-backup.ts'
import { encodeRecord, type BackupRecord } from './records.ts'

vi.setConfig({ testTimeout: 60_000 })
const masterKey = randomBytes(32)
const unlock = { kind: 'masterKey', masterKey } as const
const CHUNK = 64 * 1024
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tradebot-chunks-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sealing = { key: randomBytes(32), bound: randomBytes(32) }
const seal = (plain: Buffer) => buffer(sealChunks(cut(plain), sealing))
const open = (sealed: Buffer) => buffer(openChunks(cut(sealed), sealing))

/** In odd pieces, as files and sockets give them. */
async function* cut(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_007) yield bytes.subarray(at, at + 10_007)
}

test('what is sealed opens again, whatever its length is to that of a chunk', async () => {
  for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5]) {
    const plain = randomBytes(length)
    const sealed = await seal(plain)
    expect(sealed.length).toBe(length + 16 * Math.max(1, Math.ceil(length / CHUNK)))
    expect((await open(sealed)).equals(plain), String(length)).toBe(true)
  }
})

test('chunks left out, doubled, changed about or brought from elsewhere do not open', async () => {
  const sealed = await seal(randomBytes(4 * CHUNK))
  const [a, b, c, d] = [0, 1, 2, 3].map((n) => sealed.subarray(n * (CHUNK + 16), (n + 1) * (CHUNK + 16)))
  const other = await buffer(sealChunks(cut(randomBytes(4 * CHUNK)), { ...sealing, bound: randomBytes(32) }))
  const parts = (...chunks: (Buffer | undefined)[]) => Buffer.concat(chunks.flatMap((chunk) => chunk ?? []))
  const forged = [parts(b, c, d), parts(a, c, d), parts(a, a, b, c, d), parts(a, c, b, d), parts(d)]
  const spliced = parts(a, other.subarray(CHUNK + 16, 2 * (CHUNK + 16)), c, d)
  for (const one of [...forged, spliced])
    await expect(open(one)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' })
  for (const one of [parts(a, b, c), parts(a), parts()])
    await expect(open(one)).rejects.toMatchObject({ code: 'BACKUP_TRUNCATED' })
  for (const one of [parts(a, b, c, d, a), parts(a, b, c, d, Buffer.from([0]))])
    await expect(open(one)).rejects.toMatchObject({
      message: 'The backup is damaged: something was put behind its end.',
    })
})

const RECORDS: BackupRecord[] = [
  {
    kind: 'manifest',
    value: {
      product: 'tradebot',
      format: 1,
      tradebotVersion: '1.0.0',
      createdAt: '2026-11-30T00:00:00.000Z',
      serverVersion: '18.0',
      migrations: [{ name: '1_init', checksum: 'x' }],
      tables: ['candles'],
      sequences: [],
      masterKeyFingerprint: null,
      masterKey: null,
    },
  },
  { kind: 'table', value: { name: 'candles', columns: ['id'] } },
  { kind: 'rows', value: Buffer.from('1\n2\n') },
  {
    kind: 'tableEnd',
    value: {
      rows: 2,
      bytes: 4,
      sha256: 'a6e2b7a040683432de03a18fd8a1939a2fdf82585b364bfc874bdd4095c4cae1',
    },
  },
  { kind: 'end', value: { tables: 1, rows: 2 } },
]

async function fileOf(records: BackupRecord[]): Promise<Buffer> {
  const { bytes, sealing: own } = await makeEnvelope(unlock)
  const inside = gzipSync(Buffer.concat(records.map(encodeRecord)))
  return Buffer.concat([bytes, await buffer(sealChunks(Readable.from([inside]), own))])
}

async function check(bytes: Buffer) {
  const file = path.join(folder, randomBytes(8).toString('hex'))
  writeFileSync(file, bytes)
  const signal = AbortSignal.timeout(10_000)
  try {
    return await withBackup(file, (backup) => backup.read(unlock, async () => undefined, { signal }))
  } finally {
    rmSync(file)
  }
}

test('any flipped bit, cut or addition anywhere in a file is refused', async () => {
  const whole = await fileOf(RECORDS)
  expect(await check(whole)).toMatchObject({ tables: 1, rows: 2 })
  const refused = (bytes: Buffer) =>
    expect(check(bytes)).rejects.toMatchObject({
      exitCode: 4,
      code: expect.stringMatching(/^(BACKUP|MASTER_KEY)_/),
    })
  for (let at = 0; at < whole.length; at++) {
    const flipped = Buffer.from(whole)
    flipped.writeUInt8(whole.readUInt8(at) ^ (1 << (at % 8)), at)
    await refused(flipped)
  }
  for (let length = 0; length < whole.length; length += 3) await refused(whole.subarray(0, length))
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 70_000 }), async (more) => {
      await refused(Buffer.concat([whole, more]))
    }),
    { numRuns: 20 },
  )
})

test('records that do not fit each other are refused', async () => {
  const [manifest, table, rows, tableEnd, end] = RECORDS
  if (!manifest || !table || !rows || !tableEnd || !end) throw new Error('five records')
  const strange: BackupRecord = JSON.parse(JSON.stringify(manifest).replace('"tradebot"', '"other"'))
  const cases: BackupRecord[][] = [
    [],
    [manifest],
    [table, rows, tableEnd, end],
    [manifest, manifest, table, rows, tableEnd, end],
    [manifest, table, tableEnd, end],
    [manifest, table, rows, rows, tableEnd, end],
    [manifest, rows, tableEnd, end],
    [manifest, table, rows, tableEnd],
    [manifest, table, rows, end],
    [manifest, end],
    [manifest, table, rows, tableEnd, table, rows, tableEnd, end],
    [manifest, table, rows, tableEnd, end, end],
    [manifest, { kind: 'table', value: { name: 'other', columns: ['id'] } }, rows, tableEnd, end],
    [manifest, table, rows, tableEnd, { kind: 'end', value: { tables: 1, rows: 3 } }],
    [strange, table, rows, tableEnd, end],
  ]
  for (const records of cases)
    await expect(check(await fileOf(records))).rejects.toMatchObject({
      exitCode: 4,
      code: 'BACKUP_UNREADABLE',
    })
})
