import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { checkBooks } from './testing/books.ts'
import { accountSchema, type Keys, makeClient, orderSchema } from './testing/client.ts'
import { checkFuturesBooks, makeFutures } from './testing/futures.ts'

const root = mkdtempSync(join(tmpdir(), 'sandbox-restart-'))
const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
})
afterAll(() => rmSync(root, { recursive: true }))

const MAIN = join(import.meta.dirname, 'main.ts')
const spawnMain = (args: string[], env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Starts the real process and waits for the line that says where it listens. */
const start = async (dataDir: string) => {
  const child = spawnMain(['--port', '0', '--data', dataDir])
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /"url":"([^"]+)"/.exec(line)?.[1]
    if (url) return { child, url, client: makeClient(url) }
  }
  throw new Error('the sandbox ended before it listened')
}

const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
  const exited = once(child, 'exit')
  child.kill(signal)
  const [code] = await exited
  return code
}

test('kill -9 at any moment loses nothing that was answered', async () => {
  const dataDir = join(root, 'killed')
  const answered = new Map<string, string>()
  const moved = new Set<number>()
  let keys: Keys | undefined
  let other: Keys | undefined
  let trades = 0
  for (let round = 0; round < 4; round++) {
    const { child, client } = await start(dataDir)
    const mine = (keys ??= await client.openAccount())
    trades = await checkBooks(client, mine, { USDT: '10000' })
    for (const [id, row] of answered) {
      const found = orderSchema.parse((await client.look(mine, id)).body)
      expect(`${found.orderId} ${found.status} ${found.executedQty}`).toBe(row)
    }
    const futures = makeFutures(client)
    const theirs = (other ??= await futures.open('1000', 10))
    await checkFuturesBooks(client, futures, theirs, '1000')
    const kept = await client.control('GET', `/sandbox/transfers?account=${theirs.apiKey}`)
    const ids = z.array(z.looseObject({ tranId: z.number() })).parse(kept.body)
    expect(ids.map(({ tranId }) => tranId)).toEqual(expect.arrayContaining([...moved]))
    // Several at once, and the kill among them.
    let left = 10 + 10 * round
    const count = () => {
      left--
      if (left === 0) child.kill('SIGKILL')
    }
    const gone = once(child, 'exit')
    const one = async (lane: number) => {
      for (let i = 0; i < 500; i++) {
        const id = `r${round}-${lane}-${i}`
        const side = i % 2 === 0 ? 'BUY' : 'SELL'
        const answer = await client
          .place(mine, { type: 'MARKET', side, quantity: '0.001', newClientOrderId: id })
          .catch(() => undefined)
        if (!answer) return
        if (answer.status !== 200) continue
        const row = orderSchema.parse(answer.body)
        answered.set(id, `${row.orderId} ${row.status} ${row.executedQty}`)
        count()
      }
    }
    /** Futures orders and transfers by turns, on an account of their own. */
    const two = async () => {
      for (let i = 0; i < 500; i++) {
        const side = i % 4 === 0 ? 'BUY' : 'SELL'
        const order = { type: 'MARKET', side, quantity: '0.001', reduceOnly: String(side === 'SELL') }
        const answer = await (
          i % 2 === 0 ? futures.place(theirs, order) : futures.transfer(theirs, 'MAIN_UMFUTURE', '0.01')
        ).catch(() => undefined)
        if (!answer) return
        const made = z.looseObject({ tranId: z.number() }).safeParse(answer.body)
        if (made.success) moved.add(made.data.tranId)
        count()
      }
    }
    await Promise.all([one(0), one(1), one(2), two()])
    await gone
  }
  expect(answered.size).toBeGreaterThan(20)
  expect(trades).toBeGreaterThan(20)
  expect(moved.size).toBeGreaterThan(4)
}, 60_000)

