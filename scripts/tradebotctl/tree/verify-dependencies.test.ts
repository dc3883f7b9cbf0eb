import * as fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { installSamples, linkCommand } from './testing/sample-packages.ts'
import { makeSampleTree } from './testing/sample-tree.ts'
import { verifyDependencies } from './verify-dependencies.ts'

// They wait for the disk, beside other tests that do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let tree: ReturnType<typeof makeSampleTree>
let cache: string
beforeEach(() => {
  tree = makeSampleTree()
  const other = process.platform === 'linux' ? 'darwin' : 'linux'
  cache = installSamples(tree.root, [
    {
      location: 'node_modules/one',
      files: { 'lib/index.js': 'one', empty: '', '.gitignore': 'x' },
      lock: { bin: { one: 'run.js' } },
    },
    { location: 'node_modules/one/node_modules/inner', files: { 'i.js': 'inner' } },
    { location: 'node_modules/@scope/two', files: { 'big.bin': 'x'.repeat(700_000) } },
    { location: 'node_modules/made', files: {}, lock: { hasInstallScript: true } },
    { location: 'node_modules/tool', files: {}, lock: { dev: true } },
    { location: 'node_modules/foreign', files: {}, lock: { optional: true, os: [other] } },
    { location: 'node_modules/foreign/node_modules/its', files: {}, lock: { optional: true } },
  ]).cache
  fs.renameSync(at('one/.gitignore'), at('one/.npmignore')) // As npm does.
  tree.put('node_modules/one/run.js', '#!/usr/bin/env node\n')
  fs.rmSync(at('foreign'), { recursive: true })
  fs.rmSync(at('one/run.js'))
})
afterEach(() => tree.remove())

const at = (file: string) => path.join(tree.root, 'node_modules', file)

async function told(options: { dev?: boolean; caches?: string[] } = {}) {
  const report = await verifyDependencies(tree.root, { dev: true, caches: [cache], ...options })
  return report.differences
    .filter((each) => each.path !== 'node_modules/.bin/one')
    .map((each) => `${each.kind} ${each.path}`)
}

test('packages that are what their archives hold are proven; those of other systems do not belong', async () => {
  const report = await verifyDependencies(tree.root, { dev: true, caches: [cache] })
  expect(report).toMatchObject({ expected: 5, proven: 5, unproven: [] })
  expect(await told()).toEqual([])
})

test('one byte, one file and one package are each told', async () => {
  fs.writeFileSync(at('@scope/two/big.bin'), `${'x'.repeat(699_999)}y`)
  fs.writeFileSync(at('one/lib/index.js'), 'one more')
  fs.rmSync(at('one/empty'))
  fs.writeFileSync(at('one/lib/planted.js'), '')
  fs.rmSync(at('one/node_modules/inner'), { recursive: true })
  expect(await told()).toEqual([
    'CHANGED node_modules/@scope/two/big.bin',
    'MISSING node_modules/one/empty',
    'CHANGED node_modules/one/lib/index.js',
    'EXTRA node_modules/one/lib/planted.js',
    'MISSING node_modules/one/node_modules/inner',
  ])
})

test('packages that nothing asks for are told, wherever they are', async () => {
  tree.put('node_modules/evil/index.js', 'x')
  tree.put('node_modules/@scope/evil/index.js', 'x')
  tree.put('node_modules/one/node_modules/evil/index.js', 'x')
  tree.put('node_modules/.prisma/client.js', 'x')
  for (const each of ['.cache/x', '.vite/x', '.tradebot-installed']) tree.put(`node_modules/${each}`, 'x')
  expect(await told()).toEqual([
    'EXTRA node_modules/.prisma',
    'EXTRA node_modules/@scope/evil',
    'EXTRA node_modules/evil',
    'EXTRA node_modules/one/node_modules/evil/index.js',
  ])
})

