import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeManifest } from '../tree/manifest.ts'
import { BUNDLED, tradebotctl } from '../testing/run.ts'
import { corpus } from './testing/corpus.ts'
import { makeKey, manifestOf, type Files } from './testing/packages.ts'
import { snapshot } from './testing/snapshot.ts'

// Every command that takes a package, each in turn, on the bundled program. All that they might write to is in one folder, and stays as it is.
// TRADEBOT_HOSTILE=all takes the whole corpus (hostile-packages.test.ts always does, without processes).
const keys = { trusted: makeKey(), stranger: makeKey() }
const pem = keys.trusted.key.export({ type: 'spki', format: 'pem' })
const COMMANDS = [
  ['repair', '--root', 'clone'],
  ['repair', '--dry-run', '--root', 'installation'],
  ['install', '--prefix', 'new', '--trust', 'release.pub'],
  ['update', '--root', 'installation'],
] as const
const AT_A_TIME = 4
const EVERY = process.env['TRADEBOT_HOSTILE'] === 'all' ? 1 : 3

let sandbox: string
let packages: string
beforeAll(() => {
  sandbox = mkdtempSync(path.join(tmpdir(), 'tradebot-sandbox-'))
  packages = mkdtempSync(path.join(tmpdir(), 'tradebot-hostile-'))
  for (const folder of ['cwd', 'home', 'tmp', 'outside']) mkdirSync(path.join(sandbox, folder))
  const files = { 'package.json': '{"name":"tradebot","version":"1.2.3"}\n', 'README.md': '# Mine\n' }
  write('clone', files)
  write('clone/.tradebot/trusted-keys', { [`${keys.trusted.keyId}.pub`]: pem })
  write('installation/releases/1.0.0', {
    ...files,
    'package.json': '{"name":"tradebot","version":"1.0.0"}\n',
    'manifest.json': encodeManifest(manifestOf(files, '1.0.0')),
  })
  symlinkSync('releases/1.0.0', path.join(sandbox, 'installation', 'current'))
  write('installation/trusted-keys', { [`${keys.trusted.keyId}.pub`]: pem })
  write('installation/data', { 'master.key': 'k' })
  write('installation', {
    '.env': 'PORT=4000\n',
    'installation.json': JSON.stringify({
      product: 'tradebot',
      format: 1,
      installedAt: '2026-11-30T00:00:00.000Z',
      previous: null,
    }),
  })
  write('.', { 'release.pub': pem })
})
afterAll(() => {
  rmSync(sandbox, { recursive: true })
  rmSync(packages, { recursive: true })
})

function write(folder: string, files: Files): void {
  mkdirSync(path.join(sandbox, folder), { recursive: true })
  for (const [name, content] of Object.entries(files))
    writeFileSync(path.join(sandbox, folder, name), content)
}

test('each command that takes a package refuses hostile ones, and writes nothing anywhere', async () => {
  const all = corpus(keys).filter((_, index) => index % EVERY === 0)
  expect(all.length).toBeGreaterThanOrEqual(60)
  const cases = all.map((each, index) => ({
    ...each,
    index,
    command: COMMANDS[index % COMMANDS.length] ?? [],
  }))
  // A copy, so that whoever builds meanwhile is not in the way.
  const program = path.join(packages, 'tradebotctl.mjs')
  copyFileSync(BUNDLED, program)
  const before = snapshot(sandbox)
  const outcomes: Record<string, string> = {}
  const queue = [...cases]
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const file = path.join(packages, `${next.index}.tar.gz`)
      writeFileSync(file, next.bytes)
      const unsigned = next.allowUnsigned === true ? ['--allow-unsigned'] : []
      const args = [...next.command.map(within), ...unsigned, '--json', '--', file]
      const ran = await tradebotctl(args, { program, cwd: path.join(sandbox, 'cwd'), env: environment() })
      outcomes[`${next.command[0]} ${next.name}`] =
        ran.stdout === '' ? `${ran.code} ${ran.stderr}` : `${ran.code} ${ran.json().error?.code}`
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  const expected = cases.map(({ command, name, code }) => [`${command[0]} ${name}`, `4 ${code}`])
  expect(outcomes).toEqual(Object.fromEntries(expected))
  expect(snapshot(sandbox)).toEqual(before)
}, 300_000)

/** What stands for a path is one in the sandbox. */
function within(word: string): string {
  return /^(clone|installation|new|release\.pub)$/.test(word) ? path.join(sandbox, word) : word
}

function environment(): NodeJS.ProcessEnv {
  return {
    HOME: path.join(sandbox, 'home'),
    TMPDIR: path.join(sandbox, 'tmp'),
    TRADEBOT_DATA_DIR: undefined,
    DATABASE_URL: undefined,
  }
}
