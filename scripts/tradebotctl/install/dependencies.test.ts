import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InterruptedError } from '../frame/errors.ts'
import { endLeftOverNpm, installDependencies } from './dependencies.ts'

vi.setConfig({ testTimeout: 60_000 })

let folder: string
const tree = (...parts: string[]) => path.join(folder, 'tree', ...parts)
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tradebot-npm-'))
  mkdirSync(tree())
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const installing = (signal = new AbortController().signal) => ({
  cache: path.join(folder, 'cache'),
  signal,
  note: () => undefined,
})

test("the machine's npm installs what the lock file names, runs no package's script, and leaves dev packages out", async () => {
  writeProject()
  await installDependencies(tree(), installing())
  expect(readFileSync(tree('node_modules', 'dep', 'index.js'), 'utf8')).toBe('module.exports = 7\n')
  expect(existsSync(tree('node_modules', 'dep', 'ran'))).toBe(false)
  expect(existsSync(tree('node_modules', 'dev-dep'))).toBe(false)
  expect(existsSync(path.join(folder, 'cache', 'npm-at-work.json'))).toBe(false)
})

test('an archive that is not what the lock file says is refused, with what npm said', async () => {
  writeProject('sha512-' + createHash('sha512').update('another').digest('base64'))
  await expect(installDependencies(tree(), installing())).rejects.toMatchObject({
    code: 'NPM_FAILED',
    exitCode: 3,
    message: expect.stringMatching(/EINTEGRITY/),
  })
})

test('an npm that says nothing itself is quoted from its log, and the free space is told', async () => {
  writeFileSync(tree('package-lock.json'), JSON.stringify({ packages: { 'node_modules/dep': {} } }))
  const logs = path.join(folder, 'cache', '_logs')
  const log = path.join(logs, '2026-11-30T00_00_00_000Z-debug-0.log')
  putNpm(
    `mkdir -p "${logs}"\necho '9 error nospc ENOSPC: no space left on device, write' >> "${log}"\nexit 228\n`,
  )
  const failure: unknown = await installDependencies(tree(), installing()).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 'NPM_FAILED',
    message: expect.stringMatching(/\(228\): nospc ENOSPC: no space left on device, write$/),
    hint: expect.stringMatching(/the disk is full \(\d+ MB free at .*cache\)/),
  })
  expect(failure).toMatchObject({ hint: expect.not.stringContaining(tree()) })
})

test('a lock file without any package needs no npm; one with packages says that it is missing', async () => {
  vi.stubEnv('PATH', folder)
  writeFileSync(tree('package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages: { '': {} } }))
  await installDependencies(tree(), installing())
  expect(existsSync(tree('node_modules'))).toBe(false)
  rmSync(tree('package-lock.json'))
  await expect(installDependencies(tree(), installing())).rejects.toMatchObject({ code: 'LOCK_MISSING' })
  writeFileSync(tree('package-lock.json'), JSON.stringify({ packages: { 'node_modules/dep': {} } }))
  await expect(installDependencies(tree(), installing())).rejects.toMatchObject({ code: 'NPM_MISSING' })
})

test('Ctrl-C ends npm and whatever it has started, at once', async () => {
  const stop = new AbortController()
  const pidFile = putSlowNpm()
  const done = installDependencies(tree(), installing(stop.signal))
  done.catch(() => undefined)
  await vi.waitUntil(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '', 20_000)
  stop.abort(new InterruptedError())
  await expect(done).rejects.toBeInstanceOf(InterruptedError)
  await vi.waitUntil(() => !existsSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}`), 5_000)
})

test('an npm that a killed update has left is ended before anything else is done', async () => {
  const pidFile = putSlowNpm()
  const noteFile = path.join(folder, 'cache', 'npm-at-work.json')
  const script = `import { installDependencies } from ${JSON.stringify(path.join(import.meta.dirname, 'dependencies.ts'))}
    await installDependencies(${JSON.stringify(tree())}, { cache: ${JSON.stringify(path.join(folder, 'cache'))}, signal: new AbortController().signal, note: () => {} })`
  const file = path.join(folder, 'killed.ts')
  writeFileSync(file, script)
  const run = `"${process.execPath}" "${file}" & while [ ! -s "${pidFile}" ] || [ ! -s "${noteFile}" ]; do sleep 0.1; done; kill -9 $!`
  execFileSync('/bin/sh', ['-c', run], { stdio: 'ignore' })
  const left = readFileSync(pidFile, 'utf8').trim()
  expect(existsSync(`/proc/${left}`)).toBe(true)
  await endLeftOverNpm(path.join(folder, 'cache'))
  await vi.waitUntil(() => !existsSync(`/proc/${left}`), 5_000)
})

/** Two packages in archives of their own, so that no registry is asked. */
function writeProject(integrity?: string): void {
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { dep: 'file:dep.tgz' }, devDependencies: { 'dev-dep': 'file:dev-dep.tgz' } },
      'node_modules/dep': { version: '1.0.0', resolved: 'file:dep.tgz', integrity: integrity ?? pack('dep') },
      'node_modules/dev-dep': {
        version: '1.0.0',
        resolved: 'file:dev-dep.tgz',
        integrity: pack('dev-dep'),
        dev: true,
      },
    },
  }
  if (integrity !== undefined) pack('dep')
  const { dependencies, devDependencies } = lock.packages['']
  writeFileSync(tree('package.json'), JSON.stringify({ name: 'tree', dependencies, devDependencies }))
  writeFileSync(tree('package-lock.json'), JSON.stringify(lock))
}

function pack(name: string): string {
  const made = path.join(folder, name, 'package')
  mkdirSync(made, { recursive: true })
  const scripts = { postinstall: 'touch ran' }
  writeFileSync(path.join(made, 'package.json'), JSON.stringify({ name, version: '1.0.0', scripts }))
  writeFileSync(path.join(made, 'index.js'), 'module.exports = 7\n')
  execFileSync('tar', ['czf', tree(`${name}.tgz`), '-C', path.join(folder, name), 'package'])
  return `sha512-${createHash('sha512')
    .update(readFileSync(tree(`${name}.tgz`)))
    .digest('base64')}`
}

/** An npm that starts another process and waits for it for a minute; answers the file that names that one. */
function putSlowNpm(): string {
  writeFileSync(tree('package-lock.json'), JSON.stringify({ packages: { 'node_modules/dep': {} } }))
  const pidFile = path.join(folder, 'pid')
  putNpm(`sleep 60 &\necho $! > ${pidFile}\nwait\n`)
  return pidFile
}

function putNpm(script: string): void {
  const bin = path.join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(path.join(bin, 'npm'), `#!/bin/sh\n${script}`, { mode: 0o755 })
  vi.stubEnv('PATH', `${bin}${path.delimiter}${process.env['PATH']}`)
}
