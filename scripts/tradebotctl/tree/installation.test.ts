import { generateKeyPairSync } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keyIdOf } from '../archive/keys.ts'
import { signManifest } from '../archive/signature.ts'
import { verify } from '../commands/verify.ts'
import { tradebotctl } from '../testing/run.ts'

// Each starts several processes, beside other tests that do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const keyId = keyIdOf(publicKey)

let root: string
const at = (...parts: string[]) => path.join(root, ...parts)
const release = (...parts: string[]) => at('releases', '1.2.3', ...parts)

beforeEach(async () => {
  root = fs.mkdtempSync(path.join(tmpdir(), 'tradebot-installation-'))
  for (const folder of ['bin', 'trusted-keys', 'data', 'releases/1.2.3/scripts/dist'])
    fs.mkdirSync(at(folder), { recursive: true })
  write(at('installation.json'), '{}')
  write(release('package.json'), '{"name":"tradebot","version":"1.2.3"}')
  write(release('package-lock.json'), '{"lockfileVersion":3,"packages":{"":{}}}')
  write(release('scripts/dist/tradebotctl.mjs'), 'program', 0o755)
  write(at('bin/tradebotctl.mjs'), 'program', 0o755)
  fs.symlinkSync('tradebotctl.mjs', at('bin/tradebotctl'))
  write(at('trusted-keys', `${keyId}.pub`), String(publicKey.export({ type: 'spki', format: 'pem' })))
  fs.symlinkSync('releases/1.2.3', at('current'))
  await tradebotctl(['manifest', '--root', root])
  const signature = signManifest(fs.readFileSync(release('manifest.json')), privateKey)
  fs.writeFileSync(release('manifest.sig'), signature, { mode: 0o644 })
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

function write(file: string, content: string, mode = 0o644): void {
  fs.writeFileSync(file, content)
  fs.chmodSync(file, mode)
}

async function verified(code: number) {
  const ran = await tradebotctl(['verify', '--root', root, '--json'])
  expect(ran.code).toBe(code)
  return verify.result.parse(ran.json().result)
}

test('an installation that is whole is clean, and says who signed it', async () => {
  expect(await verified(0)).toMatchObject({
    tree: release(),
    signature: { state: 'valid', keyId },
    installation: [],
    notes: [],
  })
  const human = await tradebotctl(['verify', '--root', root])
  expect(human.stdout).toContain(`signed with the trusted key ${keyId}`)
})

test('a program that is not the release’s, a foreign manifest and a planted module are differences', async () => {
  write(at('bin/tradebotctl.mjs'), 'another', 0o755)
  fs.mkdirSync(release('trading/node_modules/pg'), { recursive: true })
  const manifest = fs.readFileSync(release('manifest.json'), 'utf8')
  write(release('manifest.json'), manifest.replace('"1.2.3"', '"1.2.4"'))
  const told = await verified(1)
  expect(told).toMatchObject({
    differences: [{ kind: 'EXTRA', path: 'trading/node_modules' }],
    signature: { state: 'invalid', keyId: null },
    installation: [{ path: 'releases/1.2.3' }, { path: 'bin/tradebotctl.mjs' }],
  })
  const human = await tradebotctl(['verify', '--root', root])
  expect(human.code).toBe(1)
  expect(human.stdout).toContain('Signature (1)')
  expect(human.stdout).toContain('Installation (2)')
})

test('what an interrupted update left is a note', async () => {
  fs.mkdirSync(at('releases/1.3.0.partial'))
  expect(await verified(0)).toMatchObject({ notes: [expect.stringContaining('releases/1.3.0.partial')] })
})

test('the manifest of a release is not made anew from damaged files', async () => {
  const before = fs.readFileSync(release('manifest.json'))
  write(release('package.json'), '{"name":"tradebot","version":"1.2.3"} ')
  const refused = await tradebotctl(['manifest', '--root', root, '--json'])
  expect(refused.code).toBe(4)
  expect(refused.json().error?.code).toBe('MANIFEST_OF_RELEASE')
  expect(fs.readFileSync(release('manifest.json'))).toEqual(before)
  expect((await tradebotctl(['manifest', '--root', root, '--out', at('m.json')])).code).toBe(0)
})

test('without the link to a release there is nothing to verify', async () => {
  fs.rmSync(at('current'))
  const ran = await tradebotctl(['verify', '--root', root, '--json'])
  expect(ran.code).toBe(3)
  expect(ran.json().error?.code).toBe('CURRENT_MISSING')
})
