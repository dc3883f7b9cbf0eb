import fc from 'fast-check'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RefusedError } from '../frame/errors.ts'
import { openPackage } from './open-package.ts'
import { GOOD, makeKey, packageOf, partsOf } from './testing/packages.ts'

const key = makeKey()
const trusting = { trusted: [key], allowUnsigned: false }
const good = packageOf(partsOf(GOOD, key))

// Processes and files, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
let target: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tradebot-package-'))
  target = path.join(folder, 'target')
  mkdirSync(target)
})
afterEach(() => rmSync(folder, { recursive: true }))

function written(bytes: Buffer): string {
  const file = path.join(folder, 'package.tar.gz')
  writeFileSync(file, bytes)
  return file
}

/** Every file below, with its mode and content. */
function contents(root: string) {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((name) => lstatSync(path.join(root, name)).isFile())
  return Object.fromEntries(
    files.map((name) => {
      const file = path.join(root, name)
      return [name, `${(lstatSync(file).mode & 0o7777).toString(8)} ${readFileSync(file, 'hex')}`]
    }),
  )
}

function expected() {
  const { manifest, signature } = partsOf(GOOD, key)
  const all = { ...GOOD, 'manifest.json': manifest, 'manifest.sig': signature ?? '' }
  return Object.fromEntries(
    Object.entries(all).map(([name, content]) => [
      name,
      `${name.endsWith('.sh') ? '755' : '644'} ${Buffer.from(content).toString('hex')}`,
    ]),
  )
}

test.for(['077', '000', '022'])(
  'a good package gives the same files and modes under umask %s',
  async (umask) => {
    const opened = await openPackage(written(good), trusting)
    const usual = process.umask(Number.parseInt(umask, 8))
    try {
      await opened.extract(target)
    } finally {
      process.umask(usual)
      await opened.close()
    }
    expect(contents(target)).toEqual(expected())
    expect(lstatSync(path.join(target, 'app')).mode & 0o7777).toBe(0o755)
    expect(opened).toMatchObject({ keyId: key.keyId, bytes: good.length, manifest: { release: '1.2.3' } })
  },
)

test('an unsigned package is taken where that is allowed', async () => {
  const opened = await openPackage(written(packageOf(partsOf(GOOD, null))), {
    trusted: [key],
    allowUnsigned: true,
  })
  await opened.extract(target)
  await opened.close()
  expect(opened).toMatchObject({ keyId: null, signatureBytes: null })
  expect(existsSync(path.join(target, 'manifest.sig'))).toBe(false)
})

test('only what is wanted is written, and what is not read is checked all the same', async () => {
  const opened = await openPackage(written(good), trusting)
  await opened.extract(target, { only: (each) => each === 'scripts/run.sh' })
  expect(Object.keys(contents(target))).toEqual(['manifest.json', 'manifest.sig', 'scripts/run.sh'])
  const seen: string[] = []
  for await (const { file, content } of opened.files()) {
    seen.push(file.path)
    // Of the large one a piece is read, of the others none.
    if (file.size > 100_000) for await (const piece of content) if (piece.length > 0) break
  }
  expect(seen).toEqual(opened.manifest.files.map((file) => file.path))
  await opened.close()
})

test('a package exchanged after it was checked changes nothing; one altered in place is refused', async () => {
  const file = written(good)
  const opened = await openPackage(file, trusting)
  writeFileSync(`${file}.evil`, packageOf(partsOf({ 'evil.sh': 'x' }, key)))
  renameSync(`${file}.evil`, file)
  await opened.extract(target)
  await opened.close()
  expect(contents(target)).toEqual(expected())

  const again = await openPackage(written(good), trusting)
  writeFileSync(file, packageOf(partsOf({ ...GOOD, 'README.md': 'evil' }, key)))
  const other = path.join(folder, 'other')
  mkdirSync(other)
  await expect(again.extract(other)).rejects.toThrow(RefusedError)
  await again.close()
  expect(contents(other)).toEqual({})
})

const PLANTED: readonly (readonly [name: string, to: string, code: string])[] = [
  ['app', 'outside', 'TARGET_NOT_A_FOLDER'],
  ['app', 'nowhere', 'TARGET_NOT_A_FOLDER'],
  ['README.md', 'outside/kept.txt', 'TARGET_OCCUPIED'],
  ['README.md', 'outside/new.txt', 'TARGET_OCCUPIED'],
  ['manifest.json', 'outside/new.txt', 'TARGET_OCCUPIED'],
  ['manifest.sig', 'outside/new.txt', 'TARGET_OCCUPIED'],
]

test.for(PLANTED)('a link %s to %s planted in the target is not followed', async ([name, to, code]) => {
  const outside = path.join(folder, 'outside')
  mkdirSync(outside)
  writeFileSync(path.join(outside, 'kept.txt'), 'kept')
  symlinkSync(path.join(folder, to), path.join(target, name))
  const opened = await openPackage(written(good), trusting)
  await expect(opened.extract(target)).rejects.toMatchObject({ code, exitCode: 4 })
  await opened.close()
  expect(contents(outside)).toEqual({ 'kept.txt': `644 ${Buffer.from('kept').toString('hex')}` })
  expect(existsSync(path.join(folder, 'nowhere'))).toBe(false)
})

test('a target that is a link itself, or holds a file already, is refused', async () => {
  const opened = await openPackage(written(good), trusting)
  symlinkSync(target, path.join(folder, 'link'))
  await expect(opened.extract(path.join(folder, 'link'))).rejects.toMatchObject({
    code: 'TARGET_NOT_A_FOLDER',
  })
  writeFileSync(path.join(target, 'empty.txt'), 'mine')
  await expect(opened.extract(target)).rejects.toMatchObject({ code: 'TARGET_OCCUPIED' })
  expect(readFileSync(path.join(target, 'empty.txt'), 'utf8')).toBe('mine')
  await opened.close()
})

test('it stops when it is told to', async () => {
  const stop = new AbortController()
  const reason = new Error('stopped')
  const opening = openPackage(written(good), {
    ...trusting,
    signal: stop.signal,
    onProgress: () => stop.abort(reason),
  })
  await expect(opening).rejects.toBe(reason)
})

test('a good package with bytes flipped, cut, taken out or put in is refused, or is the same', async () => {
  const small = packageOf(partsOf({ 'a.txt': 'one', 'b/c.sh': 'two' }, key))
  const { manifest } = partsOf({ 'a.txt': 'one', 'b/c.sh': 'two' }, key)
  const at = fc.nat(small.length - 1)
  const damage = fc.oneof(
    fc.record({ at, bit: fc.nat(7) }).map(({ at, bit }) => {
      const copy = Buffer.from(small)
      copy[at] = (copy[at] ?? 0) ^ (1 << bit)
      return copy
    }),
    at.map((length) => small.subarray(0, length)),
    fc
      .record({ at, length: fc.integer({ min: 1, max: 20 }) })
      .map(({ at, length }) => Buffer.concat([small.subarray(0, at), small.subarray(at + length)])),
    fc
      .record({ at, bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }) })
      .map(({ at, bytes }) => Buffer.concat([small.subarray(0, at), bytes, small.subarray(at)])),
  )
  await fc.assert(
    fc.asyncProperty(damage, async (bytes) => {
      try {
        const opened = await openPackage(written(bytes), trusting)
        await opened.close()
        expect(opened.manifestBytes).toEqual(manifest)
      } catch (error) {
        expect(error).toBeInstanceOf(RefusedError)
      }
    }),
    { numRuns: 400 },
  )
})
