import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { sendChunks } from './send-chunks.ts'

const CHUNK = 'x'.repeat(65_536)

/** A server that sends `count` chunks, and a reader of it that has not begun to read. */
async function serve(count: number, failAt = Infinity) {
  const progress = { made: 0, ended: false, error: '' }
  async function* chunks() {
    try {
      while (progress.made < count) {
        if (progress.made === failAt) throw new Error('The database is away.')
        progress.made++
        yield CHUNK
      }
    } finally {
      progress.ended = true
    }
  }
  const server = createServer((_request, response) => {
    sendChunks(response, chunks()).catch((error: Error) => (progress.error = error.message))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const reader = await new Promise<IncomingMessage>((resolve) => get({ port, host: '127.0.0.1' }, resolve))
  return { progress, reader }
}

async function read(reader: IncomingMessage): Promise<number> {
  let length = 0
  for await (const part of reader) length += part.length
  return length
}

test('what nobody reads is not made; all of it comes when it is read', async () => {
  const { progress, reader } = await serve(2_000)
  await sleep(400)
  const held = progress.made
  await sleep(200)
  expect(progress.made).toBe(held)
  // Sockets of both sides buffer some megabytes of the 131.
  expect(held).toBeLessThan(400)
  expect(await read(reader)).toBe(2_000 * CHUNK.length)
  expect(progress).toEqual({ made: 2_000, ended: true, error: '' })
})

test('a reader that goes away ends the source', async () => {
  const { progress, reader } = await serve(2_000)
  await sleep(100)
  reader.destroy()
  for (let i = 0; i < 100 && !progress.ended; i++) await sleep(20)
  expect(progress.ended).toBe(true)
  expect(progress.made).toBeLessThan(2_000)
})

test('a source that fails breaks the answer off, and the reader can tell', async () => {
  const { progress, reader } = await serve(20, 10)
  await expect(read(reader)).rejects.toThrow('aborted')
  expect(progress.error).toBe('The database is away.')
})
