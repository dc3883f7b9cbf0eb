import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { loadEnv } from '#trading/config/env.ts'
import { makeLogger } from '#trading/config/logger.ts'
import type { Actor } from '#trading/domain/actor.ts'
import { createApiToken, deleteApiToken } from '#trading/store/api-tokens.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { writeEvents } from '#trading/store/events.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { startServer } from '#server/server.ts'
import { MAIN, tradebotctl } from '../testing/run.ts'
import { logLine } from './shapes.ts'

vi.setConfig({ testTimeout: 120_000 })

const db = withTestDatabase()
const folder = mkdtempSync(path.join(tmpdir(), 'tradebotctl-logs-'))
let server: Awaited<ReturnType<typeof startServer>>
let me: Actor
let issued: { id: string; token: string }
const bot = { trend: '', range: '' }

/** Stands before the server, so that connections can be cut and the server be another one. */
const sockets = new Set<Socket>()
const proxy = createServer((client) => {
  const upstream = connect(server.port, '127.0.0.1')
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    sockets.add(one)
    one.on('error', () => other.destroy()).on('close', () => sockets.delete(one) && other.destroy())
    one.pipe(other)
  }
})

const start = () =>
  startServer(
    {
      ...loadEnv({ DATABASE_URL: db.url, TRADEBOT_MASTER_KEY: Buffer.alloc(32, 1).toString('base64') }),
      port: 0,
    },
    makeLogger('server', 'silent'),
  )

beforeAll(async () => {
  server = await start()
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  me = await aUser(db.pool)
  bot.trend = await aSavedBot(db.pool, me, { name: 'Trend' })
  bot.range = await aSavedBot(db.pool, me, { name: 'Range\x1b[31m' })
  issued = await createApiToken(db.pool, me.userId, 'logs')
})

afterAll(async () => {
  await server.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => proxy.close(resolve))
  rmSync(folder, { recursive: true })
})

function env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { port } = proxy.address() as AddressInfo
  return {
    TRADEBOT_DATA_DIR: folder,
    TRADEBOT_URL: `http://127.0.0.1:${port}`,
    TRADEBOT_TOKEN: issued.token,
    ...more,
  }
}

let written = 0
const write = (botId: string) =>
  inTransaction(db.pool, (tx) =>
    writeEvents(tx, me, [{ botId, type: 'NOTICE', message: `number ${++written}` }]),
  )

/** A process that goes on; what it has said so far, and its end. */
function follow(args: string[], more: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, 'bots', 'logs', ...args], {
    env: { ...process.env, NODE_OPTIONS: undefined, ...env(more) },
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    said,
    ended,
    interrupt: () => child.kill('SIGINT'),
    lines: () => said.out.split('\n').filter(Boolean),
    until: (true_: () => boolean) =>
      vi.waitFor(() => expect(true_()).toBe(true), { timeout: 60_000, interval: 50 }),
  }
}

