import { spawn } from 'node:child_process'
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { identify, isAlive, waitForExit } from '../../process-identity.ts'
import { until } from '../../started-process.ts'
import { MAIN, tradebotctl } from '../testing/run.ts'
import { readRunnerNote } from './runner-note.ts'
import {
  brokenProgram,
  makeSmallInstallation,
  wellProgram,
  type SmallInstallation,
} from './small-release.fixture.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
let place: SmallInstallation
beforeEach(async () => {
  place = await makeSmallInstallation()
  place.addRelease('1.0.0', wellProgram('1.0.0'))
  place.addRelease('2.0.0', wellProgram('2.0.0'))
  place.addRelease('3.0.0', brokenProgram)
  place.lead('1.0.0')
})
afterEach(async () => {
  await tradebotctl(['stop', '--root', place.root])
  place.remove()
})

test('runs in the foreground until SIGTERM, and leaves no note of itself', async () => {
  const runner = startRunner()
  await runner.says('well 1.0.0')
  const note = readRunnerNote(place.dataDir)
  expect(note).toMatchObject({ pid: runner.pid, version: '1.0.0', starts: 1, ended: null })
  expect(statSync(place.file('data', 'runner.json')).mode & 0o777).toBe(0o600)
  expect(await runner.end('SIGTERM')).toBe(0)
  expect(runner.out()).toContain('stopping 1.0.0')
  expect(existsSync(place.file('data', 'runner.json'))).toBe(false)
})

test('two at once are refused, in the foreground and in the background', async () => {
  const runner = startRunner()
  await runner.says('well 1.0.0')
  for (const more of [[], ['--detach']]) {
    const second = await tradebotctl(['run', '--root', place.root, '--json', ...more])
    expect(second.code).toBe(4)
    expect(second.json().error?.code).toBe('ALREADY_RUNNING')
  }
  expect(await runner.end('SIGINT')).toBe(0)
})

test('SIGHUP changes to where current leads by now, as often as it comes', async () => {
  const runner = startRunner()
  await runner.says('well 1.0.0')
  place.lead('2.0.0')
  process.kill(runner.pid, 'SIGHUP')
  await runner.says('well 2.0.0')
  expect(runner.out()).toContain('stopping 1.0.0')
  // More than a second after the first: no command but this one survives a second signal.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  place.lead('1.0.0')
  process.kill(runner.pid, 'SIGHUP')
  await until(() => readRunnerNote(place.dataDir)?.starts === 3, 10_000)
  await until(() => runner.out().split('well 1.0.0').length === 3, 10_000)
  expect(await runner.end('SIGTERM')).toBe(0)
})

test('a release that ends by itself ends the run with 3, and says what to look at', async () => {
  place.lead('3.0.0')
  const ran = await tradebotctl(['run', '--root', place.root, '--json'])
  expect(ran.code).toBe(3)
  expect(ran.json().error).toMatchObject({
    code: 'RELEASE_ENDED',
    message: 'TradeBot 3.0.0 ended by itself: it ended with 1.',
  })
})

test('while an update tries a release that ends, the runner waits to be led back', async () => {
  const runner = startRunner()
  await runner.says('well 1.0.0')
  const at = new Date().toISOString()
  writeFileSync(
    place.file('update.json'),
    JSON.stringify({
      ...{ format: 1, kind: 'update', phase: 'switching', from: '1.0.0', to: '3.0.0' },
      ...{ running: true, keep: 2, replaces: false, startedAt: at },
    }),
  )
  writeFileSync(place.file('update.lock'), JSON.stringify(identify(process.pid)))
  place.lead('3.0.0')
  process.kill(runner.pid, 'SIGHUP')
  await until(() => readRunnerNote(place.dataDir)?.ended === 'it ended with 1', 10_000)
  place.lead('1.0.0')
  process.kill(runner.pid, 'SIGHUP')
  await until(() => runner.out().split('well 1.0.0').length === 3, 10_000)
  for (const name of ['update.json', 'update.lock']) rmSync(place.file(name))
  expect(await runner.end('SIGTERM')).toBe(0)
})

