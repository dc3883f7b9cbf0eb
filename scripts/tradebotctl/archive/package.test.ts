import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { packageCommand } from '../commands/package.ts'
import { BUNDLED, tradebotctl, type RunOptions } from '../testing/run.ts'
import { openPackage } from './open-package.ts'
import { parsePublicKey } from './keys.ts'
import { GOOD, manifestOf } from './testing/packages.ts'

// Processes and files, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
let tree: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tradebot-pack-'))
  tree = makeTree('tree')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A tree of the product's shape, with what no release carries. */
function makeTree(name: string): string {
  const root = path.join(folder, name)
  const beside = {
    '.env': 'SECRET=1',
    'node_modules/zod/index.js': '',
    '.git/HEAD': 'ref',
    '.tradebot/master.key': 'k',
  }
  for (const [file, content] of Object.entries({ ...GOOD, ...beside })) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    writeFileSync(path.join(root, file), content)
  }
  chmodSync(path.join(root, 'scripts/run.sh'), 0o755)
  return root
}

const pack = (args: string[], options: RunOptions = {}) =>
  tradebotctl(['package', ...args], { program: BUNDLED, cwd: folder, ...options })

async function keygen(name = 'release'): Promise<string> {
  const ran = await tradebotctl(['keygen', '--out', path.join(folder, name)], { program: BUNDLED })
  expect(ran.code, ran.stderr).toBe(0)
  return path.join(folder, `${name}.key`)
}

test('the same tree gives the same bytes in another locale, time zone, umask and folder, at another time', async () => {
  const key = await keygen()
  const other = makeTree('somewhere/else/altogether')
  for (const name of readdirSync(other)) utimesSync(path.join(other, name), 1, 1)
  chmodSync(path.join(other, 'README.md'), 0o600)
  chmodSync(path.join(other, 'scripts/run.sh'), 0o700)
  const runs = [
    { tree, LC_ALL: 'C', TZ: 'UTC', umask: '022' },
    { tree: other, LC_ALL: 'C.utf8', TZ: 'Pacific/Kiritimati', umask: '077' },
    { tree, LC_ALL: 'tr_TR.UTF-8', TZ: 'America/St_Johns', umask: '000' },
  ]
  const packages: string[] = []
  for (const [index, { tree: root, LC_ALL, TZ, umask }] of runs.entries()) {
    const out = path.join(folder, `${index}.tar.gz`)
    const preload = path.join(folder, `umask-${umask}.mjs`)
    writeFileSync(preload, `process.umask(0o${umask})`)
    const env = { LC_ALL, LANG: LC_ALL, TZ }
    const ran = await pack(['--root', root, '--out', out, '--sign', key], {
      env,
      nodeArgs: ['--import', preload],
    })
    expect(ran.code, ran.stderr).toBe(0)
    packages.push(readFileSync(out, 'hex'))
  }
  expect(new Set(packages).size).toBe(1)
  expect(
    execFileSync('tar', ['tzf', path.join(folder, '0.tar.gz')], { encoding: 'utf8' }).split('\n').length,
  ).toBe(Object.keys(GOOD).length + 3)
})

test('says what it wrote, and what it wrote is accepted', async () => {
  const key = await keygen()
  const ran = await pack(['--root', tree, '--sign', key, '--json'])
  const result = packageCommand.result.parse(ran.json().result)
  const publicKey = parsePublicKey(readFileSync(key.replace(/key$/, 'pub'), 'utf8'), 'release.pub')
  const out = path.join(folder, 'tradebot-1.2.3.tar.gz')
  const opened = await openPackage(out, { trusted: [publicKey], allowUnsigned: false })
  await opened.close()
  expect(result).toEqual({
    ...{ path: out, release: '1.2.3', files: Object.keys(GOOD).length, keyId: publicKey.keyId },
    ...{ bytes: opened.bytes, sha256: opened.sha256, listing: null },
  })
  expect(opened.manifest).toEqual(manifestOf(GOOD))

  const spoken = await pack(['--root', tree])
  expect(spoken).toMatchObject({ code: 0, stderr: '' })
  expect(spoken.stdout).toMatch(
    /^TradeBot 1\.2\.3, 8 files, unsigned: .*\nSHA-256 {4}[0-9a-f]{64}\nWritten to .*tradebot-1\.2\.3\.tar\.gz \(\d+ bytes\)\n$/,
  )
})

