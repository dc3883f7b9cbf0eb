import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import path from 'node:path'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { withTestDatabase } from '#trading/store/testing.ts'

const db = withTestDatabase()

/** The server as a process of its own. `said` collects what it prints; `ended` is its exit code and how long it took after `stop`. */
function start(port: number, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
    env: {
      ...{
        PATH: process.env['PATH'],
        DATABASE_URL: db.url,
        TRADEBOT_MASTER_KEY: Buffer.alloc(32, 5).toString('base64'),
      },
      ...{ PORT: String(port), LOG_LEVEL: 'info', TRADEBOT_INSTANCE_ID: 'one', ...env },
    },
  })
  const said: string[] = []
  child.stdout.on('data', (data) => said.push(String(data)))
  child.stderr.on('data', (data) => said.push(String(data)))
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { said: () => said.join(''), ended, stop: (signal: NodeJS.Signals) => child.kill(signal) }
}

async function takePort(): Promise<{ port: number; server: Server }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port.')
  return { port: address.port, server }
}

async function freePort(): Promise<number> {
  const { port, server } = await takePort()
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('it serves, and SIGTERM ends it in order with an open socket within 3 seconds', async () => {
  const port = await freePort()
  const process = start(port)
  const instance = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null)
    const health: unknown = await response?.json()
    return health
  }
  await expect
    .poll(instance, { timeout: 25_000, interval: 200 })
    .toMatchObject({ instance: 'one', database: { ok: true } })
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws')
  await new Promise((resolve) => socket.once('open', resolve))
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  const begun = performance.now()
  process.stop('SIGTERM')
  expect(await process.ended).toBe(0)
  expect(performance.now() - begun).toBeLessThan(3_000)
  expect(await closed).toBe(1012)
})

test('what keeps it from starting is one sentence and exit 1', async () => {
  const { port, server } = await takePort()
  const inUse = start(port)
  expect(await inUse.ended).toBe(1)
  expect(inUse.said()).toBe(`PORT ${port} on 127.0.0.1 is in use by another program.\n`)
  await new Promise((resolve) => server.close(resolve))

  const otherKey = start(port, { TRADEBOT_MASTER_KEY: Buffer.alloc(32, 6).toString('base64') })
  expect(await otherKey.ended).toBe(1)
  expect(otherKey.said()).toMatch(/^TRADEBOT_MASTER_KEY is not the key of this database.*\n$/)

  const away = start(port, { DATABASE_URL: `postgres://nobody:secret@127.0.0.1:${await freePort()}/none` })
  expect(await away.ended).toBe(1)
  expect(away.said()).toMatch(/^The database cannot be reached \(DATABASE_URL\): .*ECONNREFUSED.*\n$/)
  expect(away.said()).not.toContain('secret')
})

test('beyond loopback the first sign-up code is printed', async () => {
  const port = await freePort()
  const process = start(port, { HOST: '0.0.0.0' })
  await expect.poll(() => process.said(), { timeout: 25_000 }).toMatch(/you need this code: [\w-]{8}\n/)
  await expect.poll(() => process.said(), { timeout: 25_000 }).toContain('listening on')
  process.stop('SIGINT')
  expect(await process.ended).toBe(0)
})