test.each([
  [
    'was tried',
    { kind: 'update', running: true },
    '1.0.0',
    'interrupted before it proved healthy: back on 1.0.0',
  ],
  ['came while it stood still', { kind: 'update', running: false }, '2.0.0', 'rollback --to 1.0.0 goes back'],
  ['was a rollback', { kind: 'rollback', running: true }, '2.0.0', '2.0.0 is the current release'],
])(
  'after an update that %s and was killed, run says which release it starts',
  async (_, was, runs, words) => {
    writeFileSync(
      place.file('update.json'),
      JSON.stringify({
        ...{ format: 1, phase: 'switching', from: '1.0.0', to: '2.0.0', keep: 2, replaces: false },
        ...{ ...was, startedAt: new Date().toISOString() },
      }),
    )
    place.lead('2.0.0')
    const runner = startRunner()
    await runner.says(`well ${runs}`)
    expect(runner.out()).toContain(words)
    expect([existsSync(place.file('update.json')), existsSync(place.file('releases', '2.0.0'))]).toEqual([
      false,
      runs === '2.0.0',
    ])
    expect(await runner.end('SIGTERM')).toBe(0)
  },
)

test('a runner that was killed leaves its release at work; the next one ends it first, and so does stop', async () => {
  const runner = startRunner()
  await runner.says('well 1.0.0')
  const child = readRunnerNote(place.dataDir)?.child
  if (!child) throw new Error('no release runs')
  await runner.end('SIGKILL')
  expect(isAlive(child)).toBe(true)
  const next = startRunner()
  await next.says('well 1.0.0')
  expect(isAlive(child)).toBe(false)
  const last = readRunnerNote(place.dataDir)?.child
  if (!last) throw new Error('no release runs')
  await next.end('SIGKILL')
  const stopped = await tradebotctl(['stop', '--root', place.root, '--json'])
  expect(stopped.json().result).toEqual({ stopped: true, pid: last.pid })
  expect(isAlive(last)).toBe(false)
})

test('in the background it says where it runs once it is healthy, and stop ends it', async () => {
  const started = await tradebotctl(['run', '--detach', '--root', place.root, '--json'])
  expect(started.json()).toMatchObject({
    exitCode: 0,
    error: null,
    result: { outcome: 'started', version: '1.0.0' },
  })
  const { pid, url } = started.json().result
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const runner = identify(pid)
  const stopped = await tradebotctl(['stop', '--root', place.root])
  expect([stopped.code, stopped.stdout]).toEqual([0, 'Stopped.\n'])
  expect(await waitForExit(runner, 0)).toBe(true)
  const again = await tradebotctl(['stop', '--root', place.root])
  expect([again.code, again.stdout]).toEqual([0, 'TradeBot does not run.\n'])
})

test('in the background a release that does not start is told at once, with its last words', async () => {
  place.lead('3.0.0')
  const began = performance.now()
  const started = await tradebotctl(['run', '--detach', '--root', place.root])
  expect(started.code).toBe(3)
  expect(started.stderr).toContain('The server does not start: no luck today')
  expect(performance.now() - began).toBeLessThan(20_000)
})

test('a unit for systemd runs the program of the installation', async () => {
  const { stdout, code } = await tradebotctl(['run', '--systemd', '--root', place.root])
  expect(code).toBe(0)
  expect(stdout).toContain(`ExecStart=${place.root}/bin/tradebotctl run --root ${place.root}`)
})

test('a clone has npm start instead', async () => {
  const ran = await tradebotctl(['run', '--json'])
  expect([ran.code, ran.json().error?.code]).toEqual([4, 'PLACE_IS_CLONE'])
})

function startRunner() {
  const child = spawn(process.execPath, [MAIN, 'run', '--root', place.root], {
    env: { ...process.env, NODE_OPTIONS: undefined, PORT: undefined, TRADEBOT_DATA_DIR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error('it cannot be started')
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (out += text))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    pid,
    out: () => out,
    says: (words: string) =>
      until(
        () => out.includes(words),
        20_000,
        () => out,
      ),
    end: (name: NodeJS.Signals) => {
      child.kill(name)
      return exited
    },
  }
}
