import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { RefusedError } from '../frame/errors.ts'
import { BOUNDS } from './bounds.ts'
import { byPath, encodeManifest, parseManifest, type Manifest, type ManifestFile } from './manifest.ts'
import { makePathSet, pathFault } from './safe-path.ts'

// They wait for the disk, beside other tests that do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const sha256 = 'a'.repeat(64)
const file = (path: string): ManifestFile => ({ path, size: 1, mode: '0644', sha256 })

function manifestOf(files: ManifestFile[], release = '1.2.3'): Manifest {
  return { format: 'tradebot-manifest', version: 1, product: 'tradebot', release, files }
}

function codeOf(bytes: Buffer | string): string {
  try {
    parseManifest(Buffer.from(bytes))
  } catch (error) {
    if (error instanceof RefusedError && error.exitCode === 4) return error.code
    throw error
  }
  return 'accepted'
}

/** The text of a good manifest with one thing replaced. */
function altered(from: string, to: string): string {
  const text = encodeManifest(manifestOf([file('a'), file('b')])).toString()
  expect(text).toContain(from)
  return text.replace(from, to)
}

const partName = fc.stringMatching(/^[a-zA-Z0-9_äé字 -]{0,8}[a-z0-9]$/)
const someFiles = fc
  .uniqueArray(
    fc.record({
      path: fc.array(partName, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
      size: fc.nat(BOUNDS.fileBytes / 4),
      mode: fc.constantFrom('0644' as const, '0755' as const),
      sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    }),
    { maxLength: 12, selector: (each) => each.path },
  )
  .map((files) => {
    const set = makePathSet()
    return files.filter(({ path }) => !pathFault(path) && !/^data(\/|$)/i.test(path) && !set.faultOf(path))
  })
  .map((files) => files.toSorted(byPath))

test('what is encoded is parsed to the same, and encoded again to the same bytes', () => {
  fc.assert(
    fc.property(someFiles, fc.constantFrom('0.1.0', '10.20.30-rc.1'), (files, release) => {
      const bytes = encodeManifest(manifestOf(files, release))
      expect(parseManifest(bytes)).toEqual(manifestOf(files, release))
      expect(encodeManifest(parseManifest(bytes)).equals(bytes)).toBe(true)
    }),
  )
})

test('any other byte anywhere is either refused or another manifest', () => {
  const bytes = encodeManifest(manifestOf([file('a/b.ts'), file('c')]))
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const other = Buffer.from(bytes)
      other[at] = (bytes[at] ?? 0) ^ by
      if (codeOf(other) === 'accepted') expect(encodeManifest(parseManifest(other))).toEqual(other)
    }),
  )
})