test('a package within the tree is no part of the next one', async () => {
  const first = await pack(['--json'], { cwd: tree })
  const second = await pack(['--json'], { cwd: tree })
  expect(first.code, first.stdout).toBe(0)
  expect(second.json().result).toEqual(first.json().result)
})

test('--dry-run lists the files and writes nothing', async () => {
  const ran = await pack(['--root', tree, '--dry-run', '--json'])
  expect(packageCommand.result.parse(ran.json().result)).toMatchObject({
    path: null,
    listing: manifestOf(GOOD).files.map(({ path, size, mode }) => ({ path, size, mode })),
  })
  expect(readdirSync(folder)).toEqual(['tree'])
})

const REFUSED: readonly (readonly [
  what: string,
  code: string,
  exit: number,
  spoil: (root: string) => void,
])[] = [
  [
    'a private key in PEM',
    'SECRET_IN_TREE',
    4,
    (root) => writeFileSync(path.join(root, 'app/notes.txt'), `x\n${privatePem()}`),
  ],
  [
    'a private key within JSON',
    'SECRET_IN_TREE',
    4,
    (root) => writeFileSync(path.join(root, 'app/account.json'), JSON.stringify({ key: privatePem() })),
  ],
  [
    'a private key far into a file',
    'SECRET_IN_TREE',
    4,
    (root) => writeFileSync(path.join(root, 'app/log.txt'), `${'x'.repeat(65_530)}${privatePem()}`),
  ],
  ['master.key', 'SECRET_IN_TREE', 4, (root) => writeFileSync(path.join(root, 'app/master.key'), 'AAAA')],
  ['.envrc', 'SECRET_IN_TREE', 4, (root) => writeFileSync(path.join(root, '.envrc'), 'export X=1')],
  [
    'a copy of the signing key',
    'SIGNING_KEY_IN_TREE',
    4,
    (root) => copyFileSync(path.join(folder, 'release.key'), path.join(root, 'app/harmless.txt')),
  ],
  [
    'a symbolic link',
    'TREE_SPECIAL_FILE',
    3,
    (root) => symlinkSync('/etc/passwd', path.join(root, 'app/link')),
  ],
  [
    'a name that ustar cannot hold',
    'PATH_TOO_LONG',
    3,
    (root) => writeFileSync(path.join(root, `app/${'n'.repeat(120)}`), ''),
  ],
  [
    'no version',
    'TREE_NO_RELEASE',
    3,
    (root) => writeFileSync(path.join(root, 'package.json'), '{"name":"tradebot"}'),
  ],
]

test.for(REFUSED)('refuses a tree with %s and leaves no package', async ([, code, exit, spoil]) => {
  const key = path.join(folder, 'release.key')
  writeFileSync(key, privatePem(), { mode: 0o600 })
  spoil(tree)
  const ran = await pack(['--root', tree, '--sign', key, '--json'])
  expect([ran.code, ran.json().error?.code]).toEqual([exit, code])
  expect(readdirSync(folder).sort()).toEqual(['release.key', 'tree'])
})

