import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { writeRunFile } from '#trading/config/run-file.ts'
import { makeTestDatabase } from '#trading/store/testing.ts'
import { isAlive, signal, startTimeOf } from './process-identity.ts'
import { makeInstallation, until, type Installation } from './started-process.ts'

let here: Installation

beforeAll(async () => {
  here = await makeInstallation()
})
afterAll(() => here.remove())

/** Everything that a start had running, by identity. */
function everyProcess() {
  const run = here.run()
  return [run.supervisor, ...(run.postgres ? [run.postgres] : []), ...Object.values(run.children)]
}

describe('npm start', () => {
  test('says in one line where it is ready, once everything answers, and a second one beside it names that address', async () => {
    const first = here.start('npm')
    await first.ready()
    expect(first.out().match(/TradeBot is ready at .*/g)).toEqual([`TradeBot is ready at ${here.url}`])
    expect(await here.health()).toMatchObject({ status: 'ok', instance: here.run().instanceId })
    expect(Object.keys(here.run().children).toSorted()).toEqual(['sandbox', 'server', 'worker'])

    const second = here.start()
    expect((await second.exit()).code).toBe(1)
    expect(second.err()).toContain(`TradeBot is already running at ${here.url}`)
    expect(await here.health()).toMatchObject({ status: 'ok' })

    // SIGTERM to npm alone, as a service manager sends it.
    const processes = everyProcess()
    process.kill(first.pid, 'SIGTERM')
    const { code, ms } = await first.exit()
    expect({ code, alive: processes.filter(isAlive) }).toEqual({ code: 0, alive: [] })
    expect(ms).toBeLessThan(10_000)
    expect(existsSync(path.join(here.dataDir, 'run.json'))).toBe(false)
    const order = [...first.err().matchAll(/^(worker|server|sandbox) +\| .*(stop|SIGTERM)/gim)].map(
      (match) => match[1],
    )
    expect(order.indexOf('worker')).toBe(0)
  })

  test('is ready again within 10 s, and Ctrl-C, which comes twice, ends it', async () => {
    const started = here.start('npm')
    expect(await started.ready()).toBeLessThan(10_000)
    const processes = everyProcess()
    process.kill(-started.pid, 'SIGINT')
    const { code, ms } = await started.exit()
    expect({ code, alive: processes.filter(isAlive) }).toEqual({ code: 0, alive: [] })
    expect(ms).toBeLessThan(10_000)
  })
})

describe('the supervisor', () => {
  test('restarts what dies, PostgreSQL too, and stops on SIGTERM to its process group', async () => {
    const started = here.start()
    await started.ready()
    for (const name of ['worker', 'server', 'sandbox']) {
      const before = here.run().children[name]
      if (!before) throw new Error(`No ${name} is noted.`)
      signal(before, 'SIGKILL')
      await until(() => (here.run().children[name]?.pid ?? before.pid) !== before.pid, 10_000)
      expect(started.err()).toContain(`The ${name} ended by itself (signal SIGKILL); starting it again.`)
    }
    const postgres = here.run().postgres
    if (!postgres) throw new Error('No PostgreSQL is noted.')
    signal(postgres, 'SIGKILL')
    await until(() => here.run().postgres?.pid !== postgres.pid, 10_000)
    expect(here.run().postgres?.port).toBe(postgres.port)
    await until(healthy, 20_000)
    const processes = everyProcess()
    process.kill(-started.pid, 'SIGTERM')
    const { code, ms } = await started.exit()
    expect({ code, alive: processes.filter(isAlive) }).toEqual({ code: 0, alive: [] })
    expect(ms).toBeLessThan(10_000)
  })

  test('killed with -9: the next start ends its orphans, adopts PostgreSQL and touches no stranger', async () => {
    const killed = here.start()
    await killed.ready()
    const orphans = Object.values(here.run().children)
    const { postgres } = here.run()
    process.kill(killed.pid, 'SIGKILL')
    await killed.exit()
    expect(orphans.filter(isAlive)).toHaveLength(3)

    // A stranger has got the pid of a process that run.json names.
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    const strangerPid = stranger.pid ?? 0
    const run = here.run()
    writeRunFile(here.dataDir, {
      ...run,
      children: { ...run.children, vite: { pid: strangerPid, startTime: 'another' } },
    })

    const next = here.start()
    expect(await next.ready()).toBeLessThan(15_000)
    expect(orphans.filter(isAlive)).toEqual([])
    expect(here.run().postgres).toEqual(postgres)
    expect(startTimeOf(strangerPid)).toBeDefined()
    stranger.kill()
    process.kill(next.pid, 'SIGTERM')
    expect((await next.exit()).code).toBe(0)
  })

  test('killed with -9 together with PostgreSQL: the next start recovers', async () => {
    const killed = here.start()
    await killed.ready()
    for (const identity of everyProcess()) signal(identity, 'SIGKILL')
    await killed.exit()
    const next = here.start()
    await next.ready()
    expect(await healthy()).toBe(true)
    process.kill(next.pid, 'SIGTERM')
    expect((await next.exit()).code).toBe(0)
  })

  test('uses the database of DATABASE_URL, and starts none of its own', async () => {
    const database = await makeTestDatabase()
    const started = here.start('direct', {
      DATABASE_URL: database.url,
      TRADEBOT_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
    })
    await started.ready()
    expect(here.run().postgres).toBeUndefined()
    process.kill(started.pid, 'SIGTERM')
    expect((await started.exit()).code).toBe(0)
    await database.close()
  })

  test('beyond this machine it prints the code that the first account needs', async () => {
    const started = here.start('direct', { HOST: '0.0.0.0' })
    await started.ready()
    await until(() => /needs this code to sign up: ([A-Z2-9]{4}-){2}[A-Z2-9]{4}\n/.test(started.out()), 2_000)
    process.kill(started.pid, 'SIGTERM')
    expect((await started.exit()).code).toBe(0)
  })
})

describe('what prevents a start is said in one sentence, with exit code 1', () => {
  const closers: (() => unknown)[] = []
  afterEach(() => {
    for (const close of closers.splice(0)) close()
  })

  async function failure(env: NodeJS.ProcessEnv): Promise<string[]> {
    const started = here.start('direct', env)
    const { code } = await started.exit()
    expect({ code, out: started.out() }).toEqual({ code: 1, out: '' })
    return started.err().trim().split('\n')
  }

  test('a port in use', async () => {
    const other = createServer().listen(Number(here.env['PORT']), '127.0.0.1')
    closers.push(() => other.close())
    expect(await failure({})).toEqual([
      expect.stringContaining(`Port ${here.env['PORT']} is in use by another program: stop it, or set PORT`),
    ])
  })

  test('an unreachable database', async () => {
    const TRADEBOT_MASTER_KEY = Buffer.alloc(32).toString('base64')
    const lines = await failure({
      DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/bots',
      TRADEBOT_MASTER_KEY,
    })
    expect(lines).toEqual([
      expect.stringContaining('The database bots at 127.0.0.1:1 (DATABASE_URL) cannot be used'),
    ])
    expect(lines.join()).not.toContain('secret')
  })

  test('malformed variables, all at once', async () => {
    expect(await failure({ PORT: 'http', TRADEBOT_SIGNUP: 'no' })).toEqual([
      'PORT must be a whole number from 1 to 65535; it is "http".',
      'TRADEBOT_SIGNUP must be one of first, open, closed; it is "no".',
    ])
  })
})

async function healthy(): Promise<boolean> {
  return here.health().then(
    (health) => health['status'] === 'ok',
    () => false,
  )
}
