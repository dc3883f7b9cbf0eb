import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../free-port.ts'
import { MAIN, tradebotctl } from '../testing/run.ts'
import { runnableRelease } from '../testing/runnable-product.ts'
import { makeWorkshop, type Workshop } from '../testing/small-product.ts'

let workshop: Workshop
let root: string
let url: string
const ctl = (args: string[]) => tradebotctl([...args, '--root', root], { timeoutMs: 100_000 })

beforeAll(async () => {
  workshop = makeWorkshop()
  root = path.join(workshop.folder, 'running')
  const first = workshop.pack('1.0.0.tar.gz', runnableRelease('1.0.0'), '1.0.0')
  const installed = await tradebotctl(['install', first, '--prefix', root, '--trust', workshop.publicKey])
  if (installed.code !== 0) throw new Error(installed.stderr)
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  writeFileSync(path.join(root, '.env'), `PORT=${port}\n`)
  const started = await ctl(['run', '--detach'])
  if (started.code !== 0) throw new Error(started.stderr)
}, 120_000)
afterAll(async () => {
  await ctl(['stop'])
  workshop.remove()
})

/** What answers, and what is current. */
async function state(): Promise<[string, string]> {
  const answer: unknown = await (await fetch(`${url}/healthz`)).json()
  const version =
    typeof answer === 'object' && answer !== null && 'version' in answer ? String(answer.version) : ''
  return [version, readlinkSync(path.join(root, 'current'))]
}
const releases = () => readdirSync(path.join(root, 'releases')).sort()
const pack = (version: string, start?: 'fails') =>
  workshop.pack(`${version}.tar.gz`, runnableRelease(version, start), version)

test('updates under a running TradeBot: the new release runs, and is healthy', async () => {
  const ran = await ctl(['update', pack('1.1.0'), '--json'])
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  expect(ran.json().result).toMatchObject({ from: '1.0.0', to: '1.1.0', restarted: true })
  expect(await state()).toEqual(['1.1.0', 'releases/1.1.0'])
}, 120_000)

test('goes back by itself within a minute when the new release does not start', async () => {
  const began = performance.now()
  const ran = await ctl(['update', pack('1.2.0', 'fails'), '--json'])
  expect(performance.now() - began).toBeLessThan(60_000)
  expect([ran.code, ran.json().error]).toMatchObject([3, { code: 'UPDATE_UNHEALTHY' }])
  expect(ran.json().error?.message).toMatch(
    /^1\.2\.0 did not get healthy: .* 1\.1\.0 is back, runs and is healthy\.$/s,
  )
  expect(await state()).toEqual(['1.1.0', 'releases/1.1.0'])
  expect([releases(), existsSync(path.join(root, 'update.json'))]).toEqual([['1.0.0', '1.1.0'], false])
}, 120_000)

test('rolls back under a running TradeBot', async () => {
  const ran = await ctl(['rollback'])
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('TradeBot 1.0.0 runs and is healthy.')])
  expect(await state()).toEqual(['1.0.0', 'releases/1.0.0'])
}, 120_000)

test('finishes an update that was killed right after the switch, and runs the new release', async () => {
  const file = pack('1.4.0')
  await killedWhen(['update', file], () => readlinkSync(path.join(root, 'current')) === 'releases/1.4.0')
  expect(existsSync(path.join(root, 'update.json'))).toBe(true)
  const ran = await ctl(['update', file, '--json'])
  expect([ran.code, ran.json().result]).toMatchObject([0, { completed: true, restarted: true }])
  expect(await state()).toEqual(['1.4.0', 'releases/1.4.0'])
  expect(existsSync(path.join(root, 'update.json'))).toBe(false)
}, 120_000)

test('undoes an update that was killed while npm worked; the old release runs on', async () => {
  const file = pack('1.5.0')
  const partial = path.join(root, 'releases', '1.5.0.partial')
  await killedWhen(['update', file], () => existsSync(path.join(root, 'cache', 'npm-at-work.json')))
  expect([existsSync(partial), await state()]).toEqual([true, ['1.4.0', 'releases/1.4.0']])
  const ran = await ctl(['rollback', '--dry-run'])
  expect([ran.code, existsSync(partial)]).toEqual([0, true])
  const again = await ctl(['update', file])
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('what it had begun is undone')])
  expect([await state(), existsSync(partial)]).toEqual([['1.5.0', 'releases/1.5.0'], false])
}, 120_000)

test('installs packages anew that repair finds altered, and undoes an update at Ctrl-C', async () => {
  const modules = path.join(root, 'current', 'node_modules')
  rmSync(path.join(modules, 'node-here', 'package.json'))
  const repaired = await ctl(['repair', path.join(workshop.folder, '1.5.0.tar.gz'), '--json'])
  expect([repaired.code, repaired.json().result]).toMatchObject([0, { packages: 'installed', restored: [] }])
  expect(existsSync(path.join(modules, 'node-here', 'package.json'))).toBe(true)

  const atWork = () => existsSync(path.join(root, 'cache', 'npm-at-work.json'))
  expect(await killedWhen(['update', pack('1.6.0')], atWork, 'SIGINT')).toBe(130)
  expect([releases().includes('1.6.0.partial'), existsSync(path.join(root, 'update.json'))]).toEqual([
    false,
    false,
  ])
  expect(await state()).toEqual(['1.5.0', 'releases/1.5.0'])
}, 120_000)

test('run undoes or finishes what a killed update has left, before it starts TradeBot', async () => {
  expect((await ctl(['stop'])).code).toBe(0)
  const file = path.join(workshop.folder, '1.6.0.tar.gz')
  await killedWhen(['update', file], () => existsSync(path.join(root, 'releases', '1.6.0.partial')))
  expect((await ctl(['run', '--detach'])).code).toBe(0)
  expect([await state(), releases().includes('1.6.0.partial')]).toEqual([['1.5.0', 'releases/1.5.0'], false])
  expect(existsSync(path.join(root, 'update.json'))).toBe(false)
}, 120_000)

/** Runs a command and signals it as soon as something is so; answers its exit code. */
async function killedWhen(
  args: string[],
  isSo: () => boolean,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<number | null> {
  const child = spawn(process.execPath, [MAIN, ...args, '--root', root], {
    stdio: 'ignore',
    env: { ...process.env, NODE_OPTIONS: undefined },
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const watch = setInterval(() => isSo() && child.kill(signal), 1)
  const code = await ended
  clearInterval(watch)
  return code
}
