import { createHash, type Hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { RefusedError } from '../frame/errors.ts'
import { openChunks } from './chunks.ts'
import {
  type Envelope,
  parseEnvelope,
  PREAMBLE_BYTES,
  restOfEnvelope,
  type Unlock,
  unlockEnvelope,
} from './envelope.ts'
import { type BackupRecord, decodeRecords, type Manifest, unreadable } from './records.ts'

/** A backup that is read, before anything of it is decrypted. */
export type OpenedBackup = {
  envelope: Envelope
  bytes: number
  /** Gives each record to `take`, in order, one after the other; what comes after the first wrong byte never arrives. */
  read: (
    unlock: Unlock,
    take: (record: BackupRecord) => Promise<void>,
    options: ReadOptions,
  ) => Promise<Summary>
}

export type ReadOptions = { signal: AbortSignal; onProgress?: (bytes: number) => void }

export type Summary = { manifest: Manifest; tables: number; rows: number; sha256: string }

/** The file stays open for as long as `use` takes: what is read is one file, whatever becomes of its name. */
export async function withBackup<T>(file: string, use: (backup: OpenedBackup) => Promise<T>): Promise<T> {
  const handle = await open(file, 'r')
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new RefusedError('BACKUP_FOREIGN', `${file} is not a file.`)
    const preamble = await readAt(0, PREAMBLE_BYTES)
    const rest = restOfEnvelope(preamble)
    const head = Buffer.concat([preamble, await readAt(PREAMBLE_BYTES, rest)])
    if (head.length < PREAMBLE_BYTES + rest)
      throw new RefusedError('BACKUP_TRUNCATED', 'The backup is cut off: it ends within its header.')
    const envelope = parseEnvelope(head)
    return await use({
      envelope,
      bytes: stat.size,
      read: async (unlock, take, { signal, onProgress }) => {
        const sealing = await unlockEnvelope(envelope, head, unlock)
        const whole = createHash('sha256').update(head)
        const counted = async function* (source: AsyncIterable<Buffer>) {
          let seen = head.length
          for await (const bytes of source) {
            whole.update(bytes)
            onProgress?.((seen += bytes.length))
            yield bytes
          }
        }
        const walk = makeWalk(take)
        await pipeline(
          handle.createReadStream({ start: head.length, autoClose: false, highWaterMark: 256 * 1024 }),
          counted,
          (source: AsyncIterable<Buffer>) => openChunks(source, sealing),
          createGunzip(),
          async (source: AsyncIterable<Buffer>) => {
            for await (const record of decodeRecords(source)) await walk.step(record)
          },
          { signal },
        )
        return { ...walk.finish(), sha256: whole.digest('hex') }
      },
    })
  } finally {
    await handle.close()
  }

  async function readAt(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await handle.read(buffer, 0, length, position)
    return buffer.subarray(0, bytesRead)
  }
}

/** Checks the order of the records, and each table's rows against what its end says. */
function makeWalk(take: (record: BackupRecord) => Promise<void>) {
  let manifest: Manifest | undefined
  let table: { name: string; hash: Hash; rows: number; bytes: number } | undefined
  let [tables, rows, ended] = [0, 0, false]

  async function step(record: BackupRecord): Promise<void> {
    if (ended) throw unreadable('something comes after its end')
    if ((manifest === undefined) !== (record.kind === 'manifest'))
      throw unreadable('its manifest is not the first')
    if (record.kind === 'manifest') manifest = record.value
    else if (record.kind === 'table') {
      if (table !== undefined || record.value.name !== manifest?.tables[tables])
        throw unreadable(`table ${record.value.name} is not where its manifest has it`)
      table = { name: record.value.name, hash: createHash('sha256'), rows: 0, bytes: 0 }
    } else if (record.kind === 'end') {
      const complete = table === undefined && tables === manifest?.tables.length
      if (!complete || record.value.tables !== tables || record.value.rows !== rows)
        throw unreadable('its end does not count what is there')
      ended = true
    } else {
      if (table === undefined) throw unreadable('rows belong to no table')
      if (record.kind === 'rows') {
        table.hash.update(record.value)
        table.bytes += record.value.length
        table.rows += countRows(record.value)
      } else {
        const { value } = record
        const right = value.rows === table.rows && value.bytes === table.bytes
        if (!right || value.sha256 !== table.hash.digest('hex'))
          throw unreadable(`the rows of ${table.name} are not those that were counted`)
        tables += 1
        rows += table.rows
        table = undefined
      }
    }
    await take(record)
  }

  return {
    step,
    finish: () => {
      if (manifest === undefined || !ended) throw unreadable('its end is missing')
      return { manifest, tables, rows }
    },
  }
}

/** COPY writes a row per line, and a line break within a value as two characters. */
export function countRows(bytes: Buffer): number {
  let rows = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) rows += 1
  return rows
}