test('open orders, balances, held prices and price history outlive a restart', async () => {
  const dataDir = join(root, 'restarted')
  const first = await start(dataDir)
  const keys = await first.client.openAccount()
  await first.client.hold('BTCUSDT', '60000.00')
  const order = { type: 'LIMIT', timeInForce: 'GTC', side: 'BUY', quantity: '0.1', price: '59000' }
  await first.client.place(keys, { ...order, newClientOrderId: 'rests' })
  const closed = `symbol=ETHUSDT&interval=1s&limit=50&endTime=${Date.now() - 2000}`
  const history = await first.client.send('GET', `/api/v3/klines?${closed}`)
  expect(await end(first.child, 'SIGTERM')).toBe(0)

  const second = await start(dataDir)
  const account = accountSchema.parse((await second.client.signed(keys, 'GET', '/api/v3/account')).body)
  const usdt = account.balances.find((row) => row.asset === 'USDT')
  expect([usdt?.free.toString(), usdt?.locked.toString()]).toEqual(['4100', '5900'])
  expect((await second.client.look(keys, 'rests')).body).toMatchObject({ status: 'NEW' })
  expect(await second.client.place(keys, { ...order, newClientOrderId: 'rests' })).toMatchObject({
    body: { code: -2010, msg: 'Duplicate order sent.' },
  })
  const price = await second.client.send('GET', '/api/v3/ticker/price?symbol=BTCUSDT')
  expect(price.body).toEqual({ symbol: 'BTCUSDT', price: '60000.00000000' })
  expect((await second.client.send('GET', `/api/v3/klines?${closed}`)).body).toEqual(history.body)
  await second.client.hold('BTCUSDT', '58000.00')
  expect((await second.client.look(keys, 'rests')).body).toMatchObject({ status: 'FILLED' })
  expect(await end(second.child, 'SIGINT')).toBe(0)
}, 30_000)

test('stops within a second although an answer is being delayed', async () => {
  const { child, client } = await start(join(root, 'delayed'))
  await client.control('POST', '/sandbox/faults', { endpoint: '*', kind: 'delay', ms: 60_000, count: 1 })
  const waiting = client.send('GET', '/api/v3/ping').catch(() => 'closed')
  await new Promise((resolve) => setTimeout(resolve, 200))
  const began = Date.now()
  expect(await end(child, 'SIGTERM')).toBe(0)
  expect(Date.now() - began).toBeLessThan(1000)
  expect(await waiting).toBe('closed')
}, 30_000)

const failing = async (args: string[], env: Record<string, string> = {}) => {
  const child = spawnMain(args, env)
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const [code] = await once(child, 'close')
  return { code, said }
}

test.each([
  ['a word for a port', ['--port', 'http'], {}, /--port must be a whole number/],
  ['a port out of range', [], { SANDBOX_PORT: '70000' }, /SANDBOX_PORT must be at most 65535/],
  ['an unknown option', ['--fast'], {}, /--fast/],
  ['a replay without a file', ['--replay', 'BTCUSDT'], {}, /SYMBOL=FILE/],
  [
    'a replay of no file',
    ['--port', '0', '--replay', 'BTCUSDT=/nowhere.csv'],
    {},
    /cannot read the replay file/,
  ],
  ['a bar of no length', ['--bar', '0s'], {}, /--bar must be/],
  ['a log level that is none', [], { LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of/],
])(
  'refuses %s with one sentence and exit 1',
  async (_, args, env, sentence) => {
    const { code, said } = await failing(['--data', join(root, 'unused'), ...args], env)
    expect(code).toBe(1)
    expect(said).toMatch(sentence)
    expect(said.trim().split('\n')).toHaveLength(1)
  },
  30_000,
)

test('refuses a port in use, and a data folder in use', async () => {
  const dataDir = join(root, 'used')
  const { url, child } = await start(dataDir)
  const taken = await failing(['--port', new URL(url).port, '--data', join(root, 'other')])
  expect(taken).toMatchObject({ code: 1, said: expect.stringMatching(/cannot listen on .*in use/) })
  const locked = await failing(['--port', '0', '--data', dataDir])
  expect(locked).toMatchObject({ code: 1, said: expect.stringMatching(/another sandbox is using it/) })
  await end(child, 'SIGTERM')
}, 30_000)