test('a file that changes while it is packed is an error, and leaves what was there', async () => {
  const out = path.join(folder, 'tradebot-1.2.3.tar.gz')
  expect((await pack(['--root', tree])).code).toBe(0)
  const before = readFileSync(out)
  // Appends to a file as soon as the first byte of a draft is written.
  const preload = path.join(folder, 'preload.mjs')
  writeFileSync(
    preload,
    `import fs from 'node:fs'
     import { syncBuiltinESMExports } from 'node:module'
     const { writeSync } = fs
     fs.writeSync = (...args) => { fs.appendFileSync(${JSON.stringify(path.join(tree, 'scripts/run.sh'))}, '#'); return writeSync(...args) }
     syncBuiltinESMExports()`,
  )
  const ran = await pack(['--root', tree, '--json'], { nodeArgs: ['--import', preload] })
  expect([ran.code, ran.json().error?.code]).toEqual([3, 'TREE_CHANGED'])
  expect(readFileSync(out)).toEqual(before)
  expect(readdirSync(folder).sort()).toEqual(['preload.mjs', 'tradebot-1.2.3.tar.gz', 'tree'])
})

test('writes over a package, and over nothing else', async () => {
  const out = path.join(folder, 'mine.txt')
  writeFileSync(out, 'mine')
  const ran = await pack(['--root', tree, '--out', out, '--json'])
  expect([ran.code, ran.json().error?.code]).toEqual([4, 'OUT_OCCUPIED'])
  expect(readFileSync(out, 'utf8')).toBe('mine')
  const nowhere = await pack(['--root', tree, '--out', path.join(folder, 'none', 'x.tar.gz'), '--json'])
  expect([nowhere.code, nowhere.json().error?.code]).toEqual([3, 'OUT_FOLDER_MISSING'])
  symlinkSync(out, path.join(folder, 'a-link'))
  for (const command of ['package', 'manifest']) {
    const onLink = await tradebotctl([
      command,
      '--root',
      tree,
      '--out',
      path.join(folder, 'a-link'),
      '--json',
    ])
    expect([onLink.code, onLink.json().error?.code]).toEqual([4, 'OUT_NOT_A_FILE'])
  }
})

test('an encrypted key needs its passphrase, and signs with it', async () => {
  const key = path.join(folder, 'locked')
  const made = await tradebotctl(['keygen', '--out', key, '--passphrase-file', '-'], {
    stdin: 'correct horse\n',
  })
  expect(made.code, made.stderr).toBe(0)
  expect(readFileSync(`${key}.key`, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
  const args = ['--root', tree, '--sign', `${key}.key`, '--json']
  expect((await pack(args)).code).toBe(2)
  const wrong = await pack([...args, '--passphrase-file', '-'], { stdin: 'wrong' })
  expect([wrong.code, wrong.json().error?.code]).toEqual([4, 'KEY_UNREADABLE'])
  const right = await pack([...args, '--passphrase-file', '-'], { stdin: 'correct horse' })
  expect(right.json().error).toBeNull()
  expect(existsSync(path.join(folder, 'tradebot-1.2.3.tar.gz'))).toBe(true)
})

test('what needs a build is built by the tree itself first, and a failed build leaves no package', async () => {
  const setup = path.join(tree, 'scripts/setup.mjs')
  writeFileSync(setup, `process.exit(process.argv[2] === 'build' ? 7 : 0)`)
  const failed = await pack(['--root', tree, '--json'])
  expect([failed.code, failed.json().error?.code]).toEqual([3, 'BUILD_FAILED'])
  writeFileSync(
    setup,
    `import { mkdirSync, writeFileSync } from 'node:fs'
     for (const folder of ['app/dist', 'prisma/generated', 'scripts/dist']) mkdirSync(folder, { recursive: true })
     for (const file of ['app/dist/index.html', 'scripts/dist/tradebotctl.mjs']) writeFileSync(file, process.env.TZ)`,
  )
  const ran = await pack(['--root', tree, '--json'])
  expect(ran.json().error).toBeNull()
  expect(readFileSync(path.join(tree, 'app/dist/index.html'), 'utf8')).toBe('UTC')
  expect(readdirSync(folder).sort()).toEqual(['tradebot-1.2.3.tar.gz', 'tree'])
})

function privatePem(): string {
  return generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey
}