test('bytes and JSON of any kind are refused, never a fault', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void codeOf(Buffer.from(bytes))))
  fc.assert(fc.property(fc.json(), (json) => void codeOf(json)))
  const header = { format: 'tradebot-manifest', version: 1, product: 'tradebot' }
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (release, files) => {
      expect(codeOf(JSON.stringify({ ...header, release, files }))).not.toBe('accepted')
    }),
  )
  expect(codeOf('['.repeat(200_000))).toBe('MANIFEST_NOT_JSON')
  const deep = `{"format":"tradebot-manifest","version":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
  expect(codeOf(deep)).toBe('MANIFEST_VERSION_UNKNOWN')
})

describe('each fault has its own code', () => {
  // The title holds the code alone: one of them is 24 MiB long.
  test.each(
    [
      [Buffer.from([0xff, 0xfe]), 'MANIFEST_NOT_UTF8'],
      ['', 'MANIFEST_NOT_JSON'],
      ['\uFEFF{}', 'MANIFEST_NOT_JSON'],
      ['null', 'MANIFEST_FORMAT'],
      ['{}', 'MANIFEST_FORMAT'],
      [altered('"version": 1', '"version": 2'), 'MANIFEST_VERSION_UNKNOWN'],
      [altered('"version": 1', '"version": "1"'), 'MANIFEST_VERSION_UNKNOWN'],
      [altered('"product": "tradebot"', '"product": "other"'), 'MANIFEST_OTHER_PRODUCT'],
      [altered('"release"', '"releases"'), 'MANIFEST_TYPE'],
      [altered('"1.2.3"', '"1.2.3", "more": 1'), 'MANIFEST_UNKNOWN_KEY'],
      [altered('"mode": "0644"', '"mode": "0644", "uid": 0'), 'MANIFEST_UNKNOWN_KEY'],
      [altered('"1.2.3"', '"1.2"'), 'MANIFEST_RELEASE'],
      [altered('"1.2.3"', '"../../etc"'), 'MANIFEST_RELEASE'],
      [altered('"1.2.3"', '"1.2.3-a.partial"'), 'MANIFEST_RELEASE'],
      [altered('"size": 1', '"size": -1'), 'MANIFEST_SIZE'],
      [altered('"size": 1', '"size": 1.5'), 'MANIFEST_SIZE'],
      [altered('"size": 1', '"size": 9007199254740993'), 'MANIFEST_SIZE'],
      [altered('"size": 1', `"size": ${BOUNDS.fileBytes + 1}`), 'MANIFEST_FILE_TOO_LARGE'],
      [altered('"size": 1', '"size": "1"'), 'MANIFEST_TYPE'],
      [altered('"0644"', '"4755"'), 'MANIFEST_MODE'],
      [altered('"0644"', '"0600"'), 'MANIFEST_MODE'],
      [altered(sha256, sha256.toUpperCase()), 'MANIFEST_HASH'],
      [altered(sha256, 'a'), 'MANIFEST_HASH'],
      [altered('"1.2.3"', '"1.2.3", "release": "1.2.3"'), 'MANIFEST_NOT_CANONICAL'],
      [altered('"path": "a"', '"path": "\\u0061"'), 'MANIFEST_NOT_CANONICAL'],
      [altered('"size": 1', '"size": 1.0'), 'MANIFEST_NOT_CANONICAL'],
      [altered('\n', '\r\n'), 'MANIFEST_NOT_CANONICAL'],
      [altered('"path": "a"', '"path": "c"'), 'MANIFEST_UNSORTED'],
      [Buffer.alloc(BOUNDS.manifestBytes + 1, 32), 'MANIFEST_TOO_LARGE'],
    ].map(([bytes, code]) => ({ bytes: bytes ?? '', code: String(code) })),
  )('$code (%#)', ({ bytes, code }) => {
    expect(codeOf(bytes)).toBe(code)
  })

  test.each([
    ['', 'PATH_EMPTY'],
    ['/etc/passwd', 'PATH_ABSOLUTE'],
    ['C:/x', 'PATH_ABSOLUTE'],
    ['..', 'PATH_CLIMBS'],
    ['a/../b', 'PATH_CLIMBS'],
    ['./a', 'PATH_CLIMBS'],
    ['a//b', 'PATH_EMPTY_PART'],
    ['a/', 'PATH_EMPTY_PART'],
    ['a\\b', 'PATH_BACKSLASH'],
    ['a\0b', 'PATH_CONTROL'],
    ['a\nb', 'PATH_CONTROL'],
    ['a\u202Eb', 'PATH_CONTROL'],
    ['\uD800', 'PATH_CONTROL'],
    ['e\u0301', 'PATH_NOT_NFC'],
    ['nul', 'PATH_NOT_PORTABLE'],
    ['a/COM1.txt', 'PATH_NOT_PORTABLE'],
    ['a/b.', 'PATH_NOT_PORTABLE'],
    ['file:stream', 'PATH_NOT_PORTABLE'],
    ['x'.repeat(201), 'PATH_TOO_LONG'],
    [`${'x/'.repeat(30)}x`, 'PATH_TOO_DEEP'],
    ['manifest.json', 'MANIFEST_NAMES_ITSELF'],
    ['Manifest.SIG', 'MANIFEST_NAMES_ITSELF'],
    ['.env', 'PATH_NEVER_CARRIED'],
    ['a/.ENV.local', 'PATH_NEVER_CARRIED'],
    ['data/x', 'PATH_NEVER_CARRIED'],
    ['.git/config', 'PATH_NEVER_CARRIED'],
    ['a/Node_Modules/x', 'PATH_NEVER_CARRIED'],
    ['.tradebot/master.key', 'PATH_NEVER_CARRIED'],
    ['.tradebotignore', 'accepted'],
    ['trading/data/x', 'accepted'],
  ])('the path %j: %s', (path, code) => {
    expect(codeOf(encodeManifest(manifestOf([file(path)])))).toBe(code)
  })

  test.each([
    [['a', 'a'], 'PATH_DOUBLED'],
    [['A', 'a'], 'PATH_COLLIDES'],
    [['Dir/x', 'dir/y'], 'PATH_COLLIDES'],
    [['STRASSE', 'straße'], 'PATH_COLLIDES'],
    [['K', '\u212A'.normalize('NFKC').toLowerCase()], 'PATH_COLLIDES'],
    [['fi', '\uFB01'], 'PATH_COLLIDES'],
    [['a', 'a/b'], 'PATH_FILE_AND_FOLDER'],
    [['a', 'a-b', 'a/b'], 'PATH_FILE_AND_FOLDER'],
  ])('the paths %j: %s', (paths, code) => {
    expect(codeOf(encodeManifest(manifestOf(paths.map(file))))).toBe(code)
  })

  test('too many files, and too many bytes', () => {
    const many = Array.from({ length: BOUNDS.files + 1 }, (_, index) => file(String(index + 100_000)))
    expect(codeOf(encodeManifest(manifestOf(many)))).toBe('MANIFEST_TOO_MANY_FILES')
    const large = Array.from({ length: 9 }, (_, index) => ({ ...file(`f${index}`), size: BOUNDS.fileBytes }))
    expect(codeOf(encodeManifest(manifestOf(large)))).toBe('MANIFEST_TOTAL_TOO_LARGE')
  })
})
