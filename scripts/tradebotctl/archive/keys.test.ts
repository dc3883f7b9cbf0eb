import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keygen } from '../commands/keygen.ts'
import { trustAdd } from '../commands/trust-add.ts'
import { trustList } from '../commands/trust-list.ts'
import { trustRemove } from '../commands/trust-remove.ts'
import { BUNDLED, tradebotctl, type RunOptions } from '../testing/run.ts'
import { makeKey } from './testing/packages.ts'

// Processes and files, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
let clone: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tradebot-keys-'))
  clone = path.join(folder, 'clone')
  mkdirSync(clone)
  writeFileSync(path.join(clone, 'package.json'), '{"name":"tradebot","version":"1.2.3"}')
})
afterEach(() => rmSync(folder, { recursive: true }))

const run = (args: string[], options: RunOptions = {}) =>
  tradebotctl(args, { program: BUNDLED, cwd: clone, env: { TRADEBOT_DATA_DIR: undefined }, ...options })
const modeOf = (file: string) => (lstatSync(file).mode & 0o7777).toString(8)
const spki = (key = makeKey()) => String(key.key.export({ type: 'spki', format: 'pem' }))
const pinned = () => path.join(clone, '.tradebot', 'trusted-keys')

test('keygen writes a pair with the right modes under any umask, and never over one', async () => {
  const preload = path.join(folder, 'umask.mjs')
  writeFileSync(preload, 'process.umask(0)')
  const out = path.join(folder, 'release')
  const ran = await run(['keygen', '--out', out, '--json'], { nodeArgs: ['--import', preload] })
  expect(keygen.result.parse(ran.json().result)).toMatchObject({
    privateFile: `${out}.key`,
    encrypted: false,
  })
  expect([modeOf(`${out}.key`), modeOf(`${out}.pub`)]).toEqual(['600', '644'])
  const before = readFileSync(`${out}.key`, 'utf8')

  const again = await run(['keygen', '--out', out, '--json'])
  expect([again.code, again.json().error?.code]).toEqual([4, 'KEY_EXISTS'])
  expect(readFileSync(`${out}.key`, 'utf8')).toBe(before)

  rmSync(`${out}.key`)
  expect((await run(['keygen', '--out', out])).code).toBe(4)
  expect(existsSync(`${out}.key`)).toBe(false)
})

test('keygen says the key and what to do with it, and never the private key', async () => {
  const ran = await run(['keygen', '--out', path.join(folder, 'release')])
  expect(ran.stdout).toMatch(
    /^Key {9}[0-9a-f]{32}\nPrivate .*release\.key .*\nPublic .*release\.pub .*\n\nSign: .*\nTrust: .*\n$/,
  )
  expect(ran.stdout + ran.stderr).not.toContain(
    readFileSync(path.join(folder, 'release.key'), 'utf8').split('\n')[1],
  )
  expect((await run(['keygen'])).code).toBe(2)
  expect((await run(['keygen', '--out', path.join(folder, 'absent', 'x')])).code).toBe(3)
})

test('trust add, list and remove', async () => {
  const key = makeKey()
  const file = path.join(folder, 'release.pub')
  writeFileSync(file, spki(key))
  expect((await run(['trust', 'list'])).stdout).toMatch(/^No key is trusted here/)
  const added = await run(['trust', 'add', file, '--json'])
  expect(trustAdd.result.parse(added.json().result)).toEqual({
    folder: pinned(),
    keyId: key.keyId,
    added: true,
  })
  expect((await run(['trust', 'add', file, '--json'])).json().result.added).toBe(false)
  const where = path.join(pinned(), `${key.keyId}.pub`)
  expect([modeOf(where), readdirSync(pinned())]).toEqual(['644', [`${key.keyId}.pub`]])
  const list = await run(['trust', 'list', '--json'])
  expect(trustList.result.parse(list.json().result)).toEqual({
    folder: pinned(),
    keys: [{ keyId: key.keyId, file: where }],
  })
  expect((await run(['trust', 'list'])).stdout).toBe(`${key.keyId}  ${where}\n`)

  expect((await run(['trust', 'remove', 'release.pub'])).code).toBe(2)
  const unknown = await run(['trust', 'remove', 'f'.repeat(32), '--json'])
  expect([unknown.code, unknown.json().error?.code]).toEqual([3, 'KEY_NOT_TRUSTED'])
  const removed = await run(['trust', 'remove', key.keyId, '--json'])
  expect(trustRemove.result.parse(removed.json().result)).toEqual({ folder: pinned(), keyId: key.keyId })
  expect(readdirSync(pinned())).toEqual([])
})

const rsa = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
const x25519 = () => String(generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'pem' }))

const WRONG: readonly (readonly [what: string, code: string, text: () => string])[] = [
  ['text', 'KEY_UNREADABLE', () => 'hello'],
  ['nothing', 'KEY_UNREADABLE', () => ''],
  ['an RSA key', 'KEY_KIND', () => rsa().publicKey],
  ['an X25519 key', 'KEY_KIND', x25519],
  [
    'a private key',
    'KEY_PRIVATE',
    () => String(makeKey().privateKey.export({ type: 'pkcs8', format: 'pem' })),
  ],
  ['two keys', 'KEY_UNREADABLE', () => spki() + spki()],
  ['a damaged key', 'KEY_UNREADABLE', () => spki().replace('MCow', 'MCox')],
]

test('trust add takes nothing but one public Ed25519 key', async () => {
  const codes: Record<string, string> = {}
  for (const [what, , text] of WRONG) {
    const file = path.join(folder, 'wrong.pub')
    writeFileSync(file, text())
    const ran = await run(['trust', 'add', file, '--json'])
    codes[what] = `${ran.code} ${ran.json().error?.code}`
  }
  expect(codes).toEqual(Object.fromEntries(WRONG.map(([what, code]) => [what, `4 ${code}`])))
  expect(existsSync(pinned())).toBe(false)
})

const FOREIGN: readonly (readonly [what: string, code: string, place: (file: string) => void])[] = [
  ['a wrong key', 'KEY_UNREADABLE', (file) => writeFileSync(file, 'x')],
  ['a link', 'TRUST_FOREIGN', (file) => symlinkSync('/etc/hostname', file)],
  ['a folder', 'TRUST_FOREIGN', (file) => mkdirSync(file)],
  [
    'a file that all can write',
    'TRUST_WRITABLE',
    (file) => {
      writeFileSync(file, spki())
      chmodSync(file, 0o666)
    },
  ],
]

test('something wrong among the trusted keys is an error that names it', async () => {
  mkdirSync(pinned(), { recursive: true })
  writeFileSync(path.join(pinned(), 'good.pub'), spki())
  const file = path.join(pinned(), 'other.pub')
  for (const [what, code, place] of FOREIGN) {
    place(file)
    const ran = await run(['trust', 'list', '--json'])
    expect([what, ran.code, ran.json().error?.code]).toEqual([what, 4, code])
    expect(ran.json().error?.message).toContain(file)
    rmSync(file, { recursive: true })
  }
})

test('an installation has its own folder of keys', async () => {
  const root = path.join(folder, 'installation')
  mkdirSync(path.join(root, 'releases'), { recursive: true })
  writeFileSync(path.join(root, 'installation.json'), '{}')
  writeFileSync(path.join(folder, 'release.pub'), spki())
  expect((await run(['trust', 'add', path.join(folder, 'release.pub'), '--root', root])).code).toBe(0)
  expect(readdirSync(path.join(root, 'trusted-keys'))).toHaveLength(1)
})
