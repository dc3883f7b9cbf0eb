import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultsOf, repairScenario } from '../testing/crash-scenarios.ts'
import { BUNDLED, tradebotctl } from '../testing/run.ts'
import {
  copyOf,
  installFirst,
  makeWorkshop,
  ownersThings,
  snapshot,
  V1,
  type Workshop,
} from '../testing/small-product.ts'

let workshop: Workshop
let template: string
let made = 0
beforeAll(async () => {
  workshop = makeWorkshop()
  template = await installFirst(workshop, 'template')
}, 60_000)
afterAll(() => workshop.remove())

const ctl = (args: string[]) => tradebotctl(args)
const fresh = () => copyOf(template, path.join(workshop.folder, `copy-${++made}`))

/** The Node (≥ 20) of the machine, with which the bundled program has to do. */
function hostNode(): string {
  const folders = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((each) => !each.includes('node_modules'))
  const node = folders.map((folder) => path.join(folder, 'node')).find((file) => existsSync(file))
  if (node === undefined) throw new Error('This machine has no Node of its own on the PATH.')
  return node
}

test('mends a broken installation by the bundled program, on the Node of the machine, without node_modules', async () => {
  const scenario = await repairScenario(workshop)
  const owners = ownersThings(scenario.template)
  const before = snapshot(scenario.template)
  const bundled = copyOf(BUNDLED, path.join(workshop.folder, 'tradebotctl.mjs'))
  const run = (args: string[]) =>
    tradebotctl(args, { program: bundled, node: hostNode(), cwd: workshop.folder })

  const dry = await run([...scenario.args(scenario.template), '--dry-run', '--json'])
  const wrong = {
    restored: ['README.md', 'server/api/deep/handler.ts', 'server/main.ts', 'worker/old.ts', 'manifest.json'],
    ...{ modes: ['package.json', 'scripts/run.sh'], links: ['server/api'], extra: [], link: true },
  }
  expect(dry.json()).toMatchObject({ exitCode: 1, result: { ...wrong, dryRun: true, packages: 'differ' } })
  expect(snapshot(scenario.template)).toEqual(before)

  const repaired = await run([...scenario.args(scenario.template), '--json'])
  expect(repaired.json()).toMatchObject({
    exitCode: 0,
    result: { ...wrong, packages: 'installed', program: true },
  })
  expect(scenario.atEnd(scenario.template)).toEqual([])
  expect(ownersThings(scenario.template)).toEqual(owners)
  const verified = await run(['verify', '--root', scenario.template])
  expect([verified.code, verified.stderr]).toEqual([0, ''])
}, 60_000)

test('reports what is too much, and never deletes it', async () => {
  const root = fresh()
  const tree = path.join(root, 'releases', '1.0.0')
  writeFileSync(path.join(tree, 'server', 'notes.txt'), 'mine\n')
  const ran = await ctl(['repair', workshop.v1, '--root', root])
  expect([ran.code, ran.stdout]).toEqual([
    0,
    'Does not belong to the release, and stays:\n  server/notes.txt\n1.0.0 is whole, but for what does not belong to it; there was nothing to repair.\n',
  ])
  expect(existsSync(path.join(tree, 'server', 'notes.txt'))).toBe(true)
}, 60_000)

test('puts the program back with the folder that it was in', async () => {
  const root = fresh()
  rmSync(path.join(root, 'bin'), { recursive: true })
  const ran = await ctl(['repair', workshop.v1, '--root', root])
  expect([ran.code, ran.stdout]).toEqual([0, 'bin/tradebotctl has been put right.\n1.0.0 is whole.\n'])
  expect(snapshot(path.join(root, 'bin'))).toEqual(snapshot(path.join(template, 'bin')))
}, 60_000)

test('refuses where somebody’s files stand in the way, before it writes anything', async () => {
  const root = fresh()
  const tree = path.join(root, 'releases', '1.0.0')
  rmSync(path.join(tree, 'README.md'))
  mkdirSync(path.join(tree, 'README.md'))
  writeFileSync(path.join(tree, 'README.md', 'mine.txt'), 'mine\n')
  writeFileSync(path.join(tree, 'package.json'), 'torn')
  const before = snapshot(root)
  const ran = await ctl(['repair', workshop.v1, '--root', root, '--json'])
  expect([ran.code, ran.json().error?.code]).toEqual([4, 'REPAIR_OBSTRUCTED'])
  expect(snapshot(root)).toEqual(before)
  rmSync(path.join(tree, 'README.md', 'mine.txt'))
  expect((await ctl(['repair', workshop.v1, '--root', root])).code).toBe(0)
  expect(faultsOf(tree, V1, '1.0.0')).toEqual([])
}, 60_000)

