import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeKey } from '../archive/testing/packages.ts'
import { identify } from '../../process-identity.ts'
import { faultsOf } from '../testing/crash-scenarios.ts'
import { tradebotctl, type Ran } from '../testing/run.ts'
import {
  copyOf,
  installFirst,
  makeWorkshop,
  ofVersion,
  ownersThings,
  snapshot,
  V1,
  V2,
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
const release = (root: string, version: string) => path.join(root, 'releases', version)
const current = (root: string) => readlinkSync(path.join(root, 'current'))

/** It is refused with this code, and not a byte of the installation is another than before. */
async function expectRefused(root: string, args: string[], exitCode: number, code: string): Promise<Ran> {
  const before = snapshot(root)
  const ran = await ctl([...args, '--root', root, '--json'])
  expect([ran.code, ran.json().error?.code]).toEqual([exitCode, code])
  expect(snapshot(root)).toEqual(before)
  return ran
}

test('updates, tells what it did, and rolls back and forth', async () => {
  const root = fresh()
  const owners = ownersThings(root)
  const updated = await ctl(['update', workshop.v2, '--names', '--root', root])
  expect([updated.code, updated.stderr]).toEqual([
    0,
    expect.stringContaining(
      '1.0.0 → 1.1.0: 1 to add, 5 to change, 1 to remove, 3 to keep\n  + worker/tasks/new.ts\n',
    ),
  ])
  expect(updated.stdout).toMatch(/^Updated 1\.0\.0 → 1\.1\.0\.\nTradeBot did not run, and was not started/)
  expect([current(root), faultsOf(release(root, '1.1.0'), V2, '1.1.0')]).toEqual(['releases/1.1.0', []])
  expect(readFileSync(path.join(root, 'bin', 'tradebotctl'), 'utf8')).toBe(V2['scripts/dist/tradebotctl.mjs'])

  const back = await ctl(['rollback', '--root', root, '--json'])
  expect(back.json()).toMatchObject({ exitCode: 0, result: { from: '1.1.0', to: '1.0.0', restarted: false } })
  expect([current(root), faultsOf(release(root, '1.0.0'), V1, '1.0.0')]).toEqual(['releases/1.0.0', []])
  const forth = await ctl(['rollback', '--root', root])
  expect([forth.code, forth.stdout.split('\n')[0], current(root)]).toEqual([
    0,
    '1.0.0 → 1.1.0.',
    'releases/1.1.0',
  ])
  expect(ownersThings(root)).toEqual(owners)
}, 60_000)

test('shows the plan and writes nothing with --dry-run', async () => {
  const root = fresh()
  const before = snapshot(root)
  const json = await ctl(['update', workshop.v2, '--dry-run', '--root', root, '--json'])
  expect(json.json()).toMatchObject({
    exitCode: 0,
    result: {
      ...{ from: '1.0.0', to: '1.1.0', dryRun: true, signedBy: workshop.key.keyId, backup: null },
      plan: {
        add: ['worker/tasks/new.ts'],
        change: [
          'README.md',
          'package-lock.json',
          'package.json',
          'scripts/dist/tradebotctl.mjs',
          'server/main.ts',
        ],
        remove: ['worker/old.ts'],
        keep: ['prisma/schema.prisma', 'scripts/run.sh', 'server/api/deep/handler.ts'],
      },
    },
  })
  const human = await ctl(['update', workshop.v2, '--dry-run', '--root', root])
  expect(human.stdout).toBe(
    '1.0.0 → 1.1.0: 1 to add, 5 to change, 1 to remove, 3 to keep\nNothing was changed.\n',
  )
  expect(snapshot(root)).toEqual(before)
}, 60_000)

test('refuses what is not meant or not trusted, and changes nothing', async () => {
  const root = fresh()
  const stranger = workshop.pack('stranger.tar.gz', V2, '1.1.0', makeKey())
  const unsigned = workshop.pack('unsigned.tar.gz', V2, '1.1.0', null)
  const older = workshop.pack('older.tar.gz', ofVersion('1.0.0-rc.9', V1), '1.0.0-rc.9')
  const other = workshop.pack('other.tar.gz', ofVersion('2.0.0', {}), '2.0.0')
  const doubtful = workshop.pack('doubtful.tar.gz', V2, '1.2.0')
  await expectRefused(root, ['update', workshop.v1], 4, 'VERSION_SAME')
  await expectRefused(root, ['update', older], 4, 'VERSION_DOWNGRADE')
  await expectRefused(root, ['update', stranger], 4, 'SIGNATURE_UNKNOWN_KEY')
  await expectRefused(root, ['update', stranger, '--allow-unsigned'], 4, 'SIGNATURE_UNKNOWN_KEY')
  await expectRefused(root, ['update', unsigned], 4, 'SIGNATURE_MISSING')
  await expectRefused(root, ['update', other], 4, 'PACKAGE_INCOMPLETE')
  await expectRefused(root, ['update', doubtful], 4, 'RELEASE_OTHER')
  await expectRefused(root, ['update', path.join(root, 'none')], 3, 'PACKAGE_MISSING')
  await expectRefused(root, ['rollback'], 3, 'PREVIOUS_NONE')
  await expectRefused(root, ['rollback', '--to', '1.0.0'], 4, 'VERSION_SAME')
  await expectRefused(root, ['rollback', '--to', '0.9.0'], 3, 'RELEASE_MISSING')
  await expectRefused(root, ['rollback', '--to', '../..'], 2, 'USAGE')
  const clone = path.join(workshop.folder, 'clone')
  mkdirSync(clone)
  writeFileSync(path.join(clone, 'package.json'), '{"name":"tradebot","version":"1.0.0"}')
  await expectRefused(clone, ['update', workshop.v2], 4, 'PLACE_IS_CLONE')

  const said = await ctl(['update', older, '--allow-downgrade', '--root', root])
  expect([said.code, current(root)]).toEqual([0, 'releases/1.0.0-rc.9'])
  const allowed = await ctl(['update', unsigned, '--allow-unsigned', '--root', root])
  expect([allowed.code, allowed.stderr]).toEqual([0, expect.stringContaining('The package is not signed')])
}, 60_000)

test('works one at a time, and takes over the lock of a dead one', async () => {
  const root = fresh()
  const lock = path.join(root, 'update.lock')
  writeFileSync(lock, JSON.stringify(identify(process.pid)))
  await expectRefused(root, ['update', workshop.v2], 3, 'UPDATE_RUNNING')
  const repair = await ctl(['repair', workshop.v1, '--root', root])
  expect([repair.code, repair.stderr]).toEqual([3, expect.stringContaining(`(process ${process.pid})`)])
  writeFileSync(lock, JSON.stringify({ ...identify(process.pid), startTime: 'of another process' }))
  const updates = await Promise.all([1, 2].map(() => ctl(['update', workshop.v2, '--root', root, '--json'])))
  const ends = updates.map((ran) => ran.json().error?.code ?? 'done').sort()
  expect(['UPDATE_RUNNING', 'VERSION_SAME']).toContain(ends[0])
  expect([ends[1], current(root), existsSync(lock)]).toEqual(['done', 'releases/1.1.0', false])
}, 60_000)

test('keeps as many releases as it is told to', async () => {
  const root = fresh()
  for (const version of ['1.1.0', '1.2.0', '1.3.0']) {
    const file = workshop.pack(`${version}.tar.gz`, ofVersion(version, V2), version)
    const ran = await ctl([
      'update',
      file,
      '--root',
      root,
      '--json',
      ...(version === '1.2.0' ? ['--keep', '3'] : []),
    ])
    expect([version, ran.json().result.removedReleases]).toEqual([
      version,
      version === '1.3.0' ? ['1.1.0', '1.0.0'] : [],
    ])
  }
  expect(Object.keys(snapshot(path.join(root, 'releases'))).filter((name) => !name.includes('/'))).toEqual([
    '.',
    '1.2.0',
    '1.3.0',
  ])
}, 60_000)

test('refuses to roll back to a release that is damaged', async () => {
  const root = fresh()
  await ctl(['update', workshop.v2, '--root', root])
  writeFileSync(path.join(release(root, '1.0.0'), 'server', 'main.ts'), 'altered\n')
  const ran = await expectRefusedButForLock(root, ['rollback'])
  expect(ran.json().error).toMatchObject({
    code: 'RELEASE_DAMAGED',
    message: expect.stringContaining('server/main.ts (CHANGED)'),
  })
  // A damaged folder of the version that comes is made anew.
  const again = await ctl(['update', workshop.v1, '--allow-downgrade', '--root', root])
  expect([again.code, current(root), faultsOf(release(root, '1.0.0'), V1, '1.0.0')]).toEqual([
    0,
    'releases/1.0.0',
    [],
  ])
}, 60_000)

async function expectRefusedButForLock(root: string, args: string[]): Promise<Ran> {
  const before = snapshot(root)
  const ran = await ctl([...args, '--root', root, '--json'])
  expect([ran.code, snapshot(root)]).toEqual([4, before])
  return ran
}

test('follows no link that was put where it writes', async () => {
  const root = fresh()
  const outside = path.join(workshop.folder, `outside-${made}`)
  mkdirSync(path.join(outside, '1.1.0.partial'), { recursive: true })
  writeFileSync(path.join(outside, 'file'), 'somebody\n')
  const before = snapshot(outside)
  for (const [name, end] of [
    ['1.1.0.partial', 0],
    ['1.1.0', 0],
  ] as const) {
    const copy = fresh()
    symlinkSync(outside, path.join(copy, 'releases', name))
    symlinkSync(outside, path.join(copy, 'current.next'))
    symlinkSync(path.join(outside, 'file'), path.join(copy, 'update.json'))
    rmSync(path.join(copy, 'update.json'))
    const ran = await ctl(['update', workshop.v2, '--root', copy])
    expect([ran.code, ran.stderr, faultsOf(release(copy, '1.1.0'), V2, '1.1.0')]).toEqual([
      end,
      ran.stderr,
      [],
    ])
  }
  renameSync(path.join(root, 'releases'), path.join(outside, '..', `moved-${made}`))
  symlinkSync(path.join(outside, '..', `moved-${made}`), path.join(root, 'releases'))
  await expectRefused(root, ['update', workshop.v2], 4, 'FOLDER_IS_LINK')
  expect(snapshot(outside)).toEqual(before)
}, 60_000)

test('says what to do when the link to the current release is no link', async () => {
  const root = fresh()
  rmSync(path.join(root, 'current'))
  await expectRefused(root, ['update', workshop.v2], 3, 'CURRENT_MISSING')
  const repaired = await ctl(['repair', workshop.v1, '--root', root])
  expect([repaired.code, repaired.stdout]).toEqual([
    0,
    'The link "current" has been put back.\n1.0.0 is whole.\n',
  ])
  rmSync(path.join(root, 'current'))
  mkdirSync(path.join(root, 'current'))
  await expectRefused(root, ['update', workshop.v2], 3, 'CURRENT_UNREADABLE')
}, 60_000)
