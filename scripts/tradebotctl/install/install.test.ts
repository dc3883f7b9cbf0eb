import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultsOf } from '../testing/crash-scenarios.ts'
import { tradebotctl } from '../testing/run.ts'
import { makeWorkshop, snapshot, V1, type Workshop } from '../testing/small-product.ts'

let workshop: Workshop
beforeAll(() => {
  workshop = makeWorkshop()
})
afterAll(() => workshop.remove())

const at = (...names: string[]) => path.join(workshop.folder, ...names)
const install = (prefix: string, ...args: string[]) =>
  tradebotctl(['install', workshop.v1, '--prefix', prefix, ...args])

test('makes an installation, through a link as well, and says what comes next', async () => {
  mkdirSync(at('real'))
  symlinkSync(at('real'), at('linked'))
  const ran = await install(at('linked', 'bot'), '--trust', workshop.publicKey)
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('Unpacking 1.0.0')])
  expect(ran.stdout).toContain(`Start it: ${at('linked', 'bot', 'bin', 'tradebotctl')} run`)
  const root = at('real', 'bot')
  expect(readdirSync(root).sort()).toEqual([
    ...['.env', 'bin', 'current', 'data', 'installation.json', 'releases', 'trusted-keys'],
  ])
  expect(faultsOf(path.join(root, 'releases', '1.0.0'), V1, '1.0.0')).toEqual([])
  const mode = (name: string) => (statSync(path.join(root, name)).mode & 0o777).toString(8)
  expect([mode('data'), mode('.env'), mode('bin/tradebotctl')]).toEqual(['700', '600', '755'])
  expect(readFileSync(path.join(root, 'trusted-keys', `${workshop.key.keyId}.pub`), 'utf8')).toBe(
    readFileSync(workshop.publicKey, 'utf8'),
  )
}, 60_000)

test('takes an empty folder, and answers as a document', async () => {
  mkdirSync(at('empty'))
  const ran = await install(at('empty'), '--trust', workshop.publicKey, '--json')
  expect(ran.json()).toMatchObject({
    exitCode: 0,
    result: {
      ...{ root: at('empty'), version: '1.0.0', signedBy: workshop.key.keyId },
      ...{ trusted: [workshop.key.keyId], completed: false },
    },
  })
}, 60_000)

test('refuses a folder that is somebody’s, and a package that is not trusted', async () => {
  mkdirSync(at('full'))
  writeFileSync(at('full', 'notes.txt'), 'mine\n')
  writeFileSync(at('a-file'), 'mine\n')
  mkdirSync(at('a clone', 'inner'), { recursive: true })
  writeFileSync(at('a clone', 'package.json'), '{"name":"tradebot","version":"1.0.0"}')
  mkdirSync(at('to-clone'))
  symlinkSync(at('a clone', 'inner'), at('to-clone', 'link'))
  expect((await install(at('installed'), '--trust', workshop.publicKey)).code).toBe(0)
  const before = snapshot(workshop.folder)
  // As an install leaves it that was killed when only this was left to do.
  writeFileSync(at('installed', 'update.lock'), JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1' }))
  const cases: [string, string, number][] = [
    [at('full'), 'PREFIX_NOT_EMPTY', 4],
    [at('a-file'), 'PREFIX_NOT_A_FOLDER', 4],
    [at('a clone', 'inner', 'bot'), 'PREFIX_INSIDE', 4],
    [at('to-clone', 'link', 'bot'), 'PREFIX_INSIDE', 4],
    [at('installed'), 'PREFIX_INSTALLED', 4],
    [at('installed', 'data', 'bot'), 'PREFIX_INSIDE', 4],
  ]
  for (const [prefix, code, exitCode] of cases) {
    const ran = await install(prefix, '--trust', workshop.publicKey, '--json')
    expect([prefix, ran.code, ran.json().error?.code]).toEqual([prefix, exitCode, code])
  }
  const untrusted = await install(at('new'), '--json')
  expect([untrusted.code, untrusted.json().error?.code]).toEqual([4, 'SIGNATURE_UNKNOWN_KEY'])
  const nowhere = await tradebotctl(['install', workshop.v1])
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('--prefix')])
  expect(snapshot(workshop.folder)).toEqual(before)
}, 60_000)

test('leaves nothing when it cannot be done', async () => {
  const broken = workshop.pack('broken.tar.gz', { ...V1, 'package-lock.json': 'no json' }, '1.0.0')
  const ran = await tradebotctl(['install', broken, '--prefix', at('gone'), '--trust', workshop.publicKey])
  expect(ran.code).toBe(3)
  expect(existsSync(at('gone'))).toBe(false)
}, 60_000)