test('past events are printed oldest first, of one bot or of all, and nothing in them reaches the terminal as a command', async () => {
  await write(bot.trend)
  const [one, all, unknown] = await Promise.all([
    tradebotctl(['bots', 'logs', 'Trend', '--last', '2'], { env: env() }),
    tradebotctl(['bots', 'logs', '--json'], { env: env() }),
    tradebotctl(['bots', 'logs', 'Nothing'], { env: env() }),
  ])
  expect(one).toMatchObject({ code: 0, stderr: '' })
  expect(one.stdout.split('\n').map((line) => line.replace(/^\S+ \S+Z {2}/, ''))).toEqual([
    'Trend  CREATED  Bot "Trend" created. (user)',
    'Trend  NOTICE  number 1 (user)',
    '',
  ])
  const lines = all.stdout.trimEnd().split('\n')
  expect(lines.map((line) => logLine.parse(JSON.parse(line)).cursor)).toEqual(['1', '2', '3'])
  const human = await tradebotctl(['bots', 'logs', bot.range], { env: env() })
  expect(human.stdout).not.toContain('\x1b')
  expect(unknown).toMatchObject({ code: 3, stdout: '' })
  const failed = await tradebotctl(['bots', 'logs', 'Nothing', '--json'], { env: env() })
  expect(failed.stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(failed.json()).toMatchObject({ exitCode: 3, error: { code: 'BOT_UNKNOWN' } })
})

test('followed over cut connections and a restart of the server, no event is lost and none comes twice; Ctrl-C ends with 0', async () => {
  const first = written
  const all = follow(['-f', '--json', '--last', '1'])
  const trend = follow(['Trend', '-f', '--last', '0'])
  const direct = follow(['--direct', '-f', '--json', '--last', '0'], {
    DATABASE_URL: db.url,
    TRADEBOT_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
    TRADEBOT_URL: '',
    TRADEBOT_TOKEN: '',
  })
  await all.until(() => all.lines().length === 1)
  // Until each of them hears: what comes before that is no part of "from now on".
  await all.until(() => {
    void write(bot.trend)
    return [trend, direct].every((each) => each.lines().length > 0)
  })
  const some = async (number: number) => {
    for (let i = 0; i < number; i++) await write(i % 2 === 0 ? bot.trend : bot.range)
  }
  await some(20)
  for (const socket of sockets) socket.destroy()
  await some(20)
  await server.close()
  await some(20)
  server = await start()
  await some(20)
  await all.until(() => [all, trend, direct].every((each) => each.said.out.includes(`number ${written - 1}`)))
  await all.until(() => [all, direct].every((each) => each.said.out.includes(`number ${written}`)))
  for (const each of [all, trend, direct]) each.interrupt()
  expect(await Promise.all([all.ended, trend.ended, direct.ended])).toEqual([0, 0, 0])
  for (const each of [all, direct]) {
    const cursors = each.lines().map((line) => Number(logLine.parse(JSON.parse(line)).cursor))
    expect(cursors).toEqual(cursors.map((_, index) => (cursors[0] ?? 0) + index))
  }
  expect(all.lines()).toHaveLength(written - first + 1)
  expect(trend.said.out).not.toContain('Range')
  const numbers = [...trend.said.out.matchAll(/number (\d+)/g)].map(([text]) => text)
  const { rows } = await db.pool.query(
    `SELECT message FROM bot_events WHERE bot_id = $1 AND type = 'NOTICE' ORDER BY seq`,
    [bot.trend],
  )
  const messages = rows.map(({ message }) => String(message))
  expect(numbers).toEqual(messages.slice(messages.indexOf(numbers[0] ?? '')))
  expect(trend.said.err).toContain('The connection is lost; trying again.\nConnected again.\n')
  expect(all.said.err).toBe('')
})

test('Ctrl-C is the normal end while a connection is only being made, too', async () => {
  // One hears nothing at all; the other answers what is read, and nothing to who wants to listen.
  const silent = createServer((socket) => sockets.add(socket))
  let [reached, asked] = [false, false]
  const deaf = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    upstream.pipe(client)
    client.on('data', (sent: Buffer) => {
      if (/upgrade: websocket/i.test(sent.toString('latin1'))) asked = true
      else upstream.write(sent)
    })
  })
  silent.on('connection', () => (reached = true))
  for (const each of [silent, deaf])
    await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))
  const at = (each: typeof silent) => ({
    TRADEBOT_URL: `http://127.0.0.1:${(each.address() as AddressInfo).port}`,
  })
  const reading = follow(['-f', '--json'], at(silent))
  await reading.until(() => reached)
  reading.interrupt()
  const listening = follow(['-f', '--last', '0', '--json'], at(deaf))
  await listening.until(() => asked)
  listening.interrupt()
  expect(await Promise.all([reading.ended, listening.ended])).toEqual([0, 0])
  for (const each of [reading, listening]) expect(each.said).toEqual({ out: '', err: '' })
  for (const socket of sockets) socket.destroy()
  for (const each of [silent, deaf]) await new Promise((resolve) => each.close(resolve))
})

test('a reader that leaves ends it, and so does a token that is deleted', async () => {
  const piped = spawn(
    'bash',
    ['-c', '"$0" "$1" bots logs -f --last 3 | head -1; echo "${PIPESTATUS[0]}"', process.execPath, MAIN],
    { env: { ...process.env, NODE_OPTIONS: undefined, ...env() } },
  )
  let said = ''
  piped.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const left = new Promise((resolve) => piped.once('close', resolve))
  const mine = follow(['-f', '--last', '1'])
  await mine.until(() => {
    void write(bot.trend)
    return mine.lines().length > 1 && said.endsWith('\n0\n')
  })
  await left
  expect(said.split('\n')).toHaveLength(3)
  await deleteApiToken(db.pool, me.userId, issued.id)
  expect(await mine.ended).toBe(3)
  expect(mine.said.err).toContain('does not accept the API token')
  expect(`${mine.said.err}${mine.said.out}`).not.toContain(issued.token)
})