test('changes no version, and takes no package that is not trusted', async () => {
  const root = fresh()
  const before = snapshot(root)
  const unsigned = workshop.pack('unsigned.tar.gz', V1, '1.0.0', null)
  for (const [file, code] of [
    [workshop.v2, 'VERSION_OTHER'],
    [unsigned, 'SIGNATURE_MISSING'],
  ] as const) {
    const ran = await ctl(['repair', file, '--root', root, '--json'])
    expect([ran.code, ran.json().error?.code]).toEqual([4, code])
  }
  expect(snapshot(root)).toEqual(before)
  const other = workshop.pack('other.tar.gz', { ...V1, 'README.md': '# Other\n' }, '1.0.0', null)
  const exchanged = await ctl(['repair', other, '--allow-unsigned', '--root', root, '--json'])
  expect([exchanged.code, exchanged.json().error?.code]).toEqual([4, 'SIGNATURE_OTHER'])
  expect(snapshot(root)).toEqual(before)
  // The same files, unsigned, are the same release; its signature stays.
  const allowed = await ctl(['repair', unsigned, '--allow-unsigned', '--root', root])
  expect([allowed.code, allowed.stdout, snapshot(root)]).toEqual([
    0,
    '1.0.0 is whole; there was nothing to repair.\n',
    before,
  ])
}, 60_000)

test('mends the release that rollback goes back to', async () => {
  const root = fresh()
  await ctl(['update', workshop.v2, '--root', root])
  const tree = path.join(root, 'releases', '1.0.0')
  rmSync(path.join(tree, 'server'), { recursive: true })
  expect((await ctl(['repair', workshop.v1, '--root', root])).code).toBe(0)
  expect(faultsOf(tree, V1, '1.0.0')).toEqual([])
  expect((await ctl(['rollback', '--root', root])).code).toBe(0)
}, 60_000)

test('mends a clone, through no link, and leaves data and settings alone', async () => {
  const clone = path.join(workshop.folder, 'clone')
  copyOf(path.join(template, 'releases', '1.0.0'), clone)
  const outside = path.join(workshop.folder, 'outside-clone')
  mkdirSync(outside)
  writeFileSync(path.join(outside, 'main.ts'), 'somebody\n')
  for (const name of ['.git', '.tradebot', 'data']) {
    mkdirSync(path.join(clone, name))
    writeFileSync(path.join(clone, name, 'mine'), 'mine\n')
  }
  writeFileSync(path.join(clone, '.env'), 'MINE=1\n')
  const mine = (name: string) => snapshot(path.join(clone, name))
  const kept = ['.git', '.tradebot', 'data', '.env'].map(mine)

  rmSync(path.join(clone, 'server'), { recursive: true })
  symlinkSync(outside, path.join(clone, 'server'))
  writeFileSync(path.join(clone, 'package.json'), 'torn')
  chmodSync(path.join(clone, 'scripts', 'run.sh'), 0o600)
  const before = snapshot(clone)
  const args = ['repair', workshop.v1, '--trust', workshop.publicKey, '--root', clone]
  const dry = await ctl([...args, '--dry-run'])
  expect([dry.code, dry.stdout]).toEqual([1, expect.stringContaining('Would put back 3 files')])
  expect(snapshot(clone)).toEqual(before)
  const ran = await ctl(args)
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  expect(ran.stdout).toContain('Removed links in place of folders:\n  server\n')
  expect(['.git', '.tradebot', 'data', '.env'].map(mine)).toEqual(kept)
  expect(snapshot(outside)).toEqual({ '.': 'folder 755', 'main.ts': expect.stringContaining('file') })
  const again = await ctl([...args, '--json'])
  expect(again.json()).toMatchObject({ exitCode: 0, result: { restored: [], modes: [], links: [] } })
  const [release] = Object.keys(V1)
  expect([release, snapshot(clone)['.tradebotctl-repair.lock']]).toEqual(['package.json', undefined])
}, 60_000)