test('no symbolic link is followed, though it leads to the same bytes', async () => {
  fs.renameSync(at('@scope/two'), path.join(tree.root, 'data', 'two'))
  fs.symlinkSync(path.join(tree.root, 'data', 'two'), at('@scope/two'))
  fs.renameSync(at('one/lib'), path.join(tree.root, 'data', 'lib'))
  fs.symlinkSync(path.join(tree.root, 'data', 'lib'), at('one/lib'))
  expect(await told()).toEqual([
    'CHANGED node_modules/@scope/two',
    'EXTRA node_modules/one/lib',
    'MISSING node_modules/one/lib/index.js',
  ])
  fs.renameSync(path.join(tree.root, 'node_modules'), path.join(tree.root, 'data', 'modules'))
  fs.symlinkSync('data/modules', path.join(tree.root, 'node_modules'))
  expect(await told()).toEqual(['CHANGED node_modules'])
})

test('what an install script adds is let be, what it changes is not', async () => {
  tree.put('node_modules/made/build/out.node', 'made')
  expect(await told()).toEqual([])
  fs.appendFileSync(at('made/package.json'), ' ')
  expect(await told()).toEqual(['CHANGED node_modules/made/package.json'])
})

test('another version, and other notes of npm, are told', async () => {
  tree.put('node_modules/one/package.json', '{"name":"one","version":"9.9.9"}')
  const notes = fs.readFileSync(at('.package-lock.json'), 'utf8')
  fs.writeFileSync(
    at('.package-lock.json'),
    notes.replace(/"integrity":"sha512-.{8}/, '"integrity":"sha512-AAAAAAAA'),
  )
  expect(await told()).toEqual([
    'CHANGED node_modules/.package-lock.json',
    'CHANGED node_modules/one/package.json',
  ])
})

test('what building needs may be absent where it is not wanted', async () => {
  fs.rmSync(at('tool'), { recursive: true })
  expect(await told({ dev: false })).toEqual([])
  expect(await told({ dev: true })).toEqual(['MISSING node_modules/tool'])
})

test('without the archive, or with an altered one, a package is unproven, never right or wrong', async () => {
  fs.writeFileSync(at('one/lib/index.js'), 'changed')
  const without = await verifyDependencies(tree.root, { dev: true, caches: [] })
  expect(without).toMatchObject({ proven: 0, unproven: { length: 5 } })
  for (const file of fs.readdirSync(cache, { recursive: true, encoding: 'utf8' }))
    if (fs.statSync(path.join(cache, file)).isFile()) fs.appendFileSync(path.join(cache, file), 'x')
  expect(await verifyDependencies(tree.root, { dev: true, caches: [cache] })).toMatchObject({ proven: 0 })
})

test('a command that leads elsewhere is told', async () => {
  tree.put('node_modules/one/run.js', '')
  const bins = async () =>
    (await verifyDependencies(tree.root, { dev: true, caches: [] })).differences.map(
      (each) => `${each.kind} ${each.path}`,
    )
  expect(await bins()).toEqual(['MISSING node_modules/.bin/one'])
  linkCommand(tree.root, 'one', '../one/run.js')
  expect(await bins()).toEqual(['MODE node_modules/one/run.js'])
  fs.chmodSync(at('one/run.js'), 0o755)
  expect(await bins()).toEqual([])
  linkCommand(tree.root, 'node', '/tmp/evil')
  linkCommand(tree.root, 'one', '../made/package.json')
  expect(await bins()).toEqual(['EXTRA node_modules/.bin/node', 'CHANGED node_modules/.bin/one'])
})

test('no node_modules is one difference, no lock file an error', async () => {
  fs.rmSync(path.join(tree.root, 'node_modules'), { recursive: true })
  expect(await told()).toEqual(['MISSING node_modules'])
  tree.put('package-lock.json', '{"lockfileVersion":3,"packages":{"":{},"../x":{}}}')
  await expect(told()).rejects.toMatchObject({ code: 'LOCK_UNREADABLE' })
})
