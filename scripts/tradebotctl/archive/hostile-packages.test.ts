import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { RefusedError } from '../frame/errors.ts'
import { openPackage } from './open-package.ts'
import { corpus } from './testing/corpus.ts'
import { makeKey } from './testing/packages.ts'
import { snapshot } from './testing/snapshot.ts'

const keys = { trusted: makeKey(), stranger: makeKey() }
const cases = corpus(keys)
// Processes and files, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tradebot-hostile-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the corpus has at least 60 packages, each named once', () => {
  expect(cases.length).toBeGreaterThanOrEqual(60)
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
})

test.for(cases)('refuses $name ($code)', async ({ bytes, code, allowUnsigned = false }) => {
  const file = path.join(folder, 'package.tar.gz')
  writeFileSync(file, bytes)
  const before = snapshot(folder)
  const opening = openPackage(file, { trusted: [keys.trusted], allowUnsigned })
  await expect(opening).rejects.toThrow(RefusedError)
  await expect(opening).rejects.toMatchObject({ code, exitCode: 4 })
  expect(snapshot(folder)).toEqual(before)
})

test('refuses what is no file, and says when there is none', async () => {
  const options = { trusted: [], allowUnsigned: true }
  mkdirSync(path.join(folder, 'folder.tar.gz'))
  await expect(openPackage(path.join(folder, 'folder.tar.gz'), options)).rejects.toMatchObject({
    code: 'PACKAGE_NOT_A_FILE',
  })
  await expect(openPackage('/dev/null', options)).rejects.toMatchObject({ code: 'PACKAGE_NOT_A_FILE' })
  await expect(openPackage(path.join(folder, 'absent'), options)).rejects.toMatchObject({
    code: 'PACKAGE_MISSING',
    exitCode: 3,
  })
})
